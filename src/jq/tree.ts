/**
 * The tree of a program: what a parser makes of its text, for those who
 * check, complete, take apart or compile it.
 *
 * @module
 */

import type { Json } from "./json.ts";

/** Where a node stands. */
export interface Located {
  /** UTF-16 units from the start of the program. */
  readonly start: number;
  /** UTF-16 units from the start of the program to its end. */
  readonly end: number;
  /** The line of its start, from 1. */
  readonly line: number;
  /** The column of its start in UTF-16 units, from 1. */
  readonly column: number;
}

/** Operators that compute with two values. */
export type Operator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">=";

/** Operators that give paths a new value. */
export type Assignment =
  | "="
  | "|="
  | "+="
  | "-="
  | "*="
  | "/="
  | "%="
  | "//=";

/** A function that a program defines. */
export interface Definition extends Located {
  /** Its name. */
  readonly name: string;
  /** Its parameters; those with `$` are values, too. */
  readonly parameters: readonly Parameter[];
  /** What it does. */
  readonly body: Node;
}

/** A parameter of a function. */
export interface Parameter extends Located {
  /** Without `$`. */
  readonly name: string;
  /** Whether it was written with `$`. */
  readonly isValue: boolean;
}

/** What `as` binds. */
export type Pattern =
  & Located
  & (
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "array"; readonly items: readonly Pattern[] }
    | { readonly kind: "object"; readonly entries: readonly PatternEntry[] }
  );

/** An entry of a pattern: `$a`, `a: p`, `"a": p`, `(e): p`, `$a: p`. */
export interface PatternEntry {
  /** What gives the key. */
  readonly key: Node;
  /** The variable that takes the member, without `$`. */
  readonly variable?: string;
  /** What the member is taken apart by. */
  readonly value?: Pattern;
}

/** An entry of an object. */
export interface ObjectEntry {
  /** What gives the key. */
  readonly key: Node;
  /** What gives the value. */
  readonly value: Node;
}

/** A branch of `if`: a condition and what follows from it. */
export interface Branch {
  /** What decides. */
  readonly condition: Node;
  /** What is then given. */
  readonly then: Node;
}

/** A node of a program. */
export type Node =
  & Located
  & (
    | { readonly kind: "identity" }
    | { readonly kind: "recurse" }
    | { readonly kind: "literal"; readonly value: Json }
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "location" }
    | {
      readonly kind: "index";
      readonly target: Node;
      readonly key: Node;
      /** Whether `?` follows: then nothing is given where it cannot be. */
      readonly isOptional?: true;
    }
    | {
      readonly kind: "slice";
      readonly target: Node;
      readonly from?: Node;
      readonly to?: Node;
      /** Whether `?` follows. */
      readonly isOptional?: true;
    }
    | {
      readonly kind: "iterate";
      readonly target: Node;
      /** Whether `?` follows. */
      readonly isOptional?: true;
    }
    | {
      readonly kind: "text";
      /** The format of what is put in; absent means `@text`. */
      readonly format?: string;
      readonly parts: readonly (string | Node)[];
    }
    | { readonly kind: "format"; readonly name: string }
    | { readonly kind: "array"; readonly body?: Node }
    | { readonly kind: "object"; readonly entries: readonly ObjectEntry[] }
    | { readonly kind: "negate"; readonly body: Node }
    | {
      readonly kind: "binary";
      readonly operator: Operator;
      readonly left: Node;
      readonly right: Node;
    }
    | { readonly kind: "and"; readonly left: Node; readonly right: Node }
    | { readonly kind: "or"; readonly left: Node; readonly right: Node }
    | {
      readonly kind: "alternative";
      readonly left: Node;
      readonly right: Node;
    }
    | { readonly kind: "pipe"; readonly left: Node; readonly right: Node }
    | { readonly kind: "comma"; readonly left: Node; readonly right: Node }
    | {
      readonly kind: "assign";
      readonly operator: Assignment;
      readonly left: Node;
      readonly right: Node;
    }
    | {
      readonly kind: "if";
      readonly branches: readonly Branch[];
      readonly otherwise?: Node;
    }
    | { readonly kind: "try"; readonly body: Node; readonly handler?: Node }
    | {
      readonly kind: "reduce";
      readonly source: Node;
      readonly patterns: readonly Pattern[];
      readonly initial: Node;
      readonly update: Node;
    }
    | {
      readonly kind: "foreach";
      readonly source: Node;
      readonly patterns: readonly Pattern[];
      readonly initial: Node;
      readonly update: Node;
      readonly extract?: Node;
    }
    | {
      readonly kind: "bind";
      readonly source: Node;
      readonly patterns: readonly Pattern[];
      readonly body: Node;
    }
    | {
      readonly kind: "define";
      readonly definition: Definition;
      readonly body: Node;
    }
    | {
      readonly kind: "call";
      readonly name: string;
      readonly arguments: readonly Node[];
    }
    | { readonly kind: "label"; readonly name: string; readonly body: Node }
    | { readonly kind: "break"; readonly name: string }
    /** What could not be read; a program with one does not run. */
    | { readonly kind: "missing" }
  );

/** The nodes of some kinds. */
export type NodeOf<Kind extends Node["kind"]> = Kind extends Kind
  ? Extract<Node, { kind: Kind }>
  : never;
