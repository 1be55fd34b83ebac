/**
 * Sealed references: what stands in the data of a run for a secret, or for
 * what is made of one, until an effect is given it.
 *
 * A reference is a text that holds the run's own mark, which nobody outside
 * can guess: data that only looks like one is data.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type Json } from "./json.ts";
import { MASK } from "./mask.ts";

/** Bytes of chance in a mark. */
export const SEAL_MARK_BYTES = 16;

const START = "‹sealed:";
const END = "›";

/** Writes the reference that stands for a name in a run. */
export function sealedReference(mark: string, name: string): string {
  return `${START}${mark}:${encodeURIComponent(name)}${END}`;
}

/** Gives the names of all references in a value, each once. */
export function referencesIn(value: Json, mark: string): readonly string[] {
  const names = new Set<string>();
  collect(value, mark, names);
  return [...names];
}

/** Adds the names in a value; nothing is copied, as most values have none. */
function collect(value: Json, mark: string, names: Set<string>): void {
  if (mark === "") return;
  if (typeof value === "string") {
    replaceInText(value, mark, (name) => {
      names.add(name);
      return null;
    });
  } else if (isJsonArray(value)) {
    for (const item of value) collect(item, mark, names);
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      collect(key, mark, names);
      collect(item, mark, names);
    }
  }
}

/**
 * Replaces each reference by `***`, for whoever may not open it; and the mark
 * itself, with which references can be made.
 */
export function hideReferences(value: Json, mark: string): Json {
  if (mark === "") return value;
  return mapTexts(
    value,
    (text) =>
      textOf(replaceInText(text, mark, () => MASK)).replaceAll(mark, MASK),
  );
}

const ANY_REFERENCE = new RegExp(
  `${START}[0-9a-f]{${2 * SEAL_MARK_BYTES}}:[^${END}]*${END}`,
  "g",
);

/**
 * Replaces by `***` whatever has the shape of a reference of some run: for
 * what is to read the same in every run.
 */
export function hideEveryReference(text: string): string {
  return text.replaceAll(ANY_REFERENCE, MASK);
}

/**
 * Replaces each reference in the texts and keys of a value: a text that is
 * nothing else by the value itself, within a text by its text.
 */
export function replaceReferences(
  value: Json,
  mark: string,
  lookup: (name: string) => Json,
): Json {
  if (mark === "") return value;
  return mapTexts(value, (text) => replaceInText(text, mark, lookup));
}

/** Makes something of a text without its references, which stay as they are. */
export function mapAroundReferences(
  text: string,
  mark: string,
  map: (part: string) => string,
): string {
  if (mark === "") return map(text);
  let mapped = "";
  let from = 0;
  for (const { start, end } of placesIn(text, mark)) {
    mapped += map(text.slice(from, start)) + text.slice(start, end);
    from = end;
  }
  return from === 0 ? map(text) : mapped + map(text.slice(from));
}

/** Makes something of each text and key of a value. */
function mapTexts(value: Json, map: (text: string) => Json): Json {
  if (typeof value === "string") return map(value);
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, map));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      textOf(map(key)),
      mapTexts(item, map),
    ]),
  );
}

function replaceInText(
  text: string,
  mark: string,
  lookup: (name: string) => Json,
): Json {
  let replaced = "";
  let from = 0;
  for (const { start, end, name } of placesIn(text, mark)) {
    const value = lookup(name);
    if (start === 0 && end === text.length) return value;
    replaced += text.slice(from, start) + textOf(value);
    from = end;
  }
  return from === 0 ? text : replaced + text.slice(from);
}

/** Where a text has references, in order. */
function* placesIn(text: string, mark: string): Generator<{
  readonly start: number;
  readonly end: number;
  readonly name: string;
}> {
  const opening = `${START}${mark}:`;
  let from = 0;
  for (;;) {
    const start = text.indexOf(opening, from);
    if (start < 0) return;
    const named = start + opening.length;
    const closing = text.indexOf(END, named);
    if (closing < 0) return;
    from = closing + END.length;
    yield { start, end: from, name: nameOf(text.slice(named, closing)) };
  }
}

function nameOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
