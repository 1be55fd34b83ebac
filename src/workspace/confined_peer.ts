/**
 * Who runs tools for files apart: a process of Deno, or a worker of ours in
 * the executable; either may read and write in their folder, and no more.
 *
 * Deno follows links without asking: what keeps tools in their folder is how
 * they look at paths (`place.ts`). This is the second lock, and what ends a
 * search that does not end by itself.
 *
 * @module
 */

import type { ChildProcess, Host } from "../host/host.ts";
import { linesOf } from "../host/system_apart.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** What `deno compile` must include, from the root of the project. */
export const CONFINED_FILES: readonly string[] = [
  "src/workspace/confined_worker.ts",
  "src/workspace/confined_child.ts",
];

/**
 * How Deno is started for a program that may read and write in the folder that
 * it is started in, and do nothing else. The folder is not named: of its name
 * a comma would be two paths.
 */
export const CONFINED_WORDS: readonly string[] = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--cached-only",
  "--allow-read=.",
  "--allow-write=.",
];

/** Someone who runs calls. */
export interface Peer {
  send(message: JsonObject): void;
  /** Ends it at once; resolves when it is gone. */
  close(): Promise<void>;
}

/** What is heard of a peer. */
export interface PeerEars {
  readonly answered: (message: JsonObject) => void;
  /** It ended by itself, for this reason. */
  readonly ended: (reason: string) => void;
}

/** What it takes to start one. */
export interface PeerOptions {
  readonly host: Pick<Host, "processes" | "platform">;
  /** The folder: absolute, without links in it. */
  readonly root: string;
}

/** Starts a process that runs calls. */
export function startProcess(
  { host, root }: PeerOptions,
  ears: PeerEars,
): Peer {
  const child = host.processes.spawn({
    command: host.platform.executable,
    args: [
      ...CONFINED_WORDS,
      new URL("./confined_child.ts", import.meta.url).href,
    ],
    env: {
      ...host.processes.baseEnv(),
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
    },
    cwd: root,
    group: true,
    tied: true,
  });
  const writer = child.stdin.getWriter();
  const ended = attend(child, ears);
  return {
    send(message) {
      const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
      // That it is gone, its end says.
      writer.write(bytes).catch(() => undefined);
    },
    async close() {
      writer.close().catch(() => undefined);
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function attend(child: ChildProcess, ears: PeerEars): Promise<void> {
  const errors = new Response(child.stderr).text().catch(() => "");
  try {
    for await (const line of linesOf(child.stdout)) {
      const message: Json = JSON.parse(line);
      if (isJsonObject(message)) ears.answered(message);
    }
  } catch {
    // It was ended in the middle of a line.
  }
  const { code } = await child.status;
  const reason = (await errors).trim().split("\n").at(-1) ?? "";
  ears.ended(`it ended with exit code ${code} ${reason}`.trim());
}

/** Starts a worker that runs calls. */
export function startWorker({ root }: PeerOptions, ears: PeerEars): Peer {
  const worker = new Worker(new URL("./confined_worker.ts", import.meta.url), {
    type: "module",
    name: "workspace",
    deno: {
      permissions: {
        read: [root],
        write: [root],
        env: false,
        ffi: false,
        import: false,
        net: false,
        run: false,
        sys: false,
      },
    },
  });
  worker.addEventListener("message", ({ data }) => ears.answered(data));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    ears.ended(event.message);
  });
  return {
    send: (message) => worker.postMessage(message),
    close() {
      worker.terminate();
      return Promise.resolve();
    },
  };
}
