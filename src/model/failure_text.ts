/**
 * What a failure says where there is room for one text: a definition may raise
 * one that has a title only.
 *
 * @module
 */

import type { Failure } from "./failure.ts";

/** Says why something failed; empty where nothing failed. */
export function failureText(
  failure: Pick<Failure, "detail" | "title" | "type"> | undefined,
): string {
  return failure?.detail || failure?.title || failure?.type || "";
}
