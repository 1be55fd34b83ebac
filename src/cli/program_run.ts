/**
 * Runs a script that defines resources, in a process that may do nothing: no
 * file, no network, no variable, no program; for a bounded time, with bounded
 * output and a bounded heap. Its modules are loaded before, and are looked at.
 *
 * @module
 */

import type { ChildProcess } from "../host/host.ts";
import { folderOfPath } from "../host/os.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import type { Context } from "./context.ts";
import {
  type ProgramFault,
  programFault,
  TELL_HINTS,
} from "./program_fault.ts";
import { checkImports } from "./program_graph.ts";
import { importMapFor, ownFolderUrl } from "./program_modules.ts";
import {
  type DefinedResource,
  parsePrinted,
  RESOURCES_MARK,
} from "./program_printed.ts";

/** How long a script may take. */
const PROGRAM_MS_MAX = 30_000;
/** How long its modules may take to be loaded, which may come from afar. */
const LOAD_MS_MAX = 120_000;
/** Bytes that it may print at the most. */
const OUTPUT_SIZE_BYTES_MAX: number = 16 * 1024 * 1024;
/** Mebibytes of objects that it may make; buffers are not among them. */
const HEAP_SIZE_MIB_MAX = 512;
/** What Deno says of a module that was not loaded before. */
const NOT_LOADED = "--cached-only is specified";

/** A script, as it was named and as it is found. */
export interface Program {
  readonly path: string;
  readonly absolute: string;
  readonly url: string;
}

/** What Deno is called with for a script. */
interface Call {
  readonly deno: string;
  readonly program: Program;
  /** How modules are found. */
  readonly modules: readonly string[];
}

/** How it ended. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Gives the resources that a script exports.
 *
 * @throws {StigmerError} FAILED_PRECONDITION where there is no Deno to run it;
 * INVALID_ARGUMENT when it fails, or imports what it may not.
 */
export async function runProgram(
  context: Context,
  program: Program,
): Promise<readonly DefinedResource[]> {
  const { host } = context;
  const { path, absolute } = program;
  const map = await importMapFor(host, absolute);
  const call: Call = {
    deno: requireDeno(context, program),
    program,
    modules: ["--no-lock", "--no-config", `--import-map=${map}`],
  };
  const graph = await load(context, call, ["info", "--json"]);
  if (graph.code === 0) {
    const ownUrl = ownFolderUrl(host);
    await checkImports(host, graph.stdout, { path, absolute, ownUrl });
  }
  let ended = await define(context, call);
  if (ended.code !== 0 && ended.stderr.includes(NOT_LOADED)) {
    await load(context, call, ["cache", "--no-check"]);
    ended = await define(context, call);
  }
  const resources = ended.code === 0
    ? parsePrinted(ended.stdout, path)
    : undefined;
  if (resources !== undefined) return resources;
  const { text, hints } = faultOf(ended, ownFolderUrl(host));
  throw invalidArgument(`Cannot run "${path}": ${text}`, { hints });
}

/** Loads what it imports, and does not run it. */
function load(
  context: Context,
  call: Call,
  [command = "", ...options]: readonly string[],
): Promise<Ended> {
  const { modules, program } = call;
  return runDeno(context, call, {
    args: [command, "--quiet", ...options, ...modules, program.url],
    input: "",
    msMax: LOAD_MS_MAX,
  });
}

/** Runs the module that imports it, which comes on standard input. */
function define(context: Context, call: Call): Promise<Ended> {
  return runDeno(context, call, {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      "--no-code-cache",
      "--cached-only",
      `--v8-flags=--max-old-space-size=${HEAP_SIZE_MIB_MAX}`,
      "--ext=ts",
      ...call.modules,
      "-",
    ],
    input: mainOf(call.program),
    msMax: PROGRAM_MS_MAX,
  });
}

/** Deno itself, where this is one; else the one on PATH. */
function requireDeno({ host }: Context, { path }: Program): string {
  const { platform, processes } = host;
  const deno = platform.standalone
    ? processes.find("deno")
    : platform.executable;
  if (deno !== undefined) return deno;
  throw failedPrecondition(
    `Cannot run "${path}": there is no deno on PATH, which reads TypeScript`,
    {
      hints: [
        "Install Deno (https://deno.com), or print the manifests elsewhere " +
        "and pipe them in: stigmer apply -f -",
      ],
    },
  );
}

/** What would keep something on the disk, or do so elsewhere. */
const KEEPING = ["localStorage", "caches", "Worker"] as const;

/**
 * The module that imports the script: what that prints meanwhile is talk, and
 * goes to stderr.
 */
function mainOf({ url }: Program): string {
  const quiet = "const say = console.error;" +
    "Object.assign(console, { log: say, info: say, debug: say });" +
    KEEPING.map((name) => `delete globalThis.${name};`).join("") + TELL_HINTS;
  return `
    import ${
    JSON.stringify(`data:text/javascript,${encodeURIComponent(quiet)}`)
  };
    import * as made from ${JSON.stringify(url)};
    const found = new Set(Object.values(made).flat()
      .filter((it) => typeof it?.toManifest === "function"));
    const resources = [...found].map((it) => ({
      manifest: it.toManifest(),
      places: it.places,
    }));
    const text = ${
    JSON.stringify(RESOURCES_MARK)
  } + JSON.stringify({ resources });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      at += Deno.stdout.writeSync(bytes.subarray(at));
    }
    // What it left open is nobody's any more.
    Deno.exit(0);
  `;
}

async function runDeno(
  { host, signal }: Context,
  { deno, program }: Call,
  { args, input, msMax }: {
    readonly args: readonly string[];
    readonly input: string;
    readonly msMax: number;
  },
): Promise<Ended> {
  const { platform, processes } = host;
  const child = processes.spawn({
    command: deno,
    args,
    env: {
      ...processes.baseEnv(),
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
    },
    cwd: folderOfPath(platform.os, program.absolute),
    group: true,
    tied: true,
  });
  let why: string | undefined;
  const end = (reason: string): void => {
    why ??= reason;
    child.kill("SIGKILL");
  };
  const stop = host.clock.timer(
    msMax,
    () => end(`it took longer than ${msMax / 1000} s`),
  );
  const interrupted = (): void => end("it was interrupted");
  signal.addEventListener("abort", interrupted);
  try {
    const [stdout, stderr, { code }] = await Promise.all([
      textOf(child.stdout, end),
      textOf(child.stderr, end),
      child.status,
      feed(child, input),
    ]);
    if (why === undefined) return { code, stdout, stderr };
    throw invalidArgument(`Cannot run "${program.path}": ${why}`);
  } finally {
    stop();
    signal.removeEventListener("abort", interrupted);
  }
}

async function feed(child: ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It ended before it had read: its status says why.
  }
}

async function textOf(
  stream: ReadableStream<Uint8Array>,
  end: (reason: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > OUTPUT_SIZE_BYTES_MAX) {
      end(`it printed over ${OUTPUT_SIZE_BYTES_MAX} bytes`);
      break;
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** What is wrong with a script that ended like that. */
function faultOf(
  { code, stderr }: Ended,
  ownUrl: string | undefined,
): ProgramFault {
  if (stderr.includes("out of memory")) {
    const text = `it needed more than ${HEAP_SIZE_MIB_MAX} MiB of memory`;
    return { text, hints: [] };
  }
  return programFault(stderr, ownUrl) ??
    { text: `it ended itself with code ${code}`, hints: [] };
}
