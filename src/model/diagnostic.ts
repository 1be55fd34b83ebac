/**
 * What is wrong with a definition, and where.
 *
 * A check speaks of places by JSON pointer; the room that read the file turns
 * a pointer into line and column. So the same check serves files, requests
 * and TypeScript.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type Json, member } from "./json.ts";

/** What is wrong at one place of a definition. */
export interface Diagnostic {
  /** An `error` refuses the definition, a `warning` does not. */
  readonly severity: "error" | "warning";
  /** JSON pointer of the value, as `/spec/tasks/0/agent`; `` is the whole. */
  readonly pointer: string;
  /** Whether it is about the key at `pointer` rather than its value. */
  readonly atKey?: boolean;
  /** Where in a string value it stands, in UTF-16 units from its start. */
  readonly offset?: number;
  /** What is wrong, in sentence case without a final period. */
  readonly message: string;
  /** The keys that are missing there, where that is what it is about. */
  readonly lacks?: readonly string[];
  /** The way out, as `Did you mean "instructions"?`. */
  readonly hint?: string;
}

/** Appends a key or an index to a JSON pointer, escaped as RFC 6901 says. */
export function pointerTo(pointer: string, key: string | number): string {
  const part = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  return `${pointer}/${part}`;
}

/** Splits a JSON pointer into its unescaped keys. */
export function pointerKeys(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer.slice(1).split("/").map((part) =>
    part.replaceAll("~1", "/").replaceAll("~0", "~")
  );
}

/** What a JSON pointer leads to. */
export function atPointer(root: Json, pointer: string): Json | undefined {
  let at: Json | undefined = root;
  for (const key of pointerKeys(pointer)) {
    if (isJsonArray(at)) at = at[Number(key)];
    else at = isJsonObject(at) ? member(at, key) : undefined;
  }
  return at;
}
