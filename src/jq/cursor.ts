/**
 * Walks over the tokens of a program, and notes what is wrong with them.
 *
 * @module
 */

import { type JqProblem, placeOf } from "./failure.ts";
import { foreignOperator } from "./foreign.ts";
import type { Token } from "./lexer.ts";
import { A_VALUE, AN_OPERATOR, firstOf, slipAt } from "./slips.ts";
import type { Located } from "./tree.ts";

/** How deep programs nest. */
export const PROGRAM_DEPTH_MAX = 200;
/** Problems that are noted; of more, nobody reads the rest. */
const PROBLEMS_MAX = 20;

/** Leaves what is being read; its problem is noted already. */
export class Stop {}

const OPENERS: Readonly<Record<string, true>> = {
  "(": true,
  "[": true,
  "{": true,
};
const CLOSERS: Readonly<Record<string, true>> = {
  ")": true,
  "]": true,
  "}": true,
};

/** A place in the tokens of a program. */
export class Cursor {
  /** What was found wrong. */
  readonly problems: JqProblem[] = [];
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #lineStarts: number[] = [0];
  #at = 0;
  #depth = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
    for (let at = source.indexOf("\n"); at >= 0;) {
      this.#lineStarts.push(at + 1);
      at = source.indexOf("\n", at + 1);
    }
  }

  /** Where something stands from an offset to the end of the last token. */
  located(start: number): Located {
    const end = this.#tokens[this.#at - 1]?.end ?? start;
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    const column = start - (this.#lineStarts[low] ?? 0) + 1;
    return { start, end: Math.max(start, end), line: low + 1, column };
  }

  /** The next token. */
  peek(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    return token ?? { kind: "end", text: "", start: 0, end: 0 };
  }

  /** The token after the next one. */
  peekSecond(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  /** Takes the next token. */
  take(): Token {
    const token = this.peek();
    if (this.#at < this.#tokens.length) this.#at += 1;
    return token;
  }

  /** Reads what nests, up to a bound. */
  deeper<Read>(read: () => Read): Read {
    this.#depth += 1;
    if (this.#depth > PROGRAM_DEPTH_MAX) {
      this.fail(`The expression is nested more than ${PROGRAM_DEPTH_MAX} deep`);
    }
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Whether that operator is next. */
  isOperator(text: string): boolean {
    const token = this.peek();
    return token.kind === "operator" && token.text === text;
  }

  /** Takes that operator if it is next; says whether it was. */
  takeOperator(text: string): boolean {
    const is = this.isOperator(text);
    if (is) this.#at += 1;
    return is;
  }

  /** Takes an operator that there must be. */
  expect(text: string): void {
    if (!this.takeOperator(text)) this.unexpected(this.peek(), `"${text}"`);
  }

  /** Whether that keyword is next. */
  isKeyword(text: string): boolean {
    const token = this.peek();
    return token.kind === "keyword" && token.text === text;
  }

  /** Takes that keyword if it is next; says whether it was. */
  takeKeyword(text: string): boolean {
    const is = this.isKeyword(text);
    if (is) this.#at += 1;
    return is;
  }

  /** Takes a keyword that there must be. */
  expectKeyword(text: string): void {
    if (!this.takeKeyword(text)) this.unexpected(this.peek(), `"${text}"`);
  }

  /** Takes a variable and gives its name. */
  variableName(): string {
    const token = this.take();
    if (token.kind !== "variable") this.unexpected(token, "a variable");
    return token.text;
  }

  /**
   * Reads what is inside brackets and the closer. Where that cannot be read,
   * it goes on behind the closer, so that more is found at once.
   */
  inside<Read>(closer: string, read: () => Read): Read | undefined {
    const from = this.#at;
    try {
      const inner = read();
      this.expect(closer);
      return inner;
    } catch (thrown) {
      if (!(thrown instanceof Stop) || !this.#skipPast(from)) throw thrown;
      return undefined;
    }
  }

  /** Goes on behind the closer of what was opened before a token. */
  #skipPast(from: number): boolean {
    let depth = 1;
    for (let i = from; i < this.#tokens.length; i++) {
      const { kind, text } = this.#tokens[i] ?? this.peek();
      if (kind === "operator" && OPENERS[text] === true) depth += 1;
      if (kind === "operator" && CLOSERS[text] === true) depth -= 1;
      if (depth > 0) continue;
      if (i < this.#at - 1) return false;
      this.#at = i + 1;
      return true;
    }
    return false;
  }

  /** Stops at a token that cannot stand where it does. */
  unexpected(token: Token = this.peek(), expected?: string): never {
    const instead = expected === undefined ? "" : `, ${expected} is expected`;
    if (token.kind === "end") {
      const early = expected === A_VALUE ? "" : instead;
      this.fail(`The expression ends too early${early}`, { token });
    }
    if (token.kind === "invalid") this.#invalid(token);
    const isBetween = expected === AN_OPERATOR;
    const hint = isBetween && token.kind !== "text-start"
      ? foreignOperator(token.text) ?? this.#slipAt(token)
      : this.#slipAt(token);
    this.fail(`Unexpected ${this.#shown(token)}${instead}`, {
      token,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #slipAt({ start }: Token): string | undefined {
    return slipAt(this.#source, start);
  }

  /** Names a token as it is written; a text without what is in it. */
  #shown(token: Token): string {
    if (token.kind === "text-start") return "string";
    if (token.kind === "text-end") return "end of a string";
    return `"${this.#source.slice(token.start, token.end)}"`;
  }

  #invalid(token: Token): never {
    if (token.text === "") {
      this.fail("A string is not closed", { token });
    }
    if (token.text === "\\" && this.#isInText()) {
      this.fail("The escape in this string is not one of JSON", { token });
    }
    const hint = this.#slipAt(token);
    const first = firstOf(this.#source.slice(token.start));
    this.fail(`Unexpected "${first}"`, {
      token,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Whether what cannot be read is inside of a string. */
  #isInText(): boolean {
    const { kind } = this.#tokens.at(-2) ?? this.peek();
    return kind === "text-start" || kind === "text" || kind === "close";
  }

  /** Stops with a problem, at a token or at the next one. */
  fail(
    message: string,
    at: { readonly token?: Token; readonly hint?: string } = {},
  ): never {
    this.note(message, at);
    throw new Stop();
  }

  /** Notes a problem and goes on. */
  note(
    message: string,
    at: { readonly token?: Token; readonly hint?: string } = {},
  ): void {
    const { start, end } = at.token ?? this.peek();
    const hint = at.hint === undefined ? {} : { hint: at.hint };
    if (this.problems.length >= PROBLEMS_MAX) return;
    this.problems.push({
      ...placeOf(this.#source, start),
      end,
      message,
      ...hint,
    });
  }
}
