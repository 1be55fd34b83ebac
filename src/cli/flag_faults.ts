/**
 * Says what the backend found wrong in words of the flags it came from.
 *
 * @module
 */

import { toStigmerError } from "../backend/errors.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { StigmerError } from "../model/error.ts";

/** Which flag wrote what: the start of a JSON pointer, and the flag. */
export type FlagPlaces = readonly (readonly [pointer: string, flag: string])[];

/**
 * Retells an error about a definition that was written with flags.
 *
 * @returns The error with flags in the place of pointers, each fault told
 * once; any other error as it is.
 */
export function inFlags(thrown: unknown, places: FlagPlaces): StigmerError {
  const error = toStigmerError(thrown);
  const [first] = error.diagnostics;
  if (first === undefined) return error;
  const faults = error.diagnostics.map((it) => retold(it, places));
  const told = new Set(error.diagnostics.map((it) => it.hint));
  const hints = error.hints.filter((it) => !told.has(it));
  const end = error.message.indexOf(`: ${first.message}`);
  const act = end < 0 ? error.message : error.message.slice(0, end);
  const [only] = faults;
  if (faults.length > 1 || only === undefined) {
    return new StigmerError(error.code, `${act}: ${faults.length} errors`, {
      hints,
      diagnostics: faults,
      cause: error,
    });
  }
  const where = only.pointer === "" ? "" : `${only.pointer}: `;
  return new StigmerError(error.code, `${act}: ${where}${only.message}`, {
    hints: only.hint === undefined ? hints : [only.hint, ...hints],
    cause: error,
  });
}

function retold(fault: Diagnostic, places: FlagPlaces): Diagnostic {
  const { pointer } = fault;
  const flag =
    places.find(([start]) =>
      pointer === start || pointer.startsWith(`${start}/`)
    )?.[1] ?? "";
  const { severity, message, hint } = fault;
  return {
    severity,
    pointer: flag,
    message: inWords(message, flag),
    ...(hint === undefined ? {} : { hint: inWords(hint, flag) }),
  };
}

/** Takes out what can be written in a manifest only. */
function inWords(text: string, flag: string): string {
  return text
    .replace(/, add (spec|metadata)\.\w+$/, flag === "" ? "" : `, give ${flag}`)
    .replace(' and has no "stdio" or "http"', "")
    .replace(/^Add "stdio" or "http", .* take one of/, "Take one of");
}
