/**
 * Tries an executable that was built, as a person would: in a home whose path
 * has spaces and letters beyond ASCII, with next to nothing in its
 * environment. `deno task smoke PROGRAM [ARGUMENT …]` runs it; the last line
 * says how it went.
 *
 * @module
 */

import { resolve } from "node:path";
import { ROOT } from "../command.ts";
import { VERSION } from "../../src/model/version.ts";
import { pathFrom, readFlags, runTask, UsageError } from "../task.ts";

/** The program, and what its ends may be used for. */
interface Tried {
  readonly program: readonly [string, ...string[]];
  readonly folder: string;
  /** Whether it may start other programs. */
  readonly mayRun: boolean;
  /** Whether all is in it, and not Deno that runs a program. */
  readonly isWhole: boolean;
  readonly env: Readonly<Record<string, string>>;
}

/** How a program is tried. */
export interface SmokeOptions {
  /** Whether it may start other programs; default that it may. */
  readonly mayRun?: boolean;
  /** Variables that it gets besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** Is told how each trial went. */
  readonly say?: (line: string) => void;
}

/** One thing to try. */
interface Trial {
  readonly name: string;
  readonly args: readonly string[];
  /** What must be in what it writes. */
  readonly expect: string | RegExp;
  /**
   * Whether it takes another program: what an executable does in a worker, a
   * program from source does in a process.
   */
  readonly needsRun?: "always" | "from source";
}

const FOLDER_NAME = "a home with späces, é ";
/** Longer than any of them takes on the slowest machine of a CI. */
const TRIAL_MS_MAX = 120_000;
/** What a program of Windows cannot start without, and where things are. */
const VARIABLES = [
  "PATH",
  "PATHEXT",
  "SystemRoot",
  "ComSpec",
  "TMPDIR",
  "TEMP",
  "TMP",
];

/** jq proper, and not its fast path. */
const WORKFLOW = `document:
  dsl: 1.0.3
  namespace: smoke
  name: smoke
  version: 0.1.0
do:
  - greet:
      set:
        greeting: \${ "hello " + ([.name, "world"] | map(select(. != null)) | first | ascii_upcase) }
`;
const SHELL_WORKFLOW = `document:
  dsl: 1.0.3
  namespace: smoke
  name: smoke-shell
  version: 0.1.0
do:
  - say:
      run:
        shell:
          command: echo started a program
`;

const TRIALS: readonly Trial[] = [
  { name: "its version", args: ["version"], expect: VERSION },
  { name: "its help", args: ["--help"], expect: "Usage:" },
  { name: "a list of nothing", args: ["agent", "list"], expect: "" },
  { name: "the doctor", args: ["doctor"], expect: /^ok /m },
  { name: "a home", args: ["init"], expect: "" },
  {
    name: "a workflow that is applied",
    args: ["apply", "-f", "smoke.yaml"],
    expect: "smoke",
  },
  {
    name: "a run of it",
    args: ["run", "smoke", "--input", "name=ada", "-o", "json"],
    expect: "hello ADA",
  },
  {
    name: "what was stored",
    args: ["execution", "list", "-o", "json"],
    expect: "COMPLETED",
  },
  {
    name: "a program that it starts",
    args: ["run", "shell.yaml"],
    expect: "started a program",
    needsRun: "always",
  },
  {
    name: "an agent that works on files",
    args: ["test", "-f", resolve(ROOT, "examples/workspace")],
    expect: /1 passed/,
    needsRun: "from source",
  },
];

/** Tries all there is to try and gives what was wrong, in words. */
export async function smoke(
  program: readonly [string, ...string[]],
  { mayRun = true, env = {}, say = () => {} }: SmokeOptions = {},
): Promise<readonly string[]> {
  const parent = await Deno.makeTempDir({ prefix: "stigmer-smoke-" });
  const folder = `${parent}/${FOLDER_NAME.trim()}`;
  try {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/smoke.yaml`, WORKFLOW);
    await Deno.writeTextFile(`${folder}/shell.yaml`, SHELL_WORKFLOW);
    const wrong: string[] = [];
    for (const trial of TRIALS) {
      const problem = await tryOne(trial, {
        program,
        folder,
        mayRun,
        isWhole: program.length === 1,
        env,
      });
      say(`${problem === undefined ? "ok     " : "FAILED "} ${trial.name}`);
      if (problem !== undefined) wrong.push(problem);
    }
    return wrong;
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** Where it may start nothing, it must say so and not do it. */
async function tryOne(
  { name, args, expect, needsRun }: Trial,
  { program: [command, ...first], folder, mayRun, isWhole, env }: Tried,
): Promise<string | undefined> {
  const inherited: Record<string, string> = {};
  for (const variable of VARIABLES) {
    const value = Deno.env.get(variable);
    if (value !== undefined) inherited[variable] = value;
  }
  const child = new Deno.Command(command, {
    args: [...first, ...args],
    cwd: folder,
    clearEnv: true,
    env: {
      ...inherited,
      ...env,
      NO_COLOR: "1",
      STIGMER_HOME: `${folder}/home`,
      // No question is asked of the keychain of whoever tries it.
      STIGMER_KEY_SOURCE: "key-file",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TRIAL_MS_MAX),
  });
  const { success, code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  const isThere = typeof expect === "string"
    ? text.includes(expect)
    : expect.test(text);
  const shouldWork = mayRun || needsRun === undefined ||
    (isWhole && needsRun === "from source");
  if (shouldWork ? success && isThere : !success) return undefined;
  const why = shouldWork
    ? `it ended with ${code}, or did not write "${expect}"`
    : "it did what it may not do";
  return `${name} (${args.join(" ")}): ${why}\n${text.trim()}`;
}

const ACT = "try the program";
const HELP = `Try an executable that was built

Usage: deno task smoke [--no-run] <program> [argument …]

Options:
  --no-run  It may start no program, and must not do it
  --help    Print this

Examples:
  deno task smoke dist/stigmer
  deno task smoke --no-run dist/stigmer-ci`;

/** What stands behind the program is for the program. */
function ownAndIts(
  args: readonly string[],
): readonly [own: readonly string[], its: readonly string[]] {
  const at = args.findIndex((it) => !it.startsWith("-"));
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)];
}

async function run(args: readonly string[]): Promise<number> {
  const [own, [command, ...first]] = ownAndIts(args);
  const options = { "no-run": { type: "boolean" } } as const;
  const { values } = readFlags(own, options, ACT);
  if (command === undefined) {
    throw new UsageError(`Cannot ${ACT}: name its file`);
  }
  const program = /[\\/]/.test(command) ? pathFrom(command) : command;
  const wrong = await smoke([program, ...first], {
    mayRun: values["no-run"] !== true,
    say: (line) => console.log(line),
  });
  for (const problem of wrong) console.error(`\n${problem}`);
  console.log(wrong.length === 0 ? "It works" : `${wrong.length} failed`);
  return wrong.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  const ownArgs = (args: readonly string[]) => ownAndIts(args)[0];
  await runTask({ name: "smoke", act: ACT, help: HELP, ownArgs, run });
}
