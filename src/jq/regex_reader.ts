/**
 * Reads regular expressions of Oniguruma as jq uses them: the syntax of Perl
 * with named groups.
 *
 * @module
 */

import { raise } from "./failure.ts";
import { steps } from "./fuel.ts";
import {
  type CharTest,
  escapedClass,
  namedClass,
  propertyClass,
} from "./regex_classes.ts";
import {
  EDGES,
  type Piece,
  type RegexFlags,
  type RegexTree,
  SIMPLE,
} from "./regex_tree.ts";

const REPEAT_MAX = 100_000;
const NESTING_MAX = 250;

/** Reads a regular expression. */
export function readRegex(source: string, flags: RegexFlags): RegexTree {
  const reader = new Reader(source, flags);
  const piece = reader.all();
  return { piece, groups: reader.groups };
}

function failed(reason: string): never {
  return raise(`Regex failure: ${reason}`);
}

function refused(what: string): never {
  return failed(`${what} cannot be used here`);
}

class Reader {
  readonly groups: (string | undefined)[] = [];
  readonly #chars: readonly string[];
  #flags: RegexFlags;
  #at = 0;
  #nesting = 0;

  constructor(source: string, flags: RegexFlags) {
    this.#chars = Array.from(source);
    this.#flags = flags;
  }

  all(): Piece {
    const piece = this.#choice();
    if (this.#at < this.#chars.length) failed("unmatched close parenthesis");
    return piece;
  }

  #peek(ahead = 0): string {
    return this.#chars[this.#at + ahead] ?? "";
  }

  #take(text: string): boolean {
    const chars = Array.from(text);
    if (!chars.every((char, i) => this.#peek(i) === char)) return false;
    this.#at += chars.length;
    return true;
  }

  /** Reads up to a mark, and past it. */
  #until(mark: string, what: string): string {
    const start = this.#at;
    while (this.#peek() !== mark) {
      if (this.#at >= this.#chars.length) failed(`end pattern in ${what}`);
      this.#at += 1;
    }
    this.#at += 1;
    return this.#chars.slice(start, this.#at - 1).join("");
  }

  #choice(): Piece {
    if (++this.#nesting > NESTING_MAX) failed("too deep nest level");
    const flags = this.#flags;
    const pieces = [this.#sequence()];
    while (this.#take("|")) pieces.push(this.#sequence());
    this.#flags = flags;
    this.#nesting -= 1;
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined) return only;
    return { kind: "choice", pieces };
  }

  #sequence(): Piece {
    const pieces: Piece[] = [];
    for (;;) {
      const char = this.#peek();
      if (char === "" || char === "|" || char === ")") break;
      const piece = this.#atom();
      if (piece !== undefined) pieces.push(this.#repeated(piece));
    }
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined) return only;
    return { kind: "sequence", pieces };
  }

  #repeated(piece: Piece): Piece {
    let body = piece;
    for (;;) {
      const bounds = this.#bounds();
      if (bounds === undefined) return body;
      const mode = this.#take("?")
        ? "lazy"
        : !bounds.isCounted && this.#take("+")
        ? "possessive"
        : "greedy";
      const { min, max } = bounds;
      body = { kind: "repeat", body, min, max, mode };
    }
  }

  #bounds():
    | {
      readonly min: number;
      readonly max: number;
      readonly isCounted: boolean;
    }
    | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity, isCounted: false };
    if (this.#take("+")) return { min: 1, max: Infinity, isCounted: false };
    if (this.#take("?")) return { min: 0, max: 1, isCounted: false };
    if (this.#peek() !== "{") return undefined;
    const rest = this.#chars.slice(this.#at, this.#at + 20).join("");
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (found === null) return undefined;
    const [all, from = "", comma = "", to = ""] = found;
    if (from === "" && to === "") return undefined;
    const min = Number(from);
    const max = comma === "" ? min : to === "" ? Infinity : Number(to);
    if (Math.max(min, Number(to)) > REPEAT_MAX) {
      failed("too big number range");
    }
    if (max < min) failed("upper is smaller than lower in repeat range");
    this.#at += all.length;
    return { min, max, isCounted: true };
  }

  #atom(): Piece | undefined {
    const char = this.#peek();
    if (this.#flags.extended) {
      if (/^\s$/.test(char)) {
        this.#at += 1;
        return undefined;
      }
      if (char === "#") {
        while (this.#peek() !== "\n" && this.#peek() !== "") this.#at += 1;
        return undefined;
      }
    }
    this.#at += 1;
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "char", test: this.#cased(this.#class()) };
      case ".": {
        const { dotAll } = this.#flags;
        return { kind: "char", test: (code) => dotAll || code !== 10 };
      }
      case "^":
        return { kind: "at", where: "start" };
      case "$":
        return { kind: "at", where: "last line end" };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        return failed("target of repeat operator is not specified");
      default:
        return this.#literal(char.codePointAt(0) ?? 0);
    }
  }

  #literal(code: number): Piece {
    return { kind: "char", test: this.#cased((it) => it === code) };
  }

  /** Where letters are alike in both cases, one of them is enough. */
  #cased(test: CharTest): CharTest {
    if (!this.#flags.ignoreCase) return test;
    return (code) => {
      if (test(code)) return true;
      const char = String.fromCodePoint(code);
      return [char.toLowerCase(), char.toUpperCase()].some((it) =>
        it.length <= 2 && test(it.codePointAt(0) ?? 0)
      );
    };
  }

  #closed(body: Piece): Piece {
    if (!this.#take(")")) failed("end pattern with unmatched parenthesis");
    return body;
  }

  #group(): Piece | undefined {
    if (!this.#take("?")) return this.#capture(undefined);
    if (this.#take("#")) {
      this.#until(")", "group");
      return undefined;
    }
    if (this.#take(":")) return this.#closed(this.#choice());
    if (this.#take(">")) {
      return { kind: "atomic", body: this.#closed(this.#choice()) };
    }
    for (const isBehind of [false, true]) {
      for (const isNegative of [false, true]) {
        const mark = (isBehind ? "<" : "") + (isNegative ? "!" : "=");
        if (!this.#take(mark)) continue;
        const body = this.#closed(this.#choice());
        return { kind: "look", body, isBehind, isNegative };
      }
    }
    if (this.#take("P<") || this.#take("<")) {
      const name = this.#until(">", "group");
      if (!/^[\p{L}_]\w*$/u.test(name)) {
        failed("group name is empty or invalid");
      }
      return this.#capture(name);
    }
    return this.#options();
  }

  #capture(name: string | undefined): Piece {
    const at = this.groups.length;
    this.groups.push(name);
    return { kind: "group", at, body: this.#closed(this.#choice()) };
  }

  /** `(?i)` holds up to the end of what is around it, `(?i:…)` inside. */
  #options(): Piece | undefined {
    let isOn = true;
    const before = this.#flags;
    for (;;) {
      const char = this.#peek();
      this.#at += 1;
      switch (char) {
        case "-":
          isOn = false;
          break;
        case "i":
          this.#flags = { ...this.#flags, ignoreCase: isOn };
          break;
        case "x":
          this.#flags = { ...this.#flags, extended: isOn };
          break;
        case "s":
          this.#flags = { ...this.#flags, dotAll: isOn };
          break;
        case "m":
          break;
        case ")":
          return this.#rest();
        case ":": {
          const body = this.#closed(this.#choice());
          this.#flags = before;
          return body;
        }
        default:
          return refused(`"(?${char}"`);
      }
    }
  }

  /** What follows `(?i)`, with all its alternatives. */
  #rest(): Piece {
    return this.#choice();
  }

  #escape(): Piece {
    const char = this.#peek();
    this.#at += 1;
    if (char === "") return failed("end pattern at escape");
    const where = Object.hasOwn(EDGES, char) ? EDGES[char] : undefined;
    if (where !== undefined) return { kind: "at", where };
    if (char === "k") {
      if (!this.#take("<")) return refused('"\\k"');
      const name = this.#until(">", "backreference");
      return { kind: "back", to: /^\d+$/.test(name) ? Number(name) : name };
    }
    if (/^[1-9]$/.test(char)) {
      let digits = char;
      while (/^\d$/.test(this.#peek())) {
        digits += this.#peek();
        this.#at += 1;
      }
      return { kind: "back", to: Number(digits) };
    }
    if ("gKRXNO".includes(char)) return refused(`"\\${char}"`);
    this.#at -= 1;
    const read = this.#escapedChar();
    return typeof read === "number"
      ? this.#literal(read)
      : { kind: "char", test: this.#cased(read) };
  }

  /** Reads what an escape stands for: a character, or a class of them. */
  #escapedChar(): number | CharTest {
    const char = this.#peek();
    this.#at += 1;
    if (Object.hasOwn(SIMPLE, char)) return SIMPLE[char] ?? 0;
    if (char === "x") return this.#hexadecimal();
    if (char === "u") return refused('"\\u"');
    if (char === "0") return 0;
    if (char === "c") {
      const code = this.#peek().codePointAt(0) ?? 0;
      this.#at += 1;
      return code & 0x1f;
    }
    if (char === "p" || char === "P") {
      if (!this.#take("{")) return char.codePointAt(0) ?? 0;
      const name = this.#until("}", "character property");
      const test = propertyClass(name);
      if (test === undefined) {
        return failed(`invalid character property name {${name}}`);
      }
      return char === "p" ? test : (code) => !test(code);
    }
    return escapedClass(char) ?? char.codePointAt(0) ?? 0;
  }

  #hexadecimal(): number {
    if (this.#take("{")) {
      const digits = this.#until("}", "code point");
      const code = parseInt(digits, 16);
      if (!(code <= 0x10ffff)) failed("too big wide-char value");
      return code;
    }
    let digits = "";
    while (digits.length < 2 && /^[0-9a-fA-F]$/.test(this.#peek())) {
      digits += this.#peek();
      this.#at += 1;
    }
    const code = digits === "" ? 0 : parseInt(digits, 16);
    return code < 0x80 ? code : failed("too short multibyte code string");
  }

  #class(): CharTest {
    if (++this.#nesting > NESTING_MAX) failed("too deep nest level");
    const isNegative = this.#take("^");
    const tests: CharTest[] = [];
    for (let isFirst = true;; isFirst = false) {
      if (this.#at >= this.#chars.length) failed("premature end of char-class");
      if (!isFirst && this.#take("]")) break;
      tests.push(this.#classItem());
    }
    this.#nesting -= 1;
    const test: CharTest = (code) => {
      if (tests.length > 8) steps(tests.length >> 3);
      return tests.some((it) => it(code));
    };
    return isNegative ? (code) => !test(code) : test;
  }

  #classItem(): CharTest {
    if (this.#take("[:")) {
      const rest = this.#chars.slice(this.#at, this.#at + 20).join("");
      const found = /^(\^?)(\w+):\]/.exec(rest);
      const test = namedClass(found?.[2] ?? "");
      if (found !== null && test !== undefined) {
        this.#at += found[0].length;
        return found[1] === "^" ? (code) => !test(code) : test;
      }
      // It is no class: the bracket stands for itself.
      this.#at -= 1;
      return (code) => code === 91;
    }
    const from = this.#classChar();
    if (typeof from !== "number") return from;
    if (this.#peek() !== "-" || this.#peek(1) === "]") {
      return (code) => code === from;
    }
    this.#at += 1;
    const to = this.#classChar();
    if (typeof to !== "number") {
      return failed("char-class value at end of range");
    }
    if (to < from) return failed("empty range in char class");
    return (code) => code >= from && code <= to;
  }

  #classChar(): number | CharTest {
    const char = this.#peek();
    if (char !== "\\") {
      this.#at += 1;
      return char.codePointAt(0) ?? 0;
    }
    this.#at += 1;
    if (this.#take("b")) return 8;
    return this.#escapedChar();
  }
}
