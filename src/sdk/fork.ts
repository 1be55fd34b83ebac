/**
 * The types of forks: what they give, and what each of their branches does.
 *
 * @module
 */

import type { TaskBody } from "./body.ts";
import type {
  Added,
  Skippable,
  TaskOptions,
  TaskReference,
} from "./task_list.ts";

/** The branches of a fork, by name. */
export type Branches = Readonly<Record<string, TaskBody<unknown>>>;

/** What one of several tasks gives. */
export type OutputOf<Body> = Body extends TaskBody<infer Output> ? Output
  : never;

/** What a fork may have. */
export interface ForkOptions extends TaskOptions {
  /** Whether the first branch to finish is the only one that counts. */
  readonly compete?: boolean;
}

/** What a fork gives: a list in the order of its branches, or one of them. */
export type Forked<B extends Branches, Options> = Options extends
  { readonly compete: infer Compete }
  ? [Compete] extends [false] ? OutputOf<B[keyof B]>[]
  : [Compete] extends [true] ? OutputOf<B[keyof B]>
  : OutputOf<B[keyof B]> | OutputOf<B[keyof B]>[]
  : OutputOf<B[keyof B]>[];

/** What a branch gives that is not done, or not to its end: null. */
export type Lost<Options> = Options extends Skippable ? null
  : Options extends { readonly compete: infer Compete }
    ? [Compete] extends [false] ? never : null
  : never;

/** A fork, with what each of its branches gives. */
export interface ForkReference<B extends Branches, Options = ForkOptions>
  extends Added<Forked<B, Options>, Options> {
  /** Its branches, by name. */
  readonly branches: {
    readonly [Key in keyof B]: TaskReference<
      OutputOf<B[Key]> | Lost<Options>
    >;
  };
}
