/**
 * How one character can be spelled: as addresses, forms, JSON, markup, shells
 * and mail have it. A text is found in any mixture of these.
 *
 * To make whole spellings would miss what encodes some characters and leaves
 * others, of which every part of an address has a rule of its own.
 *
 * @module
 */

/** The spellings of one character, and what they are looked up by. */
export interface Unit {
  readonly spellings: readonly string[];
  /** What is left of the spellings that begin with a code unit. */
  readonly rests: ReadonlyMap<number, readonly string[]>;
  /** The spellings in UTF-8, a character a byte. */
  readonly bytes: readonly string[];
  /** Bytes of the shortest one. */
  readonly bytesMin: number;
}

/** Characters of which the spellings are kept; few are in use. */
const KEPT_MAX = 4096;
const KEPT: Map<string, Unit> = new Map();

const MARKUP: Readonly<Record<string, readonly string[]>> = {
  "&": ["&amp;", "&amp;amp;"],
  "<": ["&lt;", "&amp;lt;"],
  ">": ["&gt;", "&amp;gt;"],
  '"': ["&quot;", "&amp;quot;"],
  "'": ["&apos;", "&#039;", "&amp;#39;", "&amp;#039;"],
};
/** What a URL does to characters besides writing them in percent. */
const IN_URLS: Readonly<Record<string, readonly string[]>> = {
  " ": ["+"],
  "\\": ["/", "%2F", "%2f"],
  "\t": [""],
  "\n": [""],
  "\r": [""],
};
/** Quotes of shells, of YAML, SQL and CSV. */
const IN_QUOTES: Readonly<Record<string, readonly string[]>> = {
  "'": ["'\\''", "'\\\\''", `'"'"'`, `'\\"'\\"'`, "''"],
  '"': ['""'],
};
/** Escapes of `$'…'` and of C that JSON does not have. */
const IN_C: Readonly<Record<string, readonly string[]>> = {
  "\x07": ["\\a"],
  "\x0b": ["\\v"],
  "\x1b": ["\\e", "\\E"],
};
/** A line may be ended otherwise where a text went through. */
const LINE_ENDS: readonly string[] = [
  "\r\n",
  "\r",
  " ",
  "\\r\\n",
  "\\\\r\\\\n",
  "%0D%0A",
  "%0d%0a",
  "%250D%250A",
  "=0D=0A",
  "&#13;&#10;",
  "&#xD;&#xA;",
];

/** Makes a unit of its spellings. */
export function unitOf(spellings: readonly string[]): Unit {
  const distinct = [...new Set(spellings)];
  const bytes = distinct.map(bytesOf);
  const rests = new Map<number, string[]>();
  for (const spelling of distinct) {
    if (spelling === "") continue;
    const first = spelling.charCodeAt(0);
    const list = rests.get(first) ?? [];
    rests.set(first, list);
    list.push(spelling.slice(1));
  }
  return {
    spellings: distinct,
    rests,
    bytes,
    bytesMin: bytes.reduce((least, it) => Math.min(least, it.length), Infinity),
  };
}

/** Gives all spellings of a character. */
export function charUnit(char: string): Unit {
  const known = KEPT.get(char);
  if (known !== undefined) return known;
  const made = unitOf(spellingsOf(char));
  if (KEPT.size < KEPT_MAX) KEPT.set(char, made);
  return made;
}

/** The unit without what drops the character. */
export function keptUnit(unit: Unit): Unit {
  return unit.bytesMin > 0
    ? unit
    : unitOf(unit.spellings.filter((it) => it !== ""));
}

function bytesOf(text: string): string {
  let made = "";
  for (const byte of new TextEncoder().encode(text)) {
    made += String.fromCharCode(byte);
  }
  return made;
}

function spellingsOf(char: string): readonly string[] {
  const escaped = inJson(char);
  const isAscii = char <= "\x7f";
  return [
    char,
    char.toWellFormed(),
    ...inBytes(char),
    escaped,
    inJson(escaped),
    ...inCodes(char),
    ...(char === "/" ? ["\\/"] : []),
    // A shell takes whatever stands behind a backslash as it is.
    ...(isAscii && !/[0-9A-Za-z\n\r]/.test(char) ? [`\\${char}`] : []),
    ...(MARKUP[char] ?? []),
    ...(IN_URLS[char] ?? []),
    ...(IN_QUOTES[char] ?? []),
    ...(IN_C[char] ?? []),
    ...(char === "\n" ? LINE_ENDS : []),
  ];
}

/** What spells a character by its bytes. */
function inBytes(char: string): readonly string[] {
  const bytes = [...new TextEncoder().encode(char)];
  const lower = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
  const upper = lower.map((it) => it.toUpperCase());
  const each = (mark: string, digits: readonly string[]): string =>
    digits.map((it) => mark + it).join("");
  return [
    each("%", upper),
    each("%", lower),
    // As a gateway has it that encodes what is encoded.
    each("%25", upper),
    each("%25", lower),
    each("\\x", lower),
    each("\\x", upper),
    each("\\\\x", lower),
    each("\\", bytes.map((byte) => byte.toString(8).padStart(3, "0"))),
    // Quoted-printable.
    each("=", upper),
  ];
}

/** What spells a character by its number. */
function inCodes(char: string): readonly string[] {
  const units = Array.from(
    { length: char.length },
    (_, i) => char.charCodeAt(i).toString(16).padStart(4, "0"),
  );
  const point = char.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  const each = (mark: string): readonly string[] => [
    units.map((it) => mark + it).join(""),
    units.map((it) => mark + it.toUpperCase()).join(""),
  ];
  return [
    ...each("\\u"),
    ...each("\\\\u"),
    `\\u{${hex}}`,
    `\\U${hex.padStart(8, "0")}`,
    `&#${point};`,
    `&#x${hex};`,
    `&#x${hex.toUpperCase()};`,
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
