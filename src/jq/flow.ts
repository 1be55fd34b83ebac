/**
 * What a piece of a program gives: which values, how many, and whether it may
 * fail.
 *
 * @module
 */

import { type JqType, NEVER, union } from "./types.ts";

/** What a piece of a program gives. */
export interface Flow {
  /** What each value is. */
  readonly type: JqType;
  /** How many values there are at least, up to 2, unless it fails. */
  readonly least: number;
  /** How many there are at most; 2 means any number. */
  readonly most: number;
  /** Whether it may fail, or leave a label. */
  readonly fails: boolean;
}

const MANY = 2;

/** Nothing, without a failure. */
export const NOTHING: Flow = { type: NEVER, least: 0, most: 0, fails: false };
/**
 * A failure that is certain: it gives more than it can, unless it fails. What
 * stands before it may be given first.
 */
export const FAILURE: Flow = { type: NEVER, least: MANY, most: 0, fails: true };

/** One value. */
export function one(type: JqType, fails = false): Flow {
  return { type, least: 1, most: 1, fails };
}

/** Any number of values. */
export function many(type: JqType): Flow {
  return { type, least: 0, most: MANY, fails: true };
}

/** Whether it is certain that it fails in the end. */
export function isFailure({ least, most }: Flow): boolean {
  return least > most;
}

/** As many values, of another type. */
export function retyped(flow: Flow, type: JqType, fails = false): Flow {
  return {
    ...flow,
    type: flow.most === 0 ? NEVER : type,
    fails: flow.fails || fails,
  };
}

/** One after another. */
export function joined(a: Flow, b: Flow): Flow {
  return {
    type: union(a.type, b.type),
    least: Math.min(MANY, a.least + b.least),
    most: Math.min(MANY, a.most + b.most),
    fails: a.fails || b.fails,
  };
}

/** Either of some. */
export function either(a: Flow, b: Flow): Flow {
  return {
    type: union(a.type, b.type),
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
    fails: a.fails || b.fails,
  };
}

/** For each value of one all that another gives. */
export function times(outer: Flow, inner: Flow): Flow {
  const most = Math.min(MANY, outer.most * inner.most);
  return {
    type: most === 0 ? NEVER : inner.type,
    least: Math.min(MANY, outer.least * inner.least),
    most,
    fails: outer.fails || inner.fails,
  };
}
