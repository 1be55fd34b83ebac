/**
 * What a task does, as workflows hold it: the part of its definition that says
 * so, with the type of what it gives.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { Source } from "./expression.ts";
import { written } from "./expression.ts";
import type { Schema } from "./schema.ts";

declare const OUTPUT: unique symbol;

/** What a task does; it gives a value of a type. */
export interface TaskBody<Output> {
  /**
   * Writes the keys of the task, telling which tasks are read.
   *
   * @internal
   */
  readonly write: (notice: (source: Source) => void) => Record<string, unknown>;
  /** The schema that its output is declared to fit. */
  readonly schema?: Schema<Output>;
  /**
   * What else is known of its output, for references into it.
   *
   * @internal
   */
  readonly shape?: Json;
  /**
   * Only for the compiler.
   *
   * @internal
   */
  readonly [OUTPUT]?: Output;
}

/** What a task does that takes one thing after another: events, messages. */
export interface TakingBody<Item> extends TaskBody<Item[]> {
  /**
   * Puts what is done for each of them into the keys of the task.
   *
   * @internal
   */
  readonly withEach: (
    keys: Record<string, unknown>,
    each: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>;
}

/** Makes a body of the keys of a task. */
export function bodyOf<Output>(
  keys: Readonly<Record<string, unknown>>,
  schema?: Schema<Output>,
): TaskBody<Output> {
  return {
    write: (notice) => writeKeys(keys, notice),
    ...(schema === undefined ? {} : { schema }),
  };
}

/** Writes an object, telling which tasks are read. */
export function writeKeys(
  keys: Readonly<Record<string, unknown>>,
  notice: (source: Source) => void,
): Record<string, unknown> {
  const { json, sources } = written(keys);
  sources.forEach(notice);
  // An object is written as one.
  return json as Record<string, unknown>;
}
