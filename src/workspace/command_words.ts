/**
 * A command line as words: quotes and escapes as in a shell, and nothing else
 * of one. What a shell would make of the line, as a pipe or a variable, is
 * refused with what to do instead, so that a rule sees all that is started.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";

/** Words of a line at the most. */
const WORDS_MAX = 1000;
const VARIABLE = /^\$(?:[A-Za-z_0-9{(@*#?!$-])/;
/** What needs no quotes in the one form of a line: no sign, and no odd space. */
const PLAIN_WORD = /^[\p{L}\p{N}_@%+=:,./^-][\p{L}\p{M}\p{N}_@%+=:,./^~-]*$/u;
/** What may stand around a line; other spaces are of its words. */
const AROUND = " \t\r\n";

/** The words of a line, or why it has none. */
export type WordsReading =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "wrong"; readonly problem: string };

/** Splits a command line. */
export function readWords(line: string, os: Platform["os"]): WordsReading {
  if (line.includes("\0")) {
    return { kind: "wrong", problem: "it has a NUL in it" };
  }
  const reader = new Reader(line, os);
  const problem = reader.read();
  if (problem !== undefined) return { kind: "wrong", problem };
  const { words } = reader;
  const [program] = words;
  if (program === undefined || program === "") {
    return { kind: "wrong", problem: "it names no program" };
  }
  if (/^[A-Za-z_]\w*=/.test(program)) {
    return {
      kind: "wrong",
      problem: `"${program}" sets a variable: begin with the program`,
    };
  }
  return words.length > WORDS_MAX
    ? { kind: "wrong", problem: `it has more than ${WORDS_MAX} words` }
    : { kind: "words", words };
}

/** Writes words as the one line that they are: what rules are held against. */
export function lineOfWords(words: readonly string[]): string {
  return words.map((word) =>
    PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`
  ).join(" ");
}

class Reader {
  readonly words: string[] = [];
  readonly #line: string;
  /** Where a backslash stands between the names of a path. */
  readonly #keepsBackslash: boolean;
  #at = 0;
  /** The word so far; absent between two. */
  #word: string | undefined;

  constructor(line: string, os: Platform["os"]) {
    this.#line = withoutEnds(line);
    this.#keepsBackslash = os === "windows";
  }

  /** Reads all words, or says what is wrong. */
  read(): string | undefined {
    while (this.#at < this.#line.length) {
      const problem = this.#next();
      if (problem !== undefined) return problem;
    }
    this.#endWord();
    return undefined;
  }

  #next(): string | undefined {
    const char = this.#line[this.#at] ?? "";
    switch (char) {
      case " ":
      case "\t":
        this.#at++;
        return void this.#endWord();
      case "'":
        return this.#single();
      case '"':
        return this.#double();
      case "\\":
        return this.#escape();
    }
    const problem = this.#unquotedProblem(char);
    if (problem !== undefined) return problem;
    this.#add(char);
    this.#at++;
    return undefined;
  }

  #unquotedProblem(char: string): string | undefined {
    const quote = "put it in single quotes where it is meant as it stands";
    const begins = this.#word === undefined;
    switch (char) {
      case "\n":
      case "\r":
        return "it has several lines: make one call for each";
      case "|":
        return `"|" starts no second program: make one call for each, or ${quote}`;
      case "&":
      case ";":
        return `"${char}" starts no second program: make one call for each, ` +
          `or ${quote}`;
      case "<":
      case ">":
        return `"${char}" leads nowhere else: use read and write for files, ` +
          `or ${quote}`;
      case "`":
        return `"\`" runs nothing: make a call of its own, or ${quote}`;
      case "(":
      case ")":
        return `"${char}" means nothing here: ${quote}`;
      case "*":
        return `"*" stands for no names here: list them, or ${quote}`;
      case "#":
        return begins ? `"#" begins no comment here: ${quote}` : undefined;
      case "~":
        return begins && /^~(?:[\w/+-]|\s|$)/.test(this.#line.slice(this.#at))
          ? `"~" stands for no folder here: ${quote}`
          : undefined;
      default:
        return this.#variableProblem();
    }
  }

  #variableProblem(): string | undefined {
    return VARIABLE.test(this.#line.slice(this.#at))
      ? '"$" stands for no variable or program here: write out what is meant, ' +
        "or put it in single quotes where it is meant as it stands"
      : undefined;
  }

  #single(): string | undefined {
    const end = this.#line.indexOf("'", this.#at + 1);
    if (end < 0) return "a single quote is not closed";
    this.#add(this.#line.slice(this.#at + 1, end));
    this.#at = end + 1;
    return undefined;
  }

  #double(): string | undefined {
    this.#at++;
    this.#add("");
    for (; this.#at < this.#line.length; this.#at++) {
      const char = this.#line[this.#at] ?? "";
      const next = this.#line[this.#at + 1] ?? "";
      if (char === '"') {
        this.#at++;
        return undefined;
      }
      if (char === "`") {
        return '"`" runs nothing: put it in single quotes, or escape it';
      }
      if (char === "\\" && /["\\$`]/.test(next)) {
        this.#add(next);
        this.#at++;
        continue;
      }
      if (char === "$") {
        const problem = this.#variableProblem();
        if (problem !== undefined) return problem;
      }
      this.#add(char);
    }
    return "a double quote is not closed";
  }

  #escape(): string | undefined {
    const next = this.#line[this.#at + 1];
    if (this.#keepsBackslash) {
      this.#add("\\");
      this.#at++;
      return undefined;
    }
    if (next === undefined || next === "\n") {
      return "a backslash stands at the end of a line";
    }
    this.#add(next);
    this.#at += 2;
    return undefined;
  }

  #add(text: string): void {
    this.#word = (this.#word ?? "") + text;
  }

  #endWord(): void {
    if (this.#word !== undefined) this.words.push(this.#word);
    this.#word = undefined;
  }
}

function withoutEnds(line: string): string {
  let from = 0;
  let to = line.length;
  while (from < to && AROUND.includes(line.charAt(from))) from++;
  while (from < to && AROUND.includes(line.charAt(to - 1))) to--;
  return line.slice(from, to);
}
