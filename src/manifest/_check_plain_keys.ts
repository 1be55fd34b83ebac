/**
 * Warns of keys that are written into how a tool server is reached: whoever may
 * read the definition reads them, and each of its versions keeps them.
 *
 * @module
 */

import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";

/** Names under which keys are given. */
const KEY_REGEXP =
  /(^|[-_])(authorization|cookie|api-?key|apikey|key|token|secret|password|passwd|pat)$/i;
/** What stands for a value of the run. */
const VARIABLE_REGEXP = /\$\{\w+\}/;

/** Warns of values that look like keys by their names. */
export function warnOfPlainKeys(
  values: Readonly<Record<string, string>>,
  { pointer, what }: {
    /** Where they stand. */
    readonly pointer: string;
    /** What one of them is called. */
    readonly what: "Header" | "Variable";
  },
): Diagnostic[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value.trim() === "" || VARIABLE_REGEXP.test(value)) return [];
    if (!KEY_REGEXP.test(name)) return [];
    const message =
      `${what} "${name}" is written in plain text: everybody who may read ` +
      "this reads it";
    const hint =
      "Write ${NAME} in its place, and declare NAME as a secret, which a " +
      "run is given";
    const place = pointerTo(pointer, name);
    return [{ severity: "warning", pointer: place, message, hint }];
  });
}
