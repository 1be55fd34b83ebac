/**
 * Reads the fields of a definition, noting everything that is wrong.
 *
 * A reader gives `undefined` for what it could not read and has then noted
 * why; so one check finds all problems at once.
 *
 * @module
 */

import {
  type Diagnostic,
  pointerKeys,
  pointerTo,
} from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
  member,
} from "../model/json.ts";
import { didYouMean, nearestName } from "../model/near.ts";
import type { Place } from "./context.ts";
import { shapeHint } from "./shapes.ts";

/** What a diagnostic says besides its place. */
export type Report = Omit<Diagnostic, "severity" | "pointer">;

/** Notes an error. */
export function reportError({ context, pointer }: Place, what: Report): void {
  context.diagnostics.push({ severity: "error", pointer, ...what });
}

/**
 * Notes an error by a rule that an earlier release did not have. What was
 * stored then is read on, for runs that wait and workflows that were applied:
 * to it this is a warning, and the reader gives what that release gave.
 */
export function reportStricter(place: Place, what: Report): void {
  if (place.context.isStored) reportWarning(place, what);
  else reportError(place, what);
}

/** Notes a warning. */
export function reportWarning({ context, pointer }: Place, what: Report): void {
  context.diagnostics.push({ severity: "warning", pointer, ...what });
}

/** The place of a member. */
export function placeOf(place: Place, key: string | number): Place {
  return { context: place.context, pointer: pointerTo(place.pointer, key) };
}

/** Notes a value of the wrong type. */
export function reportType(place: Place, expected: string, value: Json): void {
  const hint = shapeHint(place.pointer, value);
  reportError(place, { ...wrongType(expected, value), ...hintFor(hint) });
}

/** Says that a value has the wrong type. */
export function wrongType(expected: string, value: Json): Report {
  return { message: `${WRONG_TYPE}${expected}, not ${withArticle(value)}` };
}

function withArticle(value: Json): string {
  const name = jsonTypeName(value);
  if (name === "null") return "null";
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

/** Which keys an object may have, and what is said of some that it may not. */
export interface KeyRules {
  readonly known: readonly string[];
  readonly required?: readonly string[];
  /** What a required key holds, to be told where it is missing. */
  readonly holds?: Readonly<Record<string, string>>;
  /** What the object is, as `task`, for the message. */
  readonly what: string;
  /** The right key for one that others use: `url` for `endpoint`. */
  readonly instead?: Readonly<Record<string, string>>;
  /** The way out for a key that stands for none of them. */
  readonly otherwise?: (key: string) => string | undefined;
  /** Keys that have been spoken of already. */
  readonly ignore?: readonly string[];
}

/**
 * Notes unknown and missing keys. A key that was written otherwise is one
 * mistake: it is not noted as missing, too.
 */
export function checkKeys(
  object: JsonObject,
  place: Place,
  rules: KeyRules,
): void {
  const meant = new Set<string>();
  for (const key of Object.keys(object)) {
    if (rules.known.includes(key) || rules.ignore?.includes(key)) continue;
    const name = nameMeant(key, rules);
    if (name !== undefined) meant.add(name);
    reportError(placeOf(place, key), {
      atKey: true,
      message: `Unknown field "${key}" of ${rules.what}`,
      ...hintFor(
        name === undefined ? rules.otherwise?.(key) : `Did you mean "${name}"?`,
      ),
    });
  }
  // What is no object at all has been told, and lacks all keys.
  if (isTold(place)) return;
  for (const key of rules.required ?? []) {
    if (member(object, key) !== undefined || meant.has(key)) continue;
    const holds = member(rules.holds ?? {}, key);
    const told = typeof holds === "string" ? `, ${holds}` : "";
    reportError(place, {
      message: `${capital(rules.what)} needs "${key}"${told}`,
      lacks: [key],
    });
  }
}

/** Whether a value was found to be of the wrong type. */
function isTold({ context, pointer }: Place): boolean {
  return context.diagnostics.some((it) =>
    it.pointer === pointer && it.severity === "error" &&
    it.message.startsWith(WRONG_TYPE)
  );
}

/** How messages about types begin. */
const WRONG_TYPE = "This must be ";

function hintFor(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

/** The known key that an unknown one stands for. */
function nameMeant(key: string, rules: KeyRules): string | undefined {
  const instead = member(rules.instead ?? {}, key);
  return typeof instead === "string" ? instead : nearestName(key, rules.known);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Reads an object; absent gives `undefined` without a note. */
export function readObject(
  value: Json | undefined,
  place: Place,
): JsonObject | undefined {
  if (value === undefined) return undefined;
  if (isJsonObject(value)) return value;
  reportType(place, "an object", value);
  return undefined;
}

/** Reads an array; absent gives `undefined` without a note. */
export function readArray(
  value: Json | undefined,
  place: Place,
): readonly Json[] | undefined {
  if (value === undefined) return undefined;
  if (isJsonArray(value)) return value;
  reportType(place, "an array", value);
  return undefined;
}

/**
 * Reads a string that is not empty.
 *
 * @param example What it may be, where a number in quotes would not do.
 */
export function readString(
  value: Json | undefined,
  place: Place,
  example?: string,
): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    const hint = shapeHint(place.pointer, value);
    reportError(place, {
      ...hintFor(hint),
      ...notText(value, place, example),
    });
    return undefined;
  }
  if (value.trim() !== "") return value;
  reportError(place, { message: "This must not be empty" });
  return undefined;
}

/** Says that a value is no string; numbers and flags lack their quotes. */
export function notText(value: Json, place: Place, example?: string): Report {
  if (typeof value !== "number" && typeof value !== "boolean") {
    return wrongType("a string", value);
  }
  const key = pointerKeys(place.pointer).at(-1);
  return {
    message: `${
      key === undefined || /^\d+$/.test(key) ? "This" : `"${key}"`
    } must be a string, not the ${typeof value} ${value}`,
    hint: `Quote it, as "${example ?? value}"`,
  };
}

/** Reads true or false. */
export function readBoolean(
  value: Json | undefined,
  place: Place,
): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  reportType(place, "true or false", value);
  return undefined;
}

/** Reads a whole number in a range. */
export function readInteger(
  value: Json | undefined,
  place: Place,
  range: { readonly min: number; readonly max: number; readonly what: string },
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    reportError(place, {
      message: `${range.what} must be a whole number, not ${
        JSON.stringify(value)
      }`,
    });
    return undefined;
  }
  if (value >= range.min && value <= range.max) return value;
  reportError(place, {
    message:
      `${range.what} must be from ${range.min} to ${range.max}, not ${value}`,
  });
  return undefined;
}

/** Reads one of some words. */
export function readChoice<T extends string>(
  value: Json | undefined,
  place: Place,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const quoted = choices.map((choice) => `"${choice}"`).join(", ");
  reportError(place, {
    message: `This must be one of ${quoted}, not ${JSON.stringify(value)}`,
    ...(typeof value === "string" ? didYouMean(value, choices) : {}),
  });
  return undefined;
}

/** Finds what a name under `use` stands for. */
export function readNamed(
  name: string,
  place: Place,
  table: { readonly entries: JsonObject; readonly what: string },
): Json | undefined {
  const value = member(table.entries, name);
  if (value !== undefined) return value;
  reportError(place, {
    message: `Unknown ${table.what} "${name}"`,
    ...nameHint(name, table),
  });
  return undefined;
}

function nameHint(
  name: string,
  table: { readonly entries: JsonObject; readonly what: string },
): { readonly hint?: string } {
  const near = didYouMean(name, Object.keys(table.entries));
  if (near.hint !== undefined) return near;
  const plural = table.what === "retry" ? "retries" : `${table.what}s`;
  return { hint: `Define it under "use.${plural}"` };
}
