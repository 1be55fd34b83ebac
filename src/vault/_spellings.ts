/**
 * How one character can be spelled: as addresses, forms, JSON, markup, shells
 * and mail have it. A text is found in any mixture of these.
 *
 * To make whole spellings would miss what encodes some characters and leaves
 * others, of which every part of an address has a rule of its own. Letters and
 * digits are left by all, or all of them are encoded in one style.
 *
 * @module
 */

/** The spellings of one character. */
export class Unit {
  readonly spellings: readonly string[];
  /** Bytes of the shortest one. */
  readonly bytesMin: number;
  /** Whether it stands between others, and hardly twice within a few bytes. */
  readonly isRare: boolean;
  #rests: Map<number, string[]> | undefined;
  #bytes: readonly string[] | undefined;

  constructor(
    spellings: readonly string[],
    options: { readonly isRare?: boolean } = {},
  ) {
    this.isRare = options.isRare ?? false;
    this.spellings = [...new Set(spellings)];
    this.bytesMin = this.spellings.reduce(
      (least, it) => Math.min(least, bytesOf(it).length),
      Infinity,
    );
  }

  /** What is left of the spellings that begin with a code unit. */
  restsOf(code: number): readonly string[] {
    this.#rests ??= restsByFirst(this.spellings);
    return this.#rests.get(code) ?? [];
  }

  /** The spellings in UTF-8, a character a byte. */
  get bytes(): readonly string[] {
    return this.#bytes ??= this.spellings.map(bytesOf);
  }
}

/** Characters of which the spellings are kept; few are in use. */
const KEPT_MAX = 4096;
/** How often JSON may be a text in JSON. */
const JSON_DEPTH_MAX = 4;
const KEPT: Map<string, Unit> = new Map();
const KEPT_LETTERS: Map<Style, Map<string, Unit>> = new Map();

const LETTER = /^[0-9A-Za-z]$/;
const NOT_ASCII = /[\u0080-\uffff]/;

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
  "'": ["\\\\'", "'\\''", "'\\\\''", `'"'"'`, `'\\"'\\"'`, "''"],
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

/** What is not ASCII as `repr` and `ascii` of Python escape it, and C does. */
function inPython(char: string): readonly string[] {
  const point = pointIn(char);
  const digits = point.toString(16);
  const escape = point < 0x100
    ? `x${digits.padStart(2, "0")}`
    : point < 0x10000
    ? `u${digits.padStart(4, "0")}`
    : `U${digits.padStart(8, "0")}`;
  // Also within JSON.
  return [`\\${escape}`, `\\\\${escape}`];
}

/** Gives the spellings of a character among others that are left. */
export function charUnit(char: string): Unit {
  return keptIn(
    KEPT,
    char,
    () => new Unit(LETTER.test(char) ? [char] : spellingsOf(char)),
  );
}

/** Gives what spells characters where one style encodes them all. */
export function styledUnit(style: Style): (char: string) => Unit {
  const kept = KEPT_LETTERS.get(style) ?? new Map<string, Unit>();
  KEPT_LETTERS.set(style, kept);
  return (char) =>
    LETTER.test(char)
      ? keptIn(kept, char, () => new Unit(STYLES[style](char)))
      : charUnit(char);
}

/** Gives what was made for a character; few are in use. */
function keptIn(
  kept: Map<string, Unit>,
  char: string,
  make: () => Unit,
): Unit {
  const known = kept.get(char);
  if (known !== undefined) return known;
  const made = make();
  if (kept.size < KEPT_MAX) kept.set(char, made);
  return made;
}

/** The unit without what drops the character. */
export function keptUnit(unit: Unit): Unit {
  return unit.bytesMin > 0
    ? unit
    : new Unit(unit.spellings.filter((it) => it !== ""));
}

function restsByFirst(spellings: readonly string[]): Map<number, string[]> {
  const rests = new Map<number, string[]>();
  for (const spelling of spellings) {
    if (spelling === "") continue;
    const first = spelling.charCodeAt(0);
    const list = rests.get(first) ?? [];
    rests.set(first, list);
    list.push(spelling.slice(1));
  }
  return rests;
}

function bytesOf(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  let made = "";
  for (const byte of new TextEncoder().encode(text)) {
    made += String.fromCharCode(byte);
  }
  return made;
}

function spellingsOf(char: string): readonly string[] {
  const isAscii = char <= "\x7f";
  return [
    char,
    char.toWellFormed(),
    ...STYLE_NAMES.flatMap((it) => STYLES[it](char)),
    ...inJsonDeep(char),
    ...(char === "/" ? ["\\/"] : []),
    // A shell takes whatever stands behind a backslash as it is.
    ...(isAscii && !/[\n\r]/.test(char) ? [`\\${char}`] : []),
    ...(MARKUP[char] ?? []),
    ...(IN_URLS[char] ?? []),
    ...(IN_QUOTES[char] ?? []),
    ...(IN_C[char] ?? []),
    ...(char === "\n" ? LINE_ENDS : []),
    ...(isAscii ? [] : inPython(char)),
  ];
}

/** A way to encode every character. */
export type Style =
  | "percent"
  | "percentTwice"
  | "hexEscape"
  | "hexEscapeInJson"
  | "quotedPrintable"
  | "octalEscape"
  | "escape"
  | "escapeInJson"
  | "pointEscape"
  | "markup";

const STYLES: Readonly<Record<Style, (char: string) => readonly string[]>> = {
  percent: (char) => inHexBytes(char, "%"),
  /** As a gateway has it that encodes what is encoded. */
  percentTwice: (char) => inHexBytes(char, "%25"),
  hexEscape: (char) => inHexBytes(char, "\\x"),
  hexEscapeInJson: (char) => inHexBytes(char, "\\\\x"),
  quotedPrintable: (char) => inHexBytes(char, "="),
  octalEscape: (char) => [
    bytesIn(char).map((it) => `\\${it.toString(8).padStart(3, "0")}`).join(""),
  ],
  escape: (char) => inHexUnits(char, "\\u"),
  escapeInJson: (char) => inHexUnits(char, "\\\\u"),
  pointEscape: (char) => [
    `\\u{${pointIn(char).toString(16)}}`,
    `\\U${pointIn(char).toString(16).padStart(8, "0")}`,
  ],
  markup: (char) => [
    `&#${pointIn(char)};`,
    `&#x${pointIn(char).toString(16)};`,
    `&#x${pointIn(char).toString(16).toUpperCase()};`,
  ],
};

/** All ways to encode every character. */
export const STYLE_NAMES: readonly Style[] = [
  "percent",
  "percentTwice",
  "hexEscape",
  "hexEscapeInJson",
  "quotedPrintable",
  "octalEscape",
  "escape",
  "escapeInJson",
  "pointEscape",
  "markup",
];

function bytesIn(char: string): readonly number[] {
  return [...new TextEncoder().encode(char)];
}

function pointIn(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function inHexBytes(char: string, mark: string): readonly string[] {
  return inHex(bytesIn(char), { mark, digits: 2 });
}

function inHexUnits(char: string, mark: string): readonly string[] {
  const units = Array.from(
    { length: char.length },
    (_, i) => char.charCodeAt(i),
  );
  return inHex(units, { mark, digits: 4 });
}

function inHex(
  numbers: readonly number[],
  { mark, digits }: { readonly mark: string; readonly digits: number },
): readonly string[] {
  const lower = numbers.map((it) => it.toString(16).padStart(digits, "0"));
  return [
    lower.map((it) => mark + it).join(""),
    lower.map((it) => mark + it.toUpperCase()).join(""),
  ];
}

/** JSON in JSON, as an error has it that quotes an error. */
function inJsonDeep(char: string): readonly string[] {
  const made: string[] = [];
  for (let text = char, depth = 0; depth < JSON_DEPTH_MAX; depth++) {
    text = inJson(text);
    made.push(text);
  }
  return made;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
