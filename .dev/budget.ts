/**
 * What commands may load: `deno task budget` prints it, the gate holds it, so
 * that a careless import does not make every command slower.
 *
 * Measured is what was really loaded, not what could be: the runtime writes
 * down which modules have run.
 *
 * @module
 */

import { outputOf, ROOT, runDeno } from "./command.ts";
import { readEagerList } from "./eager_list.ts";
import { programOf } from "./program.ts";
import { keysOfRan, type Ran, readRan } from "./program_ran.ts";
import { readFlags, runTask, UsageError } from "./task.ts";

/** What one command may load. */
export interface Budget {
  readonly name: string;
  readonly args: readonly string[];
  /** Modules of the sources at the most. */
  readonly modulesMax: number;
  /** Rooms of `src/` that it has something of. */
  readonly rooms: readonly string[];
  /** KiB of the bundled program at the most. */
  readonly kibMax: number;
  /** Functions that run and are compiled apart from their module, at the most. */
  readonly lateMax: number;
}

/** What a command loaded. */
export interface Loaded {
  /** Paths below the root of what was started. */
  readonly modules: readonly string[];
}

/** The same with what of it ran. */
export interface Started extends Loaded {
  readonly ran: readonly Ran[];
}

/** One step that needs neither jq nor anything outside. */
const WORKFLOW = `
document: { dsl: "1.0.0", namespace: default, name: one, version: "0.1.0" }
do:
  - answer:
      set: { answer: 42 }
`;
const WORKFLOW_FILE = "one.yaml";

const LIGHT = ["cli", "host", "model", "sdk"];

/** The budgets: what it is now, and a little more. */
export const BUDGETS: readonly Budget[] = [
  {
    name: "version",
    args: ["version"],
    modulesMax: 28,
    rooms: LIGHT,
    kibMax: 38,
    lateMax: 8,
  },
  {
    name: "--help",
    args: ["--help"],
    modulesMax: 35,
    rooms: LIGHT,
    kibMax: 69,
    lateMax: 8,
  },
  {
    name: "agent list",
    args: ["agent", "list"],
    modulesMax: 142,
    rooms: [...LIGHT, "backend", "store"],
    kibMax: 550,
    lateMax: 20,
  },
  {
    name: "run, one step",
    args: ["run", WORKFLOW_FILE],
    modulesMax: 576,
    // Of the rooms of agents it has the checks of what a workflow names.
    rooms: [
      ...LIGHT,
      "backend",
      "store",
      "manifest",
      "workflow",
      "expr",
      "jq",
      "engine",
      "agent",
      "llm",
      "mcp",
    ],
    kibMax: 1675,
    lateMax: 50,
  },
];

/** Says what a command loaded that it may not. */
export function overBudget(
  budget: Budget,
  loaded: Loaded,
): readonly string[] {
  const { name, modulesMax, rooms } = budget;
  const { modules } = loaded;
  const wrong: string[] = [];
  if (modules.length > modulesMax) {
    wrong.push(
      `"${name}" loads ${modules.length} modules, at most ${modulesMax} are ` +
        "in its budget",
    );
  }
  for (const path of modules) {
    const [, room] = /^src\/(\w+)\//.exec(path) ?? [];
    if (room !== undefined && !rooms.includes(room)) {
      wrong.push(`"${name}" loads ${path}: it needs nothing of ${room}`);
    }
  }
  return wrong;
}

/** Starts a program and says what of it was loaded. */
export async function loadedBy(
  program: string,
  options: {
    readonly args: readonly string[];
    /** The folder that modules are told by. */
    readonly root: string;
    /** A folder to work in. */
    readonly work: string;
    readonly config: string;
  },
): Promise<Started> {
  const { args, root, work, config } = options;
  const folder = await Deno.makeTempDir({ dir: work, prefix: "loaded-" });
  const result = await runDeno([
    "run",
    "-A",
    "--quiet",
    `--config=${config}`,
    `--coverage=${folder}`,
    program,
    ...args,
  ], {
    cwd: work,
    env: { STIGMER_HOME: `${work}/home`, STIGMER_KEY_SOURCE: "key-file" },
  });
  if (!result.ok) {
    throw new Error(`Cannot run "${args.join(" ")}":\n${outputOf(result)}`);
  }
  const ran = await readRan(folder, root);
  return { modules: [...new Set(ran.map(({ path }) => path))], ran };
}

/** What came of a command. */
interface Measured {
  readonly budget: Budget;
  readonly modules: number;
  readonly kib: number;
  readonly late: number;
  readonly wrong: readonly string[];
}

/** The bundled program, and a folder to run it in. */
export interface Laid extends AsyncDisposable {
  /** The folder to work in. */
  readonly work: string;
  /** The folder of the program, ending in a separator. */
  readonly program: string;
  readonly entry: string;
}

/** Lays out what commands are started with. */
export async function layWork(): Promise<Laid> {
  const made = await Deno.makeTempDir({ prefix: "stigmer-budget-" });
  const work = await Deno.realPath(made);
  const program = `${work}/program/`;
  const remove = () => Deno.remove(work, { recursive: true });
  try {
    await Deno.mkdir(program);
    const { entry } = await programOf(program);
    await Deno.writeTextFile(`${work}/${WORKFLOW_FILE}`, WORKFLOW);
    return { work, program, entry, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Measures all commands, from source and bundled. */
async function measureAll(): Promise<readonly Measured[]> {
  await using laid = await layWork();
  const eager = await readEagerList();
  const measured: Measured[] = [];
  for (const budget of BUDGETS) {
    measured.push(await measure(budget, laid, eager));
  }
  return measured;
}

async function measure(
  budget: Budget,
  { work, program, entry }: Laid,
  eager: ReadonlySet<string>,
): Promise<Measured> {
  const { args } = budget;
  const source = await loadedBy(`${ROOT}src/mod.ts`, {
    args,
    root: ROOT,
    work,
    config: `${ROOT}deno.json`,
  });
  const bundled = await loadedBy(program + entry, {
    args,
    root: program,
    work,
    config: `${program}deno.json`,
  });
  const kib = await kibOf(program, bundled.modules);
  const keys = await keysOfRan(program, bundled.ran);
  const late = keys.filter((it) => !eager.has(it)).length;
  const wrong = [
    ...overBudget(budget, source),
    ...tooLarge(budget, kib),
    ...tooLate(budget, late),
  ];
  return { budget, modules: source.modules.length, kib, late, wrong };
}

/** Says that a command reads more of the bundled program than it may. */
export function tooLarge(
  { name, kibMax }: Budget,
  kib: number,
): readonly string[] {
  return kib <= kibMax ? [] : [
    `"${name}" reads ${kib} KiB of the bundled program, at most ${kibMax} ` +
    "are in its budget",
  ];
}

/** Says that a command compiles more at its first call than it may. */
export function tooLate(
  { name, lateMax }: Budget,
  late: number,
): readonly string[] {
  return late <= lateMax ? [] : [
    `"${name}" runs ${late} functions that are compiled apart, at most ` +
    `${lateMax} are in its budget: write them down with "deno task eager"`,
  ];
}

async function kibOf(
  folder: string,
  paths: readonly string[],
): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += (await Deno.stat(folder + path)).size;
  return Math.ceil(bytes / 1024);
}

/** Says what is over budget, for the gate. */
export async function checkBudgets(): Promise<readonly string[]> {
  return (await measureAll()).flatMap(({ wrong }) => wrong);
}

const ACT = "print the budgets";
const HELP = `Print what commands load, against what they may

Usage: deno task budget

Runs each command of the list in .dev/budget.ts, from source and bundled, and
ends with 1 when one of them loads more than it may.

Options:
  --help  Print this

Examples:
  deno task budget`;

async function run(args: readonly string[]): Promise<number> {
  const [extra] = readFlags(args, {}, ACT).positionals;
  if (extra !== undefined) {
    throw new UsageError(`Cannot ${ACT}: "${extra}" is one too many`);
  }
  const measured = await measureAll();
  for (const { budget, modules, kib, late } of measured) {
    const count = `${modules} of ${budget.modulesMax} modules`;
    const size = `${kib} of ${budget.kibMax} KiB bundled`;
    const apart = `${late} of ${budget.lateMax} functions late`;
    console.log(
      budget.name.padEnd(16) + count.padEnd(24) + size.padEnd(26) + apart,
    );
  }
  const wrong = measured.flatMap((it) => it.wrong);
  if (wrong.length === 0) return 0;
  console.error(wrong.join("\n"));
  return 1;
}

if (import.meta.main) {
  await runTask({ name: "budget", act: ACT, help: HELP, run });
}
