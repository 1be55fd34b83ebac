/**
 * What a regular expression is, once it is read.
 *
 * @module
 */

import type { CharTest } from "./regex_classes.ts";

/** A piece of a regular expression. */
export type Piece =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "sequence"; readonly pieces: readonly Piece[] }
  | { readonly kind: "choice"; readonly pieces: readonly Piece[] }
  | { readonly kind: "group"; readonly at: number; readonly body: Piece }
  | {
    readonly kind: "repeat";
    readonly body: Piece;
    readonly min: number;
    readonly max: number;
    readonly mode: "greedy" | "lazy" | "possessive";
  }
  | {
    readonly kind: "look";
    readonly body: Piece;
    readonly isBehind: boolean;
    readonly isNegative: boolean;
  }
  | { readonly kind: "atomic"; readonly body: Piece }
  | { readonly kind: "back"; readonly to: number | string }
  | { readonly kind: "at"; readonly where: Where };

/** Places that have no length. */
export type Where =
  | "start"
  | "end"
  | "last line end"
  | "word edge"
  | "no word edge"
  | "search start";

/** A regular expression, read. */
export interface RegexTree {
  readonly piece: Piece;
  /** The names of its groups; `undefined` for those without one. */
  readonly groups: readonly (string | undefined)[];
}

/** How letters are compared and what else flags change. */
export interface RegexFlags {
  readonly ignoreCase: boolean;
  readonly extended: boolean;
  readonly dotAll: boolean;
}

/** Letters that stand for one character after a backslash. */
export const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** Letters that stand for a place after a backslash. */
export const EDGES: Readonly<Record<string, Where>> = {
  A: "start",
  z: "end",
  Z: "last line end",
  b: "word edge",
  B: "no word edge",
  G: "search start",
};
