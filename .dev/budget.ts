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
import { programOf } from "./program.ts";

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
}

/** What a command loaded. */
export interface Loaded {
  /** Paths below the root of what was started. */
  readonly modules: readonly string[];
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
    modulesMax: 27,
    rooms: LIGHT,
    kibMax: 64,
  },
  {
    name: "--help",
    args: ["--help"],
    modulesMax: 34,
    rooms: LIGHT,
    kibMax: 96,
  },
  {
    name: "agent list",
    args: ["agent", "list"],
    modulesMax: 142,
    rooms: [...LIGHT, "backend", "store"],
    kibMax: 640,
  },
  {
    name: "run, one step",
    args: ["run", WORKFLOW_FILE],
    modulesMax: 550,
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
    kibMax: 1600,
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
): Promise<Loaded> {
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
  return { modules: await modulesIn(folder, root) };
}

/** Reads the modules out of what the runtime wrote. */
async function modulesIn(
  folder: string,
  root: string,
): Promise<readonly string[]> {
  const paths = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const { url }: { readonly url: unknown } = JSON.parse(
      await Deno.readTextFile(`${folder}/${name}`),
    );
    if (typeof url !== "string" || !url.startsWith("file:")) continue;
    const path = decodeURIComponent(new URL(url).pathname)
      .replace(/^\/([A-Za-z]:)/, "$1");
    if (path.startsWith(root)) paths.add(path.slice(root.length));
  }
  if (paths.size === 0) throw new Error(`Nothing was written to ${folder}`);
  return [...paths].sort();
}

/** What came of a command. */
interface Measured {
  readonly budget: Budget;
  readonly modules: number;
  readonly kib: number;
  readonly wrong: readonly string[];
}

/** Measures all commands, from source and bundled. */
async function measureAll(): Promise<readonly Measured[]> {
  const made = await Deno.makeTempDir({ prefix: "stigmer-budget-" });
  const work = await Deno.realPath(made);
  try {
    const program = `${work}/program/`;
    await Deno.mkdir(program);
    const { entry } = await programOf(program);
    await Deno.writeTextFile(`${work}/${WORKFLOW_FILE}`, WORKFLOW);
    const measured: Measured[] = [];
    for (const budget of BUDGETS) {
      const { args } = budget;
      const source = await loadedBy(`${ROOT}src/mod.ts`, {
        args,
        root: ROOT,
        work,
        config: `${ROOT}deno.json`,
      });
      const bundled = await loadedBy(`${program}${entry}`, {
        args,
        root: program,
        work,
        config: `${program}deno.json`,
      });
      const kib = await kibOf(program, bundled.modules);
      const wrong = [...overBudget(budget, source), ...tooLarge(budget, kib)];
      const modules = source.modules.length;
      measured.push({ budget, modules, kib, wrong });
    }
    return measured;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
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

if (import.meta.main) {
  const measured = await measureAll();
  for (const { budget, modules, kib } of measured) {
    const count = `${modules} of ${budget.modulesMax} modules`;
    const size = `${kib} of ${budget.kibMax} KiB bundled`;
    console.log(`${budget.name.padEnd(16)}${count.padEnd(24)}${size}`);
  }
  const wrong = measured.flatMap((it) => it.wrong);
  if (wrong.length > 0) {
    console.error(wrong.join("\n"));
    Deno.exit(1);
  }
}
