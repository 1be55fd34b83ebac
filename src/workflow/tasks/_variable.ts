/**
 * Names that a definition gives to variables.
 *
 * @module
 */

import type { Json } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { DOCUMENT_VARIABLES } from "../data_flow.ts";
import { readString, reportError } from "../fields.ts";

/** What an expression of either dialect has by these names already. */
const RESERVED: ReadonlySet<string> = new Set([...DOCUMENT_VARIABLES, "tasks"]);

/** Reads the name of a variable, without `$`. */
export function readVariableName(
  value: Json | undefined,
  place: Place,
): string | undefined {
  const name = readString(value, place);
  if (name === undefined) return undefined;
  if (RESERVED.has(name)) {
    reportError(place, {
      message: `"${name}" cannot be the name of a variable`,
      hint: `"$${name}" has a meaning of its own in every expression`,
    });
  } else if (!/^[A-Za-z_]\w*$/.test(name)) {
    reportError(place, {
      message: `"${name}" cannot be the name of a variable`,
      hint: name.startsWith("$")
        ? 'Leave out the "$"'
        : "Use letters, digits and _, and begin with a letter",
    });
  } else {
    return name;
  }
  return undefined;
}
