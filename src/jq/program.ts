/**
 * Programs: compiled once, run as often as is needed.
 *
 * @module
 */

import { type Code, finishRun, STOP } from "./code.ts";
import { checkTree } from "./check.ts";
import { Compiler, globals } from "./compile.ts";
import {
  JqError,
  JqLimitError,
  JqSyntaxError,
  LimitReached,
  placeOf,
  Raised,
} from "./failure.ts";
import { JQ_LIMITS, type JqLimits, limitMessage, meter } from "./fuel.ts";
import type { Json } from "./json.ts";
import { parseJq } from "./parser.ts";
import type { Node } from "./tree.ts";
import { writeJson } from "./write_json.ts";

/** A program that was compiled. */
export interface JqProgram {
  /** Its text. */
  readonly source: string;
  /** Its tree. */
  readonly tree: Node;
  /** The variables that it takes from its caller, without `$`. */
  readonly variables: readonly string[];
}

/** What a program is compiled with. */
export interface CompileJqOptions {
  /** The variables that there will be, without `$`; absent means any. */
  readonly variables?: ReadonlySet<string>;
}

/** What a program runs with. */
export interface RunJqOptions {
  /** What `$name` is, by name. */
  readonly variables?: Readonly<Record<string, Json>>;
  /** What it may take, where that is not {@linkcode JQ_LIMITS}. */
  readonly limits?: Partial<JqLimits>;
  /** What `now` gives, in milliseconds since 1970; without it `now` fails. */
  readonly nowMs?: number;
  /** A clock in milliseconds; without it only steps are counted. */
  readonly clock?: () => number;
}

const compiled = new WeakMap<JqProgram, Code>();

/**
 * Compiles a program.
 *
 * @throws {JqSyntaxError} When the text is no program.
 *
 * @example
 * ```ts
 * import { compileJq, firstJq } from "@stigmer/cli/jq";
 *
 * const program = compileJq(".items | map(.price) | add");
 * const total = firstJq(program, { items: [{ price: 2 }, { price: 3 }] });
 * console.assert(total === 5);
 * ```
 */
export function compileJq(
  source: string,
  options: CompileJqOptions = {},
): JqProgram {
  const { tree, problems } = parseJq(source);
  const checked = checkTree(tree, { source, ...options });
  const all = [...problems, ...checked.problems];
  if (all.length > 0) throw new JqSyntaxError(all);
  return programOf(source, tree, checked.variables);
}

/** Makes a program of a tree that was read and checked. */
export function programOf(
  source: string,
  tree: Node,
  variables: readonly string[],
): JqProgram {
  return { source, tree, variables };
}

function codeOf(program: JqProgram): Code {
  const known = compiled.get(program);
  if (known !== undefined) return known;
  const names = new Map(program.variables.map((name, i) => [name, i]));
  const code = new Compiler(names).compile(program.tree, undefined);
  compiled.set(program, code);
  return code;
}

/**
 * Runs a program and hands on what it gives, one value after another, until
 * `take` says `false`.
 *
 * @throws {JqError} When the program ends with an error of its own.
 * @throws {JqLimitError} When it takes more than it may.
 */
export function eachJq(
  program: JqProgram,
  input: Json,
  options: RunJqOptions & { readonly take: (value: Json) => boolean | void },
): void {
  const limits: JqLimits = { ...JQ_LIMITS, ...options.limits };
  let left = limits.outputsMax;
  running(program, { ...options, limits }, (code) => {
    finishRun(code.run(undefined, input, (value) => {
      if (left-- <= 0) throw new LimitReached("outputs");
      return options.take(value) === false ? STOP : 0;
    }));
  });
}

/**
 * Runs a program and collects what it gives.
 *
 * @throws {JqError} When the program ends with an error of its own.
 * @throws {JqLimitError} When it takes more than it may.
 */
export function runJq(
  program: JqProgram,
  input: Json,
  options: RunJqOptions = {},
): Json[] {
  const values: Json[] = [];
  eachJq(program, input, { ...options, take: (it) => void values.push(it) });
  return values;
}

/**
 * Runs a program up to its first value.
 *
 * @returns `undefined` when it gives none.
 * @throws {JqError} When the program ends with an error of its own.
 * @throws {JqLimitError} When it takes more than it may.
 */
export function firstJq(
  program: JqProgram,
  input: Json,
  options: RunJqOptions = {},
): Json | undefined {
  const limits = options.limits === undefined
    ? JQ_LIMITS
    : { ...JQ_LIMITS, ...options.limits };
  let first: Json | undefined;
  running(program, { ...options, limits }, (code) => {
    if (code.arity !== "many") {
      first = code.one(undefined, input);
      return;
    }
    code.run(undefined, input, (value) => {
      first = value;
      return STOP;
    });
  });
  return first;
}

/** Runs something of a program with a meter of its own. */
function running(
  program: JqProgram,
  options: RunJqOptions & { readonly limits: JqLimits },
  run: (code: Code) => void,
): void {
  const before = { ...meter };
  const valuesBefore = globals.values;
  const { limits, variables = {}, clock } = options;
  try {
    const code = codeOf(program);
    meter.steps = 0;
    meter.stepsLeft = limits.stepsMax;
    meter.cells = limits.cellsMax;
    meter.depth = 0;
    meter.clock = clock;
    meter.endsAtMs = clock === undefined
      ? Infinity
      : clock() + limits.timeMsMax;
    meter.limits = limits;
    meter.nowMs = options.nowMs;
    meter.at = program.tree.start;
    globals.values = program.variables.map((name) =>
      Object.hasOwn(variables, name) ? variables[name] : undefined
    );
    run(code);
  } catch (thrown) {
    throw outside(thrown, program.source, limits);
  } finally {
    Object.assign(meter, before);
    globals.values = valuesBefore;
  }
}

function outside(thrown: unknown, source: string, limits: JqLimits): unknown {
  if (thrown instanceof Raised) {
    const { value } = thrown;
    const message = typeof value === "string" ? value : shown(value);
    return new JqError(message, value, placeOf(source, meter.at));
  }
  const limit = thrown instanceof LimitReached
    ? thrown.limit
    : thrown instanceof RangeError
    ? "depth"
    : undefined;
  if (limit === undefined) return thrown;
  const message = limitMessage(limit, limits);
  return new JqLimitError(message, limit, placeOf(source, meter.at));
}

function shown(value: Json): string {
  try {
    return writeJson(value);
  } catch (thrown) {
    if (thrown instanceof LimitReached) return "an error of its own";
    throw thrown;
  }
}
