/**
 * The `script` activity: runs code that a workflow brings along.
 *
 * JavaScript and TypeScript run in a Deno of their own that may do nothing but
 * compute: no network, no files, no processes, no modules but Node's own, and
 * no variables but those that the task gives it. Python runs as the host's
 * interpreter does, with the same rights as a command.
 *
 * @module
 */

import { fileUrlOf } from "../host/file_url.ts";
import type { Host, SpawnOptions } from "../host/host.ts";
import { joinPath, type Os } from "../host/os.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { type ProcessHost, runProcess } from "./process.ts";
import {
  parseProcessInput,
  parseText,
  type ProcessInput,
} from "./process_input.ts";

/** The languages that scripts are written in. */
export type ScriptLanguage = "js" | "ts" | "python";

/** What a script is in a file. */
const FILE_NAMES: Readonly<Record<ScriptLanguage, string>> = {
  js: "script.mjs",
  ts: "script.mts",
  python: "script.py",
};
/** How the interpreter of Python is called, the best name first. */
const PYTHON_NAMES: readonly string[] = ["python3", "python"];
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A script to run. */
interface ScriptInput extends ProcessInput {
  readonly language: ScriptLanguage;
  readonly code: string;
}

/** Makes the activity. */
export function createScriptActivity(
  { host }: { readonly host: ProcessHost },
): Activity {
  return async (json, context) => {
    const input = parseInput(json);
    const interpreter = requireInterpreter(host, input.language);
    const made = await host.files.makeTemporaryDirectory();
    let outcome: ActivityOutcome | undefined;
    try {
      const folder = await host.files.realPath(made);
      outcome = await runIn(host, { input, interpreter, folder, context });
      return outcome;
    } finally {
      const goesOn = !input.await && outcome?.kind === "completed";
      if (!goesOn) await host.files.remove(made);
    }
  };
}

async function runIn(
  host: ProcessHost,
  options: {
    readonly input: ScriptInput;
    readonly interpreter: string;
    /** Of this script alone. */
    readonly folder: string;
    readonly context: ActivityContext;
  },
): Promise<ActivityOutcome> {
  const { input, folder, context } = options;
  const { os } = host.platform;
  const file = joinPath(os, folder, FILE_NAMES[input.language]);
  await host.files.writeAtomic(file, input.code, { mode: 0o600 });
  const spawn = input.language === "python"
    ? pythonOf(host, { ...options, file })
    : await denoOf(host, { ...options, file });
  const outcome = await runProcess(host, {
    ...input,
    what: `the ${input.language} script`,
    spawn,
    removeAfter: folder,
  }, context);
  return outcome.kind === "failed"
    ? {
      kind: "failed",
      failure: withoutFolder(outcome.failure, { os, folder }),
    }
    : outcome;
}

/** Names a file of the script as people know it. */
function withoutFolder<T extends { readonly detail: string }>(
  failure: T,
  { os, folder }: { readonly os: Os; readonly folder: string },
): T {
  const detail = failure.detail.replaceAll(`${fileUrlOf(os, folder)}/`, "")
    .replaceAll(joinPath(os, folder, ""), "");
  return { ...failure, detail };
}

/**
 * Finds what runs a language: Deno itself, or the interpreter on PATH.
 *
 * @throws {StigmerError} FAILED_PRECONDITION, naming what is missing.
 */
export function requireInterpreter(
  host: Pick<Host, "platform" | "processes">,
  language: ScriptLanguage,
): string {
  const { platform, processes } = host;
  if (language === "python") {
    const found = PYTHON_NAMES.map((name) => processes.find(name))
      .find((path) => path !== undefined);
    if (found !== undefined) return found;
    throw failedPrecondition(
      "Cannot run python scripts: there is neither python3 nor python on " +
        "PATH, install Python 3",
    );
  }
  const deno = platform.standalone
    ? processes.find("deno")
    : platform.executable;
  if (deno !== undefined) return deno;
  throw failedPrecondition(
    `Cannot run ${language} scripts: there is no deno on PATH, install Deno ` +
      "(https://deno.com)",
  );
}

interface Start {
  readonly input: ScriptInput;
  readonly interpreter: string;
  readonly folder: string;
  readonly file: string;
  readonly context: ActivityContext;
}

function pythonOf(host: ProcessHost, start: Start): SpawnOptions {
  const { input, interpreter, file, context } = start;
  return {
    command: interpreter,
    // Unbuffered, so that people see what it writes while it runs.
    args: ["-u", file, ...input.args],
    env: { ...host.processes.baseEnv(), ...input.environment },
    cwd: context.workingDirectory,
  };
}

async function denoOf(host: ProcessHost, start: Start): Promise<SpawnOptions> {
  const { input, interpreter, folder, file } = start;
  const names = Object.keys(input.environment);
  refuseNames(names);
  const { os } = host.platform;
  const importMap = joinPath(os, folder, "import_map.json");
  const imports = importMapOf(fileUrlOf(os, file));
  await host.files.writeAtomic(importMap, JSON.stringify(imports));
  return {
    command: interpreter,
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-npm",
      "--no-remote",
      "--no-code-cache",
      // What it was not given reads as absent, as programs expect.
      "--ignore-env",
      ...(names.length === 0 ? [] : [`--allow-env=${names.join(",")}`]),
      `--import-map=${importMap}`,
      file,
      ...input.args,
    ],
    env: {
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      ...input.environment,
      DENO_DIR: joinPath(os, folder, "deno"),
    },
    cwd: folder,
  };
}

/**
 * Static imports are read without asking for permission to read, so that a
 * script could import any file of the machine: it may import none but itself.
 */
function importMapOf(url: string): Json {
  return { imports: { "file:///": null, [url]: url } };
}

/** Variables that steer Deno would widen what the script may do. */
function refuseNames(names: readonly string[]): void {
  for (const name of names) {
    if (VARIABLE_NAME.test(name) && !/^(DENO|NODE|LD|DYLD)_/i.test(name)) {
      continue;
    }
    throw invalidArgument(
      VARIABLE_NAME.test(name)
        ? `Variable "${name}" steers the interpreter, a script cannot have it`
        : `"${name}" is not a name of a variable: use letters, digits and _`,
    );
  }
}

function parseInput(json: Json): ScriptInput {
  const input = isJsonObject(json) ? json : {};
  return {
    ...parseProcessInput(input),
    language: parseLanguage(member(input, "language")),
    code: parseText(member(input, "code")) ?? "",
  };
}

function parseLanguage(json: Json | undefined): ScriptLanguage {
  return json === "ts" || json === "python" ? json : "js";
}
