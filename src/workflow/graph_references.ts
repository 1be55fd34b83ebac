/**
 * Turns the references of a graph into jq: `${tasks.a-b.outputs.x}`,
 * `${workflow.inputs.x}` and `${env.X}`.
 *
 * These are found by tokens: a source is no jq before, and `a-b` is a name in it
 * and no subtraction. What it refers to is read from the tree of what it became.
 *
 * @module
 */

import type { Rewritten } from "../expr/compile.ts";
import type { Shift } from "../expr/expression.ts";
import type { ExpressionProblem } from "../expr/failure.ts";
import { variableUses } from "../expr/members.ts";
import { offsetWritten } from "../expr/place.ts";
import { readsOf } from "../expr/reads.ts";
import { type Token, tokenize } from "../expr/tokens.ts";
import { didYouMean } from "../model/near.ts";

/** What a graph declares, and what is noted about it on the way. */
export interface GraphNames {
  /** The keys that each task declares as its outputs, by its name. */
  readonly tasks: ReadonlyMap<string, readonly string[]>;
  readonly inputs: ReadonlySet<string>;
  /** The secrets that it may use. */
  readonly secrets: readonly string[];
  /** Inputs that something refers to. */
  readonly usedInputs: Set<string>;
  /** Tasks that the task that is read refers to. */
  readonly usedTasks: Set<string>;
  /** Whether all tasks are done here, so that they may be taken as a whole. */
  readonly afterAll?: boolean;
}

/** A piece of the source and what stands for it. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A source in jq. */
type Written = Exclude<Rewritten, { readonly problem: unknown }>;

/** A piece, or why there is none. */
type Read = Piece | ExpressionProblem | undefined;

const TASK =
  /tasks\.([A-Za-z0-9_][\w-]*)\.(outputs?)\b(?:\.([A-Za-z_][\w-]*))?/y;
const TASK_START = /tasks(?:\.([A-Za-z0-9_][\w-]*))?/y;
const INPUT = /workflow\.inputs(?:\.([A-Za-z0-9_][\w-]*))?/y;
const WORKFLOW = /workflow(?=\s*[.[])/y;
const ENV = /env\.([A-Za-z_]\w*)/y;
const SECRETS = /secrets\.([A-Za-z_][\w-]*)/y;

/** Turns one expression into jq, noting what it refers to. */
export function rewriteReferences(
  source: string,
  names: GraphNames,
): Rewritten {
  const pieces: Piece[] = [];
  const tokens = tokenize(source);
  let done = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.start < done) continue;
    const read = readToken(token, { source, names, next: tokens[i + 1] });
    if (read === undefined) continue;
    if ("message" in read) return { problem: read };
    pieces.push(read);
    done = read.end;
  }
  const written = assemble(source, pieces);
  const problem = noteUses(written, names);
  return problem === undefined ? written : { problem };
}

function readToken(
  token: Token,
  at: {
    readonly source: string;
    readonly names: GraphNames;
    readonly next: Token | undefined;
  },
): Read {
  if (token.kind !== "identifier") return undefined;
  // `{tasks: 1}` has a key of that name.
  if (at.next?.kind === "operator" && at.next.text === ":") return undefined;
  switch (token.text) {
    case "tasks":
      return readTask(token, at);
    case "workflow":
      return readWorkflow(token, at);
    case "env": {
      const match = matchAt(ENV, token.start, at.source);
      return match === undefined
        ? undefined
        : piece(token, match[0], `$env.${match[1] ?? ""}`);
    }
    case "secrets":
      return readSecret(token, at);
    default:
      return undefined;
  }
}

/** `a-b` is the secret of that name when there is one, else a subtraction. */
function readSecret(
  token: Token,
  { source, names }: { readonly source: string; readonly names: GraphNames },
): Read {
  const whole = matchAt(SECRETS, token.start, source)?.[1];
  if (whole === undefined) return undefined;
  const short = /^\w+/.exec(whole)?.[0] ?? whole;
  const isShort = !names.secrets.includes(whole) &&
    names.secrets.includes(short);
  const name = isShort ? short : whole;
  return piece(token, `secrets.${name}`, `$secrets[${JSON.stringify(name)}]`);
}

function readTask(
  token: Token,
  { source, names }: { readonly source: string; readonly names: GraphNames },
): Read {
  const match = matchAt(TASK, token.start, source);
  if (match === undefined) return badTask(token, source, names);
  const [all, name = "", kind = "", field] = match;
  const keys = names.tasks.get(name);
  if (keys === undefined) return unknownTask(name, token.start + 6, names);
  names.usedTasks.add(name);
  const head = `$tasks[${JSON.stringify(name)}].${kind}`;
  if (field === undefined) return piece(token, all, head);
  if (kind === "outputs" && keys.length > 0 && !keys.includes(field)) {
    const plain = /^\w+/.exec(field)?.[0] ?? field;
    if (!keys.includes(plain)) {
      return {
        offset: token.start + all.length - field.length,
        message: `Task "${name}" does not declare the output "${field}"`,
        ...didYouMean(field, keys),
      };
    }
    const cut = all.slice(0, all.length - field.length + plain.length);
    return piece(token, cut, `${head}[${JSON.stringify(plain)}]`);
  }
  return piece(token, all, `${head}[${JSON.stringify(field)}]`);
}

function badTask(token: Token, source: string, names: GraphNames): Read {
  const name = matchAt(TASK_START, token.start, source)?.[1];
  if (name !== undefined && !names.tasks.has(name)) {
    return unknownTask(name, token.start + 6, names);
  }
  return {
    offset: token.start,
    message: name === undefined
      ? "A reference to a task names the task"
      : `A reference to task "${name}" says what of it`,
    hint: `Write "tasks.${name ?? "NAME"}.outputs" for the declared outputs, ` +
      `"tasks.${name ?? "NAME"}.output" for the whole answer`,
  };
}

/** Says which task may have been meant, or which there are. */
export function taskHint(
  name: string,
  known: readonly string[],
): { readonly hint?: string } {
  const near = didYouMean(name, known);
  if (near.hint !== undefined || known.length === 0) return near;
  const names = known.slice(0, NAMES_SHOWN_MAX);
  const more = known.length > names.length ? " …" : "";
  return { hint: `The tasks are ${names.join(", ")}${more}` };
}

/** Names of tasks that a hint lists. */
const NAMES_SHOWN_MAX = 10;

function unknownTask(
  name: string,
  offset: number,
  names: GraphNames,
): ExpressionProblem {
  return {
    offset,
    message: `There is no task "${name}"`,
    ...taskHint(name, [...names.tasks.keys()]),
  };
}

function readWorkflow(
  token: Token,
  { source, names }: { readonly source: string; readonly names: GraphNames },
): Read {
  const match = matchAt(INPUT, token.start, source);
  if (match === undefined) {
    return matchAt(WORKFLOW, token.start, source) === undefined
      ? undefined
      : piece(token, "workflow", "$workflow");
  }
  const [all, field] = match;
  if (field === undefined) {
    for (const name of names.inputs) names.usedInputs.add(name);
    return piece(token, all, "$workflow.inputs");
  }
  // `a-b` is the input of that name when there is one, else a subtraction.
  const name = names.inputs.has(field)
    ? field
    : /^\w+/.exec(field)?.[0] ?? field;
  if (!names.inputs.has(name)) {
    return {
      offset: token.start + all.length - field.length,
      message: `There is no input "${field}"`,
      ...didYouMean(field, names.inputs),
    };
  }
  names.usedInputs.add(name);
  const cut = all.slice(0, all.length - field.length + name.length);
  return piece(token, cut, `$workflow.inputs[${JSON.stringify(name)}]`);
}

/** References may be written as jq, too; they count just the same. */
function noteUses(
  { program, shifts }: Written,
  names: GraphNames,
): ExpressionProblem | undefined {
  for (const { steps: [name], offset } of variableUses(program, "tasks")) {
    const at = offsetWritten(shifts, offset);
    if (typeof name !== "string") {
      if (names.afterAll) continue;
      return noTask(at);
    }
    if (!names.tasks.has(name)) return unknownTask(name, at, names);
    names.usedTasks.add(name);
  }
  for (const { steps } of variableUses(program, "workflow")) {
    if (steps[0] === "inputs") useInputs(steps[1], names);
    else useInputs(undefined, names);
  }
  for (const { steps } of variableUses(program, "input")) {
    useInputs(steps[0], names);
  }
  if (names.usedInputs.size >= names.inputs.size) return undefined;
  // `.` is the input of the workflow: `.a` is the input `a`.
  for (const it of readsOf({ source: program, pointer: "" }).paths) {
    if (it.variable === undefined) useInputs(it.steps[0], names);
  }
  return undefined;
}

/** Without a name there is nothing to wait for. */
function noTask(offset: number): ExpressionProblem {
  return {
    offset,
    message: '"$tasks" as a whole is not known before all tasks are done',
    hint: 'Name the task: "tasks.NAME.outputs"',
  };
}

function useInputs(name: string | number | undefined, names: GraphNames) {
  for (const used of typeof name === "string" ? [name] : names.inputs) {
    names.usedInputs.add(used);
  }
}

function matchAt(
  pattern: RegExp,
  at: number,
  source: string,
): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}

function piece(token: Token, replaced: string, text: string): Piece {
  return { start: token.start, end: token.start + replaced.length, text };
}

function assemble(source: string, pieces: readonly Piece[]): Written {
  let program = "";
  let at = 0;
  const shifts: Shift[] = [];
  for (const { start, end, text } of pieces) {
    program += source.slice(at, start);
    // What lies inside a replacement is at the start of what it replaces.
    shifts.push({ program: program.length, source: start, isWhole: true });
    program += text;
    shifts.push({ program: program.length, source: end });
    at = end;
  }
  program += source.slice(at);
  return { program, shifts };
}
