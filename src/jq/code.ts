/**
 * What programs are compiled to: functions of what is bound and of `.`.
 *
 * There are two of each: `one` gives its value back where there is at most
 * one, and is what most of every program runs through; `run` hands any number
 * of values on, one after another, and is told whether more are wanted.
 *
 * @module
 */

import { LimitReached } from "./failure.ts";
import {
  boundArray,
  makeArray,
  makeCells,
  makeGrown,
  meter,
  step,
} from "./fuel.ts";
import { isTrue, type Json } from "./json.ts";

/** What is bound around a place: the innermost, and what is around that. */
export class Env {
  readonly value: Json;
  readonly parent: Env | undefined;
  /** Where it is no value that is bound. */
  readonly other: Closure | Label | undefined;
  constructor(
    value: Json,
    parent: Env | undefined,
    other: Closure | Label | undefined = undefined,
  ) {
    this.value = value;
    this.parent = parent;
    this.other = other;
  }
}

/** The mark of one running `label`. */
export class Label {}

/** A `break` on its way to its label. */
export class Break {
  readonly label: Label;
  constructor(label: Label) {
    this.label = label;
  }
}

/** An argument of a function: what it does, and what is bound for it. */
export class Closure {
  readonly argument: Argument;
  readonly env: Env | undefined;
  constructor(argument: Argument, env: Env | undefined) {
    this.argument = argument;
    this.env = env;
  }
}

/** Whether to go on with more values. */
export type Signal = 0 | 1 | 2;
/** More values are wanted. */
export const GO = 0;
/** No more are; who is told so tells who called it. */
export const STOP = 1;
/** What is left to do is in {@linkcode pending}; who called does it. */
const LATER = 2;

/** Takes a value; says whether more are wanted. */
export type Emit = (value: Json) => Signal;
/** Gives at most one value. */
export type One = (env: Env | undefined, input: Json) => Json | undefined;
/** Gives any number of values. */
export type Run = (env: Env | undefined, input: Json, emit: Emit) => Signal;
/** How many values something gives: one, at most one, or any number. */
export type Arity = "one" | "maybe" | "many";

/** Decides about `.`. */
export type Test = (env: Env | undefined, input: Json) => boolean;

/** Something compiled. */
export interface Code {
  readonly arity: Arity;
  /** Only where there is at most one. */
  readonly one: One;
  readonly run: Run;
  /** Where it always gives one boolean: that. */
  readonly test?: Test;
  /** What is known of it, so that who has it can do its work without a call. */
  readonly known?: Known;
}

/** Code whose work is done faster by who has it. */
export type Known =
  | { readonly kind: "constant"; readonly value: Json }
  /** The member of `.` with a key that no object inherits. */
  | { readonly kind: "member"; readonly key: string }
  /** `.`, where something holds of it. */
  | { readonly kind: "select"; readonly test: Test };

/** A path as it grows, from its end. */
export class Path {
  readonly parent: Path | undefined;
  readonly key: Json;
  constructor(parent: Path | undefined, key: Json) {
    this.parent = parent;
    this.key = key;
  }
}

/** The path of `.` itself. */
export const ROOT: Path = new Path(undefined, null);
/** Of a value that is computed, and so stands nowhere. */
export const NOWHERE: Path = new Path(undefined, null);

/** Takes a path and the value there. */
export type EmitPath = (path: Path, value: Json) => Signal;
/** Gives paths and the values there. */
export type Paths = (
  env: Env | undefined,
  at: { readonly path: Path; readonly value: Json },
  emit: EmitPath,
) => Signal;

/** Something that a function is given: compiled, and on demand for its paths. */
export interface Argument {
  readonly code: Code;
  readonly paths: () => Paths;
}

/** Stands for the value of a call that is left to who called. */
export const TAIL: Json = Object.freeze({});

/** The call that is left to do. */
const pending: {
  code: Code | undefined;
  env: Env | undefined;
  input: Json;
  emit: Emit;
} = { code: undefined, env: undefined, input: null, emit: () => GO };

/** Leaves a call that gives at most one value to who called. */
export function later(code: Code, env: Env | undefined, input: Json): Json {
  pending.code = code;
  pending.env = env;
  pending.input = input;
  return TAIL;
}

/** Leaves a call to who called. */
export function runLater(
  code: Code,
  call: { readonly env: Env | undefined; readonly input: Json },
  emit: Emit,
): Signal {
  later(code, call.env, call.input);
  pending.emit = emit;
  return LATER;
}

/** Does what was left to do, and what that leaves, up to a value. */
export function finish(first: Json | undefined): Json | undefined {
  let value = first;
  while (value === TAIL) {
    step();
    const { code, env, input } = pending;
    if (code === undefined) return undefined;
    value = code.one(env, input);
  }
  return value;
}

/** Does what was left to do, and what that leaves. */
export function finishRun(first: Signal): Signal {
  let signal = first;
  while (signal === LATER) {
    step();
    const { code, env, input, emit } = pending;
    if (code === undefined) return GO;
    signal = code.run(env, input, emit);
  }
  return signal;
}

function noOne(): never {
  throw new LimitReached("depth");
}

/** Makes code that gives exactly one value, or at most one. */
export function single(one: One, arity: Arity = "one"): Code {
  return {
    arity,
    one,
    run: (env, input, emit) => {
      const value = finish(one(env, input));
      return value === undefined ? GO : emit(value);
    },
  };
}

/** Makes code that gives any number of values. */
export function many(run: Run): Code {
  return { arity: "many", one: noOne, run };
}

/** Makes code that always gives the same. */
export function constant(value: Json): Code {
  return { ...single(() => value), known: { kind: "constant", value } };
}

/** Makes code that decides. */
export function deciding(test: Test): Code {
  return { ...single(test), test };
}

/** What decides by the first value of code, where there is at most one. */
export function testOf({ test, one }: Code): Test {
  if (test !== undefined) return test;
  return (env, input) => {
    const value = one(env, input);
    return value !== undefined && isTrue(value);
  };
}

/** The loosest of some arities. */
export function loosest(...codes: readonly Code[]): Arity {
  if (codes.some(({ arity }) => arity === "many")) return "many";
  return codes.some(({ arity }) => arity === "maybe") ? "maybe" : "one";
}

/** Collects all values into an array. */
export function collect(
  code: Code,
  env: Env | undefined,
  input: Json,
): Json[] {
  if (code.arity !== "many") {
    const value = code.one(env, input);
    makeArray(1);
    return value === undefined ? [] : [value];
  }
  const items: Json[] = [];
  const max = meter.limits.arrayLengthMax;
  let noted = 0;
  code.run(env, input, (value) => {
    items.push(value);
    if (items.length - noted >= 64) {
      if (items.length > max) boundArray(items.length);
      makeCells(items.length - noted);
      noted = items.length;
    }
    return GO;
  });
  if (noted === 0) makeGrown(items.length);
  else makeCells(items.length - noted);
  return items;
}

/**
 * Computes with the values of some codes, in all combinations; the last one
 * changes last.
 */
export function combine(
  codes: readonly Code[],
  compute: (input: Json, values: readonly Json[]) => Json,
): Code {
  const arity = loosest(...codes);
  if (arity === "many") {
    return many((env, input, emit) => {
      const values: Json[] = codes.map(() => null);
      const next = (at: number): Signal => {
        const code = codes[at];
        if (code === undefined) return emit(compute(input, values.slice()));
        return code.run(env, input, (value) => {
          values[at] = value;
          return next(at - 1);
        });
      };
      return next(codes.length - 1);
    });
  }
  const [first, second] = codes;
  if (codes.length === 0) return single((_, input) => compute(input, []));
  if (first !== undefined && codes.length === 1) {
    return single((env, input) => {
      const value = first.one(env, input);
      return value === undefined ? undefined : compute(input, [value]);
    }, arity);
  }
  if (first !== undefined && second !== undefined && codes.length === 2) {
    return single((env, input) => {
      const b = second.one(env, input);
      if (b === undefined) return undefined;
      const a = first.one(env, input);
      return a === undefined ? undefined : compute(input, [a, b]);
    }, arity);
  }
  return single((env, input) => {
    const values: Json[] = codes.map(() => null);
    for (let i = codes.length - 1; i >= 0; i--) {
      const value = codes[i]?.one(env, input);
      if (value === undefined) return undefined;
      values[i] = value;
    }
    return compute(input, values);
  }, arity);
}

/** The first value of code, if there is one. */
export function firstOf(
  code: Code,
  env: Env | undefined,
  input: Json,
): Json | undefined {
  if (code.arity !== "many") return code.one(env, input);
  let found: Json | undefined;
  code.run(env, input, (value) => {
    found = value;
    return STOP;
  });
  return found;
}
