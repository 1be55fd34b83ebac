/**
 * Splits the text of a program into tokens, as jq 1.7 does.
 *
 * Strings are flat too: `text-start`, `text` pieces, `open` … `close` around
 * what is interpolated, `text-end`.
 *
 * @module
 */

/** A token and where it stands, in UTF-16 units. */
export interface Token {
  readonly kind:
    | "identifier"
    | "keyword"
    | "variable"
    | "field"
    | "number"
    | "format"
    | "text-start"
    | "text"
    | "open"
    | "close"
    | "text-end"
    | "operator"
    | "invalid"
    | "end";
  /** The name without `$`, `.` or `@`; the decoded text; else as written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words that are no function names. */
const KEYWORDS: ReadonlySet<string> = new Set(
  ("def module import include if then else elif end as reduce foreach try " +
    "catch label and or __loc__ break").split(" "),
);

const SPACE = /(?:[ \t\r\n]+|#(?:[^\n\\]|\\\r?\n|\\[^\n])*)*/y;
const WORD = /(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*/y;
const VARIABLE = /\$((?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)/y;
const FIELD = /\.([A-Za-z_]\w*)/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const FORMAT = /@(\w+)/y;
const OPERATOR =
  /\?\/\/=?|\/\/=|\.\.|!=|==|\/\/|\|=|\+=|-=|\*=|\/=|%=|<=|>=|[.?=;,:|+\-*\/%$<>()[\]{}]/y;
const CLOSERS: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** How far to read. */
export interface TokenizeOptions {
  /** Where to begin; absent means at the start. */
  readonly start?: number;
  /** Whether to stop at a `}` that nothing opened, as the end of `${ … }`. */
  readonly toBrace?: boolean;
}

/**
 * Splits a program into tokens; the last is `end`, or `invalid` at what is no
 * token. A `}` that ends the program is not part of it.
 */
export function tokenize(
  source: string,
  options: TokenizeOptions = {},
): readonly Token[] {
  return new Tokenizer(source, options).run();
}

/** Holds where it is: what is open decides what a character means. */
class Tokenizer {
  readonly #source: string;
  readonly #toBrace: boolean;
  readonly #tokens: Token[] = [];
  /** The closers to come; `"` is a string whose interpolation is open. */
  readonly #open: string[] = [];
  #at: number;

  constructor(source: string, options: TokenizeOptions) {
    this.#source = source;
    this.#at = options.start ?? 0;
    this.#toBrace = options.toBrace ?? false;
  }

  run(): readonly Token[] {
    while (this.#step());
    return this.#tokens;
  }

  /** Reads one token (or one string piece); says whether to go on. */
  #step(): boolean {
    this.#match(SPACE);
    const char = this.#source[this.#at];
    if (char === undefined) return this.#stop("end");
    if (this.#toBrace && char === "}" && this.#open.length === 0) {
      return this.#stop("end");
    }
    if (char === '"') {
      this.#push("text-start", char, 1);
      return this.#text();
    }
    return this.#word() || this.#operator();
  }

  #word(): boolean {
    const variable = this.#match(VARIABLE);
    if (variable !== undefined) return this.#emit("variable", variable, 1);
    const field = this.#match(FIELD);
    if (field !== undefined) return this.#emit("field", field, 1);
    const format = this.#match(FORMAT);
    if (format !== undefined) return this.#emit("format", format, 1);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#emit("number", number, 0);
    const word = this.#match(WORD);
    if (word === undefined) return false;
    return this.#emit(KEYWORDS.has(word) ? "keyword" : "identifier", word, 0);
  }

  #operator(): boolean {
    const text = this.#match(OPERATOR);
    if (text === undefined) return this.#stop("invalid");
    const closer = CLOSERS[text];
    if (closer !== undefined) this.#open.push(closer);
    if (text === ")" && this.#open.at(-1) === '"') {
      this.#open.pop();
      this.#emit("close", text, 0);
      return this.#text();
    }
    if (this.#open.at(-1) === text) this.#open.pop();
    return this.#emit("operator", text, 0);
  }

  /** Reads on inside a string, up to its end or to an interpolation. */
  #text(): boolean {
    let text = "";
    const start = this.#at;
    for (;;) {
      const char = this.#source[this.#at];
      if (char === undefined) return this.#stop("invalid");
      if (char === '"' || (char === "\\" && this.#next() === "(")) {
        if (this.#at > start) {
          this.#tokens.push({ kind: "text", text, start, end: this.#at });
        }
        if (char === '"') {
          this.#push("text-end", char, 1);
          return true;
        }
        this.#open.push('"');
        this.#push("open", "\\(", 2);
        return true;
      }
      const piece = char === "\\" ? this.#escape() : char;
      if (piece === undefined) return this.#stop("invalid");
      text += piece;
      if (char !== "\\") this.#at += 1;
    }
  }

  #escape(): string | undefined {
    const char = this.#next() ?? "";
    if (char === "u") {
      const hex = this.#source.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) return undefined;
      this.#at += 6;
      return String.fromCharCode(parseInt(hex, 16));
    }
    const piece = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
    if (piece !== undefined) this.#at += 2;
    return piece;
  }

  #next(): string | undefined {
    return this.#source[this.#at + 1];
  }

  /** Moves past a pattern; gives its first group, or all of it. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[1] ?? match[0];
  }

  /** Notes a token that was just passed, with a sign before its text. */
  #emit(kind: Token["kind"], text: string, signLength: number): boolean {
    const start = this.#at - text.length - signLength;
    this.#tokens.push({ kind, text, start, end: this.#at });
    return true;
  }

  #push(kind: Token["kind"], text: string, length: number): void {
    const start = this.#at;
    this.#at += length;
    this.#tokens.push({ kind, text, start, end: this.#at });
  }

  #stop(kind: "end" | "invalid"): boolean {
    const text = this.#source[this.#at] ?? "";
    this.#tokens.push({ kind, text, start: this.#at, end: this.#at });
    return false;
  }
}
