/**
 * What names mean at one place of a program, and where their values will be.
 *
 * @module
 */

import type { Arity, Code, Env, Paths } from "./code.ts";
import type { Definition } from "./tree.ts";

/** One version of a compiled function. */
export interface Variant {
  /** Absent while it is being compiled. */
  code?: Code;
  /** What it is taken to give while it is being compiled. */
  assumed: Arity;
  /** Whether somebody relied on that. */
  isRelied: boolean;
}

/** A function that a program, or jq in its own words, defines. */
export interface FunctionEntry {
  readonly kind: "function";
  readonly definition: Definition;
  /** The scope that it is defined in. */
  readonly scope: Scope | undefined;
  readonly variants: Map<string, Variant>;
  readonly paths: { run?: Paths };
}

/** What a name stands for. */
export type Entry =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "closure"; readonly name: string; readonly arity: Arity }
  | FunctionEntry;

/** Names around a place, the innermost first. */
export interface Scope {
  readonly entry: Entry;
  readonly parent: Scope | undefined;
  /** How many values are bound up to here. */
  readonly depth: number;
}

/** The scope with one more name. */
export function within(scope: Scope | undefined, entry: Entry): Scope {
  const depth = depthOf(scope) + (entry.kind === "function" ? 0 : 1);
  return { entry, parent: scope, depth };
}

/** How many values are bound in a scope. */
export function depthOf(scope: Scope | undefined): number {
  return scope?.depth ?? 0;
}

/** Finds what a name stands for. */
export function find(
  scope: Scope | undefined,
  matches: (entry: Entry) => boolean,
): Scope | undefined {
  let at = scope;
  while (at !== undefined && !matches(at.entry)) at = at.parent;
  return at;
}

/** Goes out by so many bindings. */
export function outward(env: Env | undefined, count: number): Env | undefined {
  let at = env;
  for (let i = count; i > 0; i--) at = at?.parent;
  return at;
}

/** The scope in which a function is known, also to itself. */
export function withDefinition(
  scope: Scope | undefined,
  definition: Definition,
): Scope {
  return within(scope, {
    kind: "function",
    definition,
    scope,
    variants: new Map(),
    paths: {},
  });
}
