/**
 * Names that a definition gives to variables.
 *
 * @module
 */

import type { Json } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readString, reportError } from "../fields.ts";

/** Reads the name of a variable, without `$`. */
export function readVariableName(
  value: Json | undefined,
  place: Place,
): string | undefined {
  const name = readString(value, place);
  if (name === undefined || /^[A-Za-z_]\w*$/.test(name)) return name;
  reportError(place, {
    message: `"${name}" cannot be the name of a variable`,
    hint: name.startsWith("$")
      ? 'Leave out the "$"'
      : "Use letters, digits and _, and begin with a letter",
  });
  return undefined;
}
