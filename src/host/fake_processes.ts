/**
 * Programs made of functions, for tests.
 *
 * @module
 */

import type { ChildProcess, Processes, SpawnOptions } from "./host.ts";
import { type Os, separatorOf } from "./os.ts";

/** What the name of a program may end in on Windows, as PATHEXT says there. */
const WINDOWS_ENDINGS: readonly string[] = ["", ".exe", ".bat", ".cmd"];

/** How a program of a test was run. */
export interface FakeRun extends SpawnOptions {
  /** All that it was given by stdin. */
  readonly stdin: string;
  /** Aborted when it is killed. */
  readonly signal: AbortSignal;
}

/** What a program of a test does. */
export interface FakeEnd {
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A program of a test. */
export type FakeProgram = (run: FakeRun) => FakeEnd | Promise<FakeEnd>;

/** Makes processes of functions, by the absolute paths of their programs. */
export function fakeProcesses(
  programs: Readonly<Record<string, FakeProgram>>,
  os: Os,
): Processes {
  return {
    spawn(options) {
      const program = Object.hasOwn(programs, options.command)
        ? programs[options.command]
        : undefined;
      if (program === undefined) {
        throw new Deno.errors.NotFound(`no such program: ${options.command}`);
      }
      return spawn(program, options);
    },
    find: (command) =>
      Object.keys(programs).find((path) => means(os, { command, path })),
    baseEnv: () => ({}),
    endOrphans: () => Promise.resolve(0),
  };
}

/** Says whether a word finds a program. */
function means(
  os: Os,
  { command, path }: { readonly command: string; readonly path: string },
): boolean {
  const isIt = (at: string, word: string): boolean =>
    at === word || at.endsWith(separatorOf(os) + word);
  if (os !== "windows") return isIt(path, command);
  return WINDOWS_ENDINGS.some((ending) =>
    isIt(path.toLowerCase(), command.toLowerCase() + ending)
  );
}

function spawn(program: FakeProgram, options: SpawnOptions): ChildProcess {
  const killed = new AbortController();
  const input = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const stdout = pipe();
  const stderr = pipe();
  async function run(): Promise<FakeEnd> {
    const stdin = await new Response(input.readable).text();
    return await program({ ...options, stdin, signal: killed.signal });
  }
  const dead = new Promise<FakeEnd>((resolve) =>
    killed.signal.addEventListener("abort", () => resolve({ code: 137 }))
  );
  const ended = Promise.race([run(), dead]).then(async (end) => {
    await Promise.all([stdout.end(end.stdout), stderr.end(end.stderr)]);
    return end;
  });
  return {
    pid: 1,
    stdin: input.writable,
    stdout: stdout.readable,
    stderr: stderr.readable,
    status: ended.then(({ code }) => ({
      code,
      signal: killed.signal.aborted ? "SIGKILL" : undefined,
    })),
    kill: () => killed.abort(),
  };
}

function pipe(): {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly end: (text?: string) => Promise<void>;
} {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  return {
    readable,
    async end(text = "") {
      const writer = writable.getWriter();
      // Whoever reads no further has ended it.
      await writer.write(new TextEncoder().encode(text)).catch(() => {});
      await writer.close().catch(() => {});
    },
  };
}
