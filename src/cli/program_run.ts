/**
 * Runs a script that defines resources, in a process that may do nothing: no
 * file, no network, no variable, no program; for a bounded time, with bounded
 * output. Only its modules are loaded for it.
 *
 * @module
 */

import type { ChildProcess } from "../host/host.ts";
import { folderOfPath } from "../host/os.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { VERSION } from "../model/version.ts";
import type { Context } from "./context.ts";

/** How long a script may take, loading its modules included. */
const PROGRAM_MS_MAX = 30_000;
/** Bytes that it may print at the most. */
const OUTPUT_SIZE_BYTES_MAX: number = 16 * 1024 * 1024;
/** Lines of what it says about a failure that are shown. */
const FAULT_LINES_MAX = 8;

/** A place in a module. */
export interface Place {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** A resource that a script defines. */
export interface DefinedResource {
  readonly manifest: JsonObject;
  readonly places?: {
    readonly own?: Place;
    readonly tasks: Readonly<Record<string, Place>>;
  };
}

/** A script, as it was named and as it is found. */
export interface Program {
  readonly path: string;
  readonly absolute: string;
  readonly url: string;
}

/**
 * Gives the resources that a script exports.
 *
 * @throws {StigmerError} FAILED_PRECONDITION where there is no Deno to run it;
 * INVALID_ARGUMENT when it fails.
 */
export async function runProgram(
  context: Context,
  program: Program,
): Promise<readonly DefinedResource[]> {
  const { platform, processes } = context.host;
  const child = processes.spawn({
    command: requireDeno(context, program),
    args: argsOf(context),
    env: {
      ...processes.baseEnv(),
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
    },
    cwd: folderOfPath(platform.os, program.absolute),
    group: true,
    tied: true,
  });
  const printed = await outputOf(context, child, program);
  return parsePrinted(printed, program);
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

/** The script is imported by a module that comes on standard input. */
function argsOf({ host }: Context): readonly string[] {
  const own = ownConfig(host.files);
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-lock",
    "--no-check",
    "--no-code-cache",
    "--ext=ts",
    ...(own === undefined
      ? ["--no-config", `--import-map=${PUBLISHED_MAP}`]
      : ["--config", own]),
    "-",
  ];
}

/** What the SDK is called, and where it is published at this version. */
const PUBLISHED_MAP: string = `data:application/json,${
  encodeURIComponent(JSON.stringify({
    imports: {
      "@stigmer/cli": `jsr:@stigmer/cli@${VERSION}`,
      "@stigmer/cli/sdk": `jsr:@stigmer/cli@${VERSION}/sdk`,
    },
  }))
}`;

/** The configuration of this program's own files, where it runs from them. */
function ownConfig(files: Context["host"]["files"]): string | undefined {
  const url = new URL("../../deno.json", import.meta.url);
  const sdk = new URL("../sdk/mod.ts", import.meta.url);
  if (url.protocol !== "file:") return undefined;
  const [config, module] = [url, sdk].map(pathOf);
  const isThere = [config, module].every((it) =>
    it !== undefined && files.stat(it)?.kind === "file"
  );
  return isThere ? config : undefined;
}

function pathOf({ pathname }: URL): string {
  return decodeURIComponent(pathname).replace(/^\/([A-Za-z]:)/, "$1");
}

/**
 * The module that imports the script: what that prints meanwhile is talk, and
 * goes to stderr.
 */
function mainOf({ url }: Program): string {
  const quiet = "const say = console.error;" +
    "Object.assign(console, { log: say, info: say, debug: say });";
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
    const bytes = new TextEncoder().encode(JSON.stringify({ resources }));
    for (let at = 0; at < bytes.length;) {
      at += Deno.stdout.writeSync(bytes.subarray(at));
    }
  `;
}

async function outputOf(
  { host, signal }: Context,
  child: ChildProcess,
  program: Program,
): Promise<string> {
  const { path } = program;
  let why: string | undefined;
  const end = (reason: string): void => {
    why ??= reason;
    child.kill("SIGKILL");
  };
  const stop = host.clock.timer(
    PROGRAM_MS_MAX,
    () => end(`it took longer than ${PROGRAM_MS_MAX / 1000} s`),
  );
  const interrupted = (): void => end("it was interrupted");
  signal.addEventListener("abort", interrupted);
  try {
    const [stdout, stderr, status] = await Promise.all([
      textOf(child.stdout, end),
      textOf(child.stderr, end),
      child.status,
      feed(child, mainOf(program)),
    ]);
    if (why === undefined && status.code === 0) return stdout;
    throw invalidArgument(
      `Cannot run "${path}": ${why ?? faultOf(stderr)}`,
      {
        hints: why === undefined
          ? [
            "A script defines and exports; it may not read files or " +
            "variables, nor reach the network",
          ]
          : [],
      },
    );
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

/** What Deno says of a failure, without its colours and its own frames. */
function faultOf(stderr: string): string {
  const from = stderr.search(/^error:/m);
  const lines = stderr.slice(Math.max(0, from)).replace(/^error: /, "")
    .split("\n").filter((line) => line.trim() !== "");
  return lines.slice(0, FAULT_LINES_MAX).join("\n");
}

function parsePrinted(
  printed: string,
  { path }: Program,
): readonly DefinedResource[] {
  // Our own module wrote it, of what a script made: only its shape is known.
  const said: { readonly resources?: unknown } = JSON.parse(printed);
  const resources = Array.isArray(said.resources) ? said.resources : [];
  return resources.map((it: DefinedResource) => {
    if (isJsonObject(it.manifest)) return it;
    throw invalidArgument(
      `Cannot read "${path}": what it exports is no resource`,
    );
  });
}
