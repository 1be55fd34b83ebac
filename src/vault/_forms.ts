/**
 * What a secret is looked for as: itself, its lines, the texts in it, and all
 * of these in base64 and in hex.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import {
  charUnit,
  keptUnit,
  STYLE_NAMES,
  styledUnit,
  Unit,
} from "./_spellings.ts";

/** Shorter texts are in everything, and hide nothing when they are masked. */
export const HIDDEN_LENGTH_MIN = 4;
/** Part of a text that is taken for it when an address keeps only that. */
const PART_LENGTH_MIN = 8;

/** Characters in a row that may be dropped. */
const DROPPED_RUN_MAX = 8;

/** A text that is looked for, by the spellings of its characters. */
export interface Form {
  readonly units: readonly Unit[];
  /** Bytes of its shortest spelling. */
  readonly bytesMin: number;
}

/** Base64 as addresses have it. */
const IN_BASE64URL: Readonly<Record<string, string>> = { "+": "-", "/": "_" };
const BASE64_UNITS: Map<string, Unit> = new Map();
const HEX_UNITS: Map<number, Unit> = new Map();
/** What may stand between two characters of base64 that is written in lines. */
const BASE64_BREAK: Unit = new Unit(
  ["", "\n", "\r\n", " ", "\\n", "\\r\\n", "\\\\n", "%0A", "%0D%0A"],
  { isRare: true },
);
/** What breaks a line of mail or of a shell in the middle. */
const SOFT_BREAK: Unit = new Unit(["", "=\n", "=\r\n", "\\\n"], {
  isRare: true,
});
/** What may stand between two bytes in hex. */
const HEX_BREAK: Unit = new Unit([
  ...[
    "",
    " ",
    ":",
    "-",
    "\n",
    "\n ",
    "\r\n",
    "\\n",
    "\\r\\n",
    ",0x",
    ", 0x",
    " 0x",
  ],
]);
/** What a URL drops at its ends. */
const URL_ENDS = /^[\0- ]+|[\0- ]+$/g;
const DOT_SEGMENT = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\?#]|$)/i;
const LINE_END = /\r\n|\r|\n/;
/** What stands around a key of which the lines may be broken anew. */
const ARMOR = /-{5}BEGIN [^\r\n-]+-{5}([\s\S]*?)-{5}END [^\r\n-]+-{5}/g;
const ARMOR_LINE = /^-{5}(?:BEGIN|END) [A-Z ]+-{5}$/;
const TELLING = /[\p{L}\p{N}]/u;

/** Gives the texts that are secret in a secret, each once. */
export function textsIn(secret: Json): readonly string[] {
  const texts = new Set<string>();
  collectTexts(secret, texts);
  return [...texts].filter((it) => it.length >= HIDDEN_LENGTH_MIN);
}

function collectTexts(secret: Json, into: Set<string>): void {
  if (typeof secret === "string") return collectText(secret, into);
  if (typeof secret === "number") return void into.add(String(secret));
  if (isJsonArray(secret)) {
    for (const item of secret) collectTexts(item, into);
  } else if (isJsonObject(secret)) {
    for (const item of Object.values(secret)) collectTexts(item, into);
  }
}

function collectText(text: string, into: Set<string>): void {
  if (into.has(text)) return;
  into.add(text);
  const within = structureOf(text);
  if (within !== undefined) {
    into.add(JSON.stringify(within));
    collectTexts(within, into);
  }
  // Variables of the environment often have the lines of a key like this.
  if (text.includes("\\n") && text.search(ARMOR) >= 0) {
    collectText(text.replaceAll("\\r", "").replaceAll("\\n", "\n"), into);
  }
  const { password = "" } = URL.parse(text) ?? {};
  for (const part of [password, decoded(password)]) {
    if (part.length >= PART_LENGTH_MIN) into.add(part);
  }
}

function structureOf(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Gives all that a text is looked for as.
 *
 * @param options Whether only the whole of it is secret: not the lines of a
 * text, nor the parts of an address.
 */
export function formsOf(
  text: string,
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): readonly Form[] {
  const bytes = new TextEncoder().encode(text);
  const inside = text.trim();
  // The space around it tells nothing, and may be that of another text.
  const trimmed = inside.length >= HIDDEN_LENGTH_MIN ? inside : text;
  const plain = [
    text.replace(URL_ENDS, ""),
    // As messages have what was written in lines.
    trimmed.replace(/\s+/g, " "),
    ...(isWhole ? [] : [...asAddressed(text), ...linesOf(text)]),
  ];
  const inner = new TextEncoder().encode(trimmed);
  const inJson = jsonOf(trimmed).map((it) => new TextEncoder().encode(it));
  const base64 = [
    bytes.toBase64(),
    ...base64Within(bytes),
    ...[inner, ...inJson].flatMap(base64Within),
    ...(isWhole ? [] : bodiesOf(text)),
  ];
  return [
    formOf(between([...trimmed].map(charUnit), SOFT_BREAK)),
    ...distinct(plain).map((it) => formOf([...it].map(charUnit))),
    ...styledForms(trimmed),
    ...distinct(base64).map(base64Form),
    ...[inner, ...inJson].map(hexForm),
  ];
}

/**
 * A text as JSON escapes it, with and without what is not ASCII, where that is
 * more than the text: a body, a token or a raw answer is JSON within base64.
 */
function jsonOf(text: string): readonly string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const ascii = escaped.replace(
    /[^\0-\x7f]/g,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [...new Set([escaped, ascii])].filter((it) => it !== text);
}

function styledForms(text: string): readonly Form[] {
  if (!/[0-9A-Za-z]/.test(text)) return [];
  const chars = [...text];
  return STYLE_NAMES.map((style) => {
    const unitOf = styledUnit(style);
    return formOf(chars.map(unitOf));
  });
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((it) => it.length >= HIDDEN_LENGTH_MIN);
}

/** Each line of a text of several, however the lines are indented. */
function linesOf(text: string): readonly string[] {
  const lines = text.split(LINE_END);
  if (lines.length === 1) return [];
  return lines.map((it) => it.trim())
    .filter((it) => TELLING.test(it) && !ARMOR_LINE.test(it));
}

/** What stands in armor, without its lines. */
function bodiesOf(text: string): readonly string[] {
  return Array.from(
    text.matchAll(ARMOR),
    // An empty line ends the headers of a body, where it has any.
    ([, body = ""]) =>
      (body.trim().split(/\r?\n\s*\n/).at(-1) ?? "").replace(/\s+/g, ""),
  );
}

/** What an address makes of a text that is more than its characters. */
function asAddressed(text: string): readonly string[] {
  const made: string[] = [];
  const [path = "", ...after] = text.split(/[?#]/);
  if (after.length > 0) {
    made.push(
      ...[path, ...after, text.split("#")[0] ?? ""]
        .filter((it) => it.length >= PART_LENGTH_MIN),
    );
  }
  if (DOT_SEGMENT.test(text)) {
    made.push(new URL(`http://h/${text}`).href.slice("http://h/".length));
  }
  if (!/[/\\?#@:\s]/.test(text)) {
    made.push(URL.parse(`http://${text}/`)?.hostname ?? "");
  }
  return made;
}

/**
 * What is the same in the base64 of every text that has this one in it, as
 * that of `user:password`: three bytes make four characters, so that it can
 * begin at three places.
 */
function base64Within(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((before) => {
    const whole = new Uint8Array(before + bytes.length);
    whole.set(bytes, before);
    const start = Math.ceil(before * 8 / 6);
    return whole.toBase64().slice(start, Math.floor(whole.length * 8 / 6));
  });
}

function base64Form(text: string): Form {
  const body = text.replace(/=+$/, "");
  const padding = text.slice(body.length);
  return formOf([
    ...between([...body].map(base64Unit), BASE64_BREAK),
    ...[...padding].map(base64Unit),
  ]);
}

function base64Unit(char: string): Unit {
  const known = BASE64_UNITS.get(char);
  if (known !== undefined) return known;
  const other = char === "=" ? "" : IN_BASE64URL[char];
  const made = other === undefined
    ? new Unit([char])
    : new Unit([...charUnit(char).spellings, other]);
  BASE64_UNITS.set(char, made);
  return made;
}

function hexForm(bytes: Uint8Array): Form {
  return formOf(between(Array.from(bytes, hexUnit), HEX_BREAK));
}

function hexUnit(byte: number): Unit {
  const known = HEX_UNITS.get(byte);
  if (known !== undefined) return known;
  const pair = byte.toString(16).padStart(2, "0");
  const made = new Unit([pair, pair.toUpperCase()]);
  HEX_UNITS.set(byte, made);
  return made;
}

function between(units: readonly Unit[], separator: Unit): readonly Unit[] {
  return units.flatMap((unit, i) => i === 0 ? [unit] : [separator, unit]);
}

/** Makes a form of which enough is left whatever is dropped. */
function formOf(all: readonly Unit[]): Form {
  const units = withBoundedRuns(all);
  const bytesMin = lengthMin(units);
  if (bytesMin >= HIDDEN_LENGTH_MIN) return { units, bytesMin };
  const kept = units.map(keptUnit);
  return { units: kept, bytesMin: lengthMin(kept) };
}

/** Keeps the steps bounded that are taken past what may be dropped. */
function withBoundedRuns(units: readonly Unit[]): readonly Unit[] {
  let run = 0;
  return units.map((unit) => {
    run = unit.bytesMin === 0 ? run + 1 : 0;
    return run > DROPPED_RUN_MAX ? keptUnit(unit) : unit;
  });
}

function lengthMin(units: readonly Unit[]): number {
  return units.reduce((sum, it) => sum + it.bytesMin, 0);
}
