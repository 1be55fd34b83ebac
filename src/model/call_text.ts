/**
 * A call of a tool in one line: `echo(message="Good day", times=2)`.
 *
 * @module
 */

import { visibleLine } from "./hidden_text.ts";
import type { JsonObject } from "./json.ts";

/** Characters of a call at the most; longer ones are cut. */
const CALL_LENGTH_MAX = 160;
/** Texts that are read as they stand. Made late, as Unicode takes its time. */
const bareRegExp = (): RegExp => /^[\p{L}\p{N}_./:@%+-]+$/u;

/** Writes what is called, and with what; all of it can be seen. */
export function callText(name: string, args: JsonObject): string {
  const given = Object.entries(args).map(([key, value]) =>
    typeof value === "string" && bareRegExp().test(value)
      ? `${key}=${value}`
      : `${key}=${JSON.stringify(value)}`
  );
  const text = visibleLine(`${name}(${given.join(", ")})`);
  return text.length <= CALL_LENGTH_MAX
    ? text
    : `${text.slice(0, CALL_LENGTH_MAX - 1).toWellFormed()}…`;
}
