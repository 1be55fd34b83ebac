/**
 * What goes wrong with a program: when it is read, when it runs, and when it
 * takes more than it may.
 *
 * @module
 */

import type { Json } from "./json.ts";
import type { LimitName } from "./fuel.ts";

/** A place in the text of a program. */
export interface Place {
  /** UTF-16 units from the start. */
  readonly offset: number;
  /** The line, from 1. */
  readonly line: number;
  /** The column in UTF-16 units, from 1. */
  readonly column: number;
}

/** Why a text is no program, or what is odd about it. */
export interface JqProblem extends Place {
  /** UTF-16 units from the start to where it ends. */
  readonly end: number;
  /** What is wrong. */
  readonly message: string;
  /** The way out, where one is known. */
  readonly hint?: string;
}

/** Thrown by {@linkcode compileJq} when a text is no program. */
export class JqSyntaxError extends Error {
  /** Names the class. */
  override readonly name = "JqSyntaxError";
  /** All that was found, in the order of the text. */
  readonly problems: readonly JqProblem[];

  /** Makes the error of a text. */
  constructor(problems: readonly JqProblem[]) {
    super(problems[0]?.message ?? "The program cannot be read");
    this.problems = problems;
  }
}

/** Thrown when a program ends with an error of its own. */
export class JqError extends Error {
  /** Names the class. */
  override readonly name: string = "JqError";
  /** What the program raised; most often a text. */
  readonly value: Json;
  /** Where in the program, if that is known. */
  readonly place: Place | undefined;

  /** Makes the error of a program. */
  constructor(message: string, value: Json, place: Place | undefined) {
    super(message);
    this.value = value;
    this.place = place;
  }
}

/** Thrown when a program takes more than it may; it cannot catch this. */
export class JqLimitError extends JqError {
  /** Names the class. */
  override readonly name = "JqLimitError";
  /** Which limit it was. */
  readonly limit: LimitName;

  /** Makes the error of a limit. */
  constructor(message: string, limit: LimitName, place: Place | undefined) {
    super(message, message, place);
    this.limit = limit;
  }
}

/**
 * An error on its way through a running program. It is no `Error`, as to look
 * at the stack takes longer than all else, and programs raise often.
 */
export class Raised {
  /** What was raised. */
  readonly value: Json;
  constructor(value: Json) {
    this.value = value;
  }
}

/** A limit that was reached, on its way out. */
export class LimitReached {
  /** Which one. */
  readonly limit: LimitName;
  constructor(limit: LimitName) {
    this.limit = limit;
  }
}

/** Raises an error with a message. */
export function raise(message: Json): never {
  throw new Raised(message);
}

/** Finds the line and the column of an offset. */
export function placeOf(source: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = source.indexOf("\n", start);
    if (end < 0 || end >= offset) break;
    line += 1;
    start = end + 1;
  }
  return { offset, line, column: offset - start + 1 };
}
