/**
 * What all tasks of this folder do alike: `--help`, options that are not there,
 * paths from where the person stands, and what went wrong in one line.
 *
 * @module
 */

import { resolve } from "node:path";
import process from "node:process";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { nearestName } from "../src/model/near.ts";

/** How a task that is used wrongly ends. */
const USAGE_EXIT_CODE = 2;

/** Something on the command line is wrong: the task ends with 2. */
export class UsageError extends Error {}

/** What a person can mend; its message is all that is shown. */
export class TaskError extends Error {}

/** A task of `deno.json`. */
export interface Task {
  /** Its name, as `release`. */
  readonly name: string;
  /** What it cannot do when it fails, as `verify the release`. */
  readonly act: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Which of its arguments are not for a program that it starts; default all. */
  readonly ownArgs?: (args: readonly string[]) => readonly string[];
  /** Does it and gives its exit code; 0 when it gives none. */
  readonly run: (args: readonly string[]) => Promise<number | void>;
}

/** Runs a task and ends the process. */
export async function runTask(task: Task): Promise<never> {
  Deno.exit(await exitCodeOf(task, Deno.args));
}

/** Runs a task and gives its exit code. */
export async function exitCodeOf(
  task: Task,
  args: readonly string[],
): Promise<number> {
  const own = task.ownArgs?.(args) ?? args;
  if (own.includes("--help") || own.includes("-h")) {
    console.log(task.help);
    return 0;
  }
  try {
    return await task.run(args) ?? 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nSee: deno task ${task.name} --help`);
      return USAGE_EXIT_CODE;
    }
    const message = messageFor(task.act, error);
    if (message === undefined) throw error;
    console.error(message);
    return 1;
  }
}

/**
 * Does a part of a task that has an act of its own, which a failure then names.
 *
 * @throws {TaskError} For what a person can mend.
 */
export async function inPart<T>(
  act: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof TaskError) throw error;
    const message = messageFor(act, error);
    if (message === undefined) throw error;
    throw new TaskError(message, { cause: error });
  }
}

/** One line for what the machine or a file did; a fault of ours has none. */
function messageFor(act: string, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof TaskError) return error.message;
  const isOurs = ["TypeError", "RangeError", "ReferenceError", "SyntaxError"]
    .includes(error.name);
  if (isOurs) return undefined;
  return error.message.startsWith("Cannot ")
    ? error.message
    : `Cannot ${act}: ${error.message}`;
}

/** The folder that a person stands in; `deno task` starts tasks elsewhere. */
export function standing(): string {
  const folder = Deno.env.get("INIT_CWD");
  return folder === undefined || folder === "" ? process.cwd() : folder;
}

/** Takes a path of the command line from where the person stands. */
export function pathFrom(path: string, folder: string = standing()): string {
  return resolve(folder, path);
}

type Parsed<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{
    readonly args: string[];
    readonly options: O;
    readonly allowPositionals: true;
  }>
>;

/**
 * Reads options and what stands beside them.
 *
 * @param act What cannot be done when they are wrong, as `build`.
 * @throws {UsageError} For an option that is not there or lacks its value.
 */
export function readFlags<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
  act: string,
): Parsed<O> {
  const unknown = args.find((it) =>
    it.startsWith("-") && !isKnown(it, options)
  );
  if (unknown !== undefined) {
    const name = unknown.replace(/=.*/, "");
    const flags = Object.keys(options).map((it) => `--${it}`);
    throw new UsageError(
      `Cannot ${act}: there is no "${name}"${didYouMean(name, flags)}`,
    );
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot ${act}: ${message.split("\n")[0]}`);
  }
}

function isKnown(arg: string, options: ParseArgsOptionsConfig): boolean {
  const name = arg.replace(/^--/, "").replace(/=.*/, "");
  return arg === "-h" || (arg.startsWith("--") && Object.hasOwn(options, name));
}

/** The end of a sentence on a name that is not there. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? "" : `, did you mean "${near}"?`;
}

/**
 * Takes the one argument of a task.
 *
 * @param what What it is, as `a folder of a release`.
 * @throws {UsageError} When there is none, or another one.
 */
export function oneArgument(
  [first, second]: readonly string[],
  { act, what }: { readonly act: string; readonly what: string },
): string {
  if (first === undefined) {
    throw new UsageError(`Cannot ${act}: name ${what}`);
  }
  if (second !== undefined) {
    throw new UsageError(`Cannot ${act}: "${second}" is one too many`);
  }
  return first;
}
