/**
 * The main job in one go, in a home that is thrown away: prepare, apply,
 * run a workflow over this repository and an agent over a real tool server.
 *
 * Needs no key: the models are scripts. `deno task demo --model NAME` puts a
 * real one in their place.
 *
 * @module
 */

import { ROOT, runProgram } from "./command.ts";
import { readFlags, runTask, UsageError } from "./task.ts";

const EXAMPLES = "examples/quickstart";
const QUESTION = "Which decisions are written down, and what of the store?";
/** How the commands that are printed are run by who has npm alone. */
const LAUNCHER = "npx -y deno@2.9.6 task stigmer";

const STIGMER: readonly [string, ...string[]] = [
  Deno.execPath(),
  "run",
  "-q",
  "-A",
  `${ROOT}src/mod.ts`,
];

interface DemoOptions {
  readonly folder: string;
  readonly model: string | undefined;
  readonly thresholdsUrl: string;
  readonly signal: AbortSignal;
}

async function demo(options: DemoOptions): Promise<void> {
  const { folder, model, signal } = options;
  const home = `${folder}/home`;
  const stigmer = (args: readonly string[]): Promise<void> =>
    runStigmer(args, { home, signal });
  const flags = model === undefined ? [] : ["--model", model];

  say(`Stigmer, in the throw-away home ${home}`);
  say(
    model === undefined
      ? "The models are scripts (script:FILE): the same words each time, no key, real tools"
      : `The model is ${model}`,
  );

  await stigmer(["init"]);
  await stigmer(["apply", "-f", `${EXAMPLES}/`]);

  say("A workflow over this repository: git, HTTP, switch, for, fork, agent");
  const input = await reportInput(options.thresholdsUrl);
  say(`${input.files.length} files of this folder are its input`);
  if (!await hasHistory()) {
    say(
      "There is no .git folder or no git here, so the report uses files only",
    );
  }
  const inputFile = `${folder}/input.json`;
  await Deno.writeTextFile(inputFile, JSON.stringify(input));
  await stigmer(
    ["run", "repository-report", "--input-file", inputFile, ...flags],
  );

  say("An agent over the real filesystem tool server, started by its name");
  await stigmer(["agent", "execute", "librarian", QUESTION, ...flags]);

  say("All of it was stored, task by task");
  await stigmer(["execution", "list"]);
  const listed = await runProgram([
    ...STIGMER,
    "execution",
    "list",
    "-o",
    "name",
  ], {
    env: demoEnv(home),
    signal,
  });
  const report = listed.stdout.split("\n").find((it) => it.startsWith("wex-"));
  if (report !== undefined) await stigmer(["execution", "logs", report]);

  say("What an agent does is held by tests, with no key and no network");
  await stigmer(["test", "-f", "examples/tested"]);

  say("Try next, in your own home (~/.stigmer):");
  console.log(`  ${LAUNCHER} apply -f ${EXAMPLES}/`);
  console.log(`  ${LAUNCHER} agent execute librarian "${QUESTION}"`);
  console.log(`  ${LAUNCHER} execution list`);
}

function say(text: string): void {
  console.log(`\n── ${text}`);
}

/** Runs one command from source, shows it, and ends the demo when it fails. */
async function runStigmer(
  args: readonly string[],
  of: { readonly home: string; readonly signal: AbortSignal },
): Promise<void> {
  const { home, signal } = of;
  signal.throwIfAborted();
  const shown = args.map((it) => /[\s?]/.test(it) ? JSON.stringify(it) : it);
  console.log(`\n$ stigmer ${shown.join(" ")}`);
  const result = await runProgram(
    [...STIGMER, ...args],
    { env: demoEnv(home), inherit: true, signal },
  );
  if (result.ok) return;
  throw new Error(`stigmer ${shown.join(" ")} ended with ${result.code}`);
}

/** The service that the workflow asks: what counts as large. */
function serveThresholds(): {
  readonly url: string;
  close(): Promise<void>;
} {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ largeRepositoryFiles: 200 }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/thresholds`,
    close: () => server.shutdown(),
  };
}

/** What the report is given of one file. */
interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly language: string;
  readonly lines: number;
}

const LANGUAGES: Readonly<Record<string, string>> = {
  ts: "TypeScript",
  md: "Markdown",
  proto: "Protocol Buffers",
  sql: "SQL",
  yaml: "YAML",
  yml: "YAML",
};
const FILES_MAX = 5000;

async function reportInput(thresholdsUrl: string): Promise<{
  readonly files: readonly SourceFile[];
  readonly thresholdsUrl: string;
}> {
  const files: SourceFile[] = [];
  for await (const path of listFiles("")) {
    const language = LANGUAGES[path.slice(path.lastIndexOf(".") + 1)];
    if (language === undefined) continue;
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    files.push({
      path,
      folder: path.includes("/") ? path.slice(0, path.indexOf("/")) : ".",
      language,
      lines: text.split("\n").length,
    });
    if (files.length >= FILES_MAX) break;
  }
  return { files, thresholdsUrl };
}

/** Lists files below a folder, hidden and installed ones left out. */
async function* listFiles(prefix: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}${prefix}`));
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory) yield* listFiles(`${path}/`);
    else if (entry.isFile) yield path;
  }
}

async function hasHistory(): Promise<boolean> {
  try {
    return (await runProgram(["git", "log", "-n", "1"])).ok;
  } catch {
    return false;
  }
}

const HELP = `Run the examples in a throw-away home

Usage: deno task demo [--model <name>]

Options:
  --model <name>  Take this model instead of the scripts, as anthropic/NAME
  --help          Print this

Examples:
  deno task demo
  deno task demo --model ollama/llama3.2`;

/** The end of a process that a person interrupts. */
const INTERRUPTED_EXIT_CODE = 130;
/** Signals by which a person stops it; Windows has the first alone. */
const STOPS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

async function run(args: readonly string[]): Promise<number> {
  const options = { model: { type: "string" } } as const;
  const { values, positionals } = readFlags(args, options, "run the demo");
  const [other] = positionals;
  if (other !== undefined) {
    throw new UsageError(`Cannot run the demo: "${other}" is no option`);
  }
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  for (const signal of STOPS) Deno.addSignalListener(signal, stop);
  const folder = await Deno.makeTempDir({ prefix: "stigmer-demo-" });
  const server = serveThresholds();
  try {
    const { signal } = stopped;
    const { model } = values;
    await demo({ folder, model, thresholdsUrl: server.url, signal });
    return 0;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    console.error("Stopped: its home is removed");
    return INTERRUPTED_EXIT_CODE;
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
    for (const signal of STOPS) Deno.removeSignalListener(signal, stop);
  }
}

/** What a throw-away home takes; it leaves nothing in the keychain. */
function demoEnv(home: string): Record<string, string> {
  return { STIGMER_HOME: home, STIGMER_KEY_SOURCE: "key-file" };
}

if (import.meta.main) {
  await runTask({ name: "demo", act: "run the demo", help: HELP, run });
}
