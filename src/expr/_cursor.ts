/**
 * Walks over the tokens of a program and stops at the first problem.
 *
 * @module
 */

import type { ExpressionProblem } from "./failure.ts";
import { EXPRESSION_DEPTH_MAX } from "./limits.ts";
import type { Token } from "./tokens.ts";

/** A problem on its way out of the recursion; it never leaves this room. */
export class Stop {
  readonly problem: ExpressionProblem;
  constructor(problem: ExpressionProblem) {
    this.problem = problem;
  }
}

/** A place in the tokens of a program. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token after the next one. */
  peekSecond(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  /** Takes a variable and gives its name. */
  variableName(): string {
    const token = this.take();
    if (token.kind !== "variable") this.unexpected(token, "a variable");
    return token.text;
  }

  /** Reads what nests, up to a bound. */
  deeper(read: () => void): void {
    this.#depth += 1;
    if (this.#depth > EXPRESSION_DEPTH_MAX) {
      this.fail(
        `The expression is nested more than ${EXPRESSION_DEPTH_MAX} deep`,
      );
    }
    read();
    this.#depth -= 1;
  }

  /** The next token. */
  peek(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    return token ?? { kind: "end", text: "", start: 0, end: 0 };
  }

  /** Takes the next token. */
  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
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

  /** Takes a keyword that there must be. */
  expectKeyword(text: string): void {
    if (!this.isKeyword(text)) this.unexpected(this.peek(), `"${text}"`);
    this.#at += 1;
  }

  /** Stops at a token that cannot stand where it does. */
  unexpected(token: Token = this.peek(), expected?: string): never {
    const instead = expected === undefined ? "" : `, ${expected} is expected`;
    if (token.kind === "end") {
      this.fail(`The expression ends too early${instead}`, { token });
    }
    if (token.kind === "invalid") this.#invalid(token);
    this.fail(`Unexpected "${token.text}"${instead}`, { token });
  }

  #invalid(token: Token): never {
    if (token.text === "") {
      this.fail("A string is not closed", { token });
    }
    if (token.text === "\\") {
      this.fail("The escape in this string is not one of JSON", { token });
    }
    const hint = token.text === "'"
      ? { hint: "Strings stand in double quotes" }
      : {};
    this.fail(`Unexpected "${token.text}"`, { token, ...hint });
  }

  /** Stops with a problem, at a token or at the next one. */
  fail(
    message: string,
    at: { readonly token?: Token; readonly hint?: string } = {},
  ): never {
    const offset = (at.token ?? this.peek()).start;
    const hint = at.hint === undefined ? {} : { hint: at.hint };
    throw new Stop({ offset, message, ...hint });
  }
}
