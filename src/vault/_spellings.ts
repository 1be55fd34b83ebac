/**
 * Finds a text in another one however it is spelled there: as addresses,
 * forms, JSON, markup and headers have it, and any mixture of these.
 *
 * Each character is looked for in all its spellings. To make whole spellings
 * would miss what encodes some characters and leaves others, of which every
 * part of an address has a rule of its own.
 *
 * @module
 */

/** Shorter texts are in everything, and hide nothing when they are masked. */
export const HIDDEN_LENGTH_MIN = 4;
/** Part of a text that is taken for it when an address keeps only that. */
const PART_LENGTH_MIN = 8;
/** Characters that a place must begin with before it is looked at closely. */
const BEGINNING_UNITS = 3;

/** The spellings of one character. */
type Unit = readonly string[];

/** A text that is looked for. */
export interface Hidden {
  readonly units: readonly Unit[];
  /** Matches where it may begin. */
  readonly beginning: string;
  /** Characters of its beginning at the most. */
  readonly beginningMax: number;
}

/** What stands at a place of a text. */
export interface Found {
  /** Where the longest ends that stands there; absent for none. */
  readonly end: number | undefined;
  /** Whether the text ends in the middle of one. */
  readonly isCut: boolean;
}

const UNITS: Map<string, Unit> = new Map();
const MARKUP: Readonly<Record<string, readonly string[]>> = {
  "&": ["&amp;"],
  "<": ["&lt;"],
  ">": ["&gt;"],
  '"': ["&quot;", "&#34;"],
  "'": ["&apos;", "&#39;", "&#x27;"],
};
/** What a URL does to characters besides writing them in percent. */
const IN_URLS: Readonly<Record<string, readonly string[]>> = {
  " ": ["+"],
  "\\": ["/", "%2F", "%2f"],
  "\t": [""],
  "\n": [""],
  "\r": [""],
};
/** Base64 as addresses have it. */
const IN_BASE64URL: Readonly<Record<string, string>> = { "+": "-", "/": "_" };
/** What a URL drops at its ends. */
const URL_ENDS = /^[\0- ]+|[\0- ]+$/g;
const DOT_SEGMENT = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\?#]|$)/i;

/** Makes what finds a text, as it is and in whatever it is carried in. */
export function hiddenForms(text: string): readonly Hidden[] {
  const bytes = new TextEncoder().encode(text);
  const plain = [text, text.replace(URL_ENDS, ""), ...asAddressed(text)];
  const base64 = [bytes.toBase64(), ...base64Within(bytes)];
  return [
    ...distinct(plain).map((it) => hiddenOf([...it].map(unitOf))),
    ...distinct(base64).map((it) => hiddenOf([...it].map(base64Unit))),
  ];
}

/** Looks at one place of a text for the longest that begins there. */
export function findAt(
  hidden: readonly Hidden[],
  text: string,
  at: number,
): Found {
  let end: number | undefined;
  let isCut = false;
  for (const { units } of hidden) {
    const found = follow(units, text, at);
    if (found.end !== undefined) end = Math.max(end ?? 0, found.end);
    isCut ||= found.isCut;
  }
  return { end, isCut };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((it) => it.length >= HIDDEN_LENGTH_MIN);
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

function hiddenOf(units: readonly Unit[]): Hidden {
  const beginning: Unit[] = [];
  let told = 0;
  for (const unit of units) {
    beginning.push(unit);
    // What an address drops tells nothing of where the text begins.
    if (!unit.includes("")) told++;
    if (told === BEGINNING_UNITS) break;
  }
  return {
    units,
    beginning: beginning
      .map((unit) => `(?:${unit.map(RegExp.escape).join("|")})`).join(""),
    beginningMax: beginning.reduce((sum, unit) => sum + longest(unit), 0),
  };
}

function longest(unit: Unit): number {
  return unit.reduce((most, it) => Math.max(most, it.length), 0);
}

function base64Unit(char: string): Unit {
  const other = IN_BASE64URL[char];
  return other === undefined ? unitOf(char) : [...unitOf(char), other];
}

function unitOf(char: string): Unit {
  const known = UNITS.get(char);
  if (known !== undefined) return known;
  const made = [...new Set(spellingsOf(char))];
  // There are as many as the planes of characters have, and few are in use.
  if (UNITS.size < 4096) UNITS.set(char, made);
  return made;
}

function spellingsOf(char: string): readonly string[] {
  const escaped = inJson(char);
  const percent = [...new TextEncoder().encode(char)]
    .map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`)
    .join("");
  const codes = Array.from(
    { length: char.length },
    (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
  return [
    char,
    char.toWellFormed(),
    percent,
    percent.toLowerCase(),
    // As a gateway has it that encodes what is encoded.
    percent.replaceAll("%", "%25"),
    escaped,
    inJson(escaped),
    codes,
    codes.toUpperCase().replaceAll("\\U", "\\u"),
    ...(char === "/" ? ["\\/"] : []),
    ...(MARKUP[char] ?? []),
    ...(IN_URLS[char] ?? []),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Goes along all spellings of a text at once. */
function follow(units: readonly Unit[], text: string, from: number): Found {
  let places = new Set([from]);
  let isCut = false;
  for (const unit of units) {
    const next = new Set<number>();
    for (const place of places) {
      for (const spelling of unit) {
        if (text.startsWith(spelling, place)) next.add(place + spelling.length);
        else isCut ||= isBegun(spelling, text, place);
      }
    }
    if (next.size === 0) return { end: undefined, isCut };
    places = next;
  }
  return { end: Math.max(...places), isCut };
}

/** Whether a text ends with the beginning of a spelling. */
function isBegun(spelling: string, text: string, place: number): boolean {
  return text.length - place < spelling.length &&
    spelling.startsWith(text.slice(place));
}
