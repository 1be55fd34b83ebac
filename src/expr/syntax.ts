/**
 * Reads a jq program to find what is wrong with it, and what it uses.
 *
 * It recognises the grammar of jq 1.7 and resolves every name, so that a bad
 * expression is found, with its position, before anything runs and without
 * starting the evaluator.
 *
 * @module
 */

import { didYouMean } from "../model/near.ts";
import {
  BUILTINS,
  FORMATS,
  PRELUDE,
  REFUSED_FUNCTIONS,
  REFUSED_VARIABLES,
} from "./builtins.ts";
import type { ExpressionProblem } from "./failure.ts";
import { EXPRESSION_DEPTH_MAX } from "./limits.ts";
import { type Token, tokenize } from "./tokens.ts";

/** What a program that is right uses. */
export interface ProgramFacts {
  /** Variables that it takes from outside, without `$`. */
  readonly variables: readonly string[];
  /** Functions of the prelude that it calls, as `name/arity`. */
  readonly prelude: readonly string[];
}

/** What a program uses, or why it is none. */
export type Inspected =
  | { readonly facts: ProgramFacts }
  | { readonly problem: ExpressionProblem };

/** Names in effect at one point of a program. */
interface Names {
  readonly functions: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** A problem on its way out of the recursion; it never leaves this file. */
class Stop {
  readonly problem: ExpressionProblem;
  constructor(problem: ExpressionProblem) {
    this.problem = problem;
  }
}

/** Binary operators from loose to tight; `none` may not be chained. */
const LEVELS: readonly {
  readonly operators: ReadonlySet<string>;
  readonly chain: "any" | "none";
}[] = [
  { operators: new Set([","]), chain: "any" },
  { operators: new Set(["//"]), chain: "any" },
  {
    operators: new Set(["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]),
    chain: "none",
  },
  { operators: new Set(["or"]), chain: "any" },
  { operators: new Set(["and"]), chain: "any" },
  { operators: new Set(["==", "!=", "<", "<=", ">", ">="]), chain: "none" },
  { operators: new Set(["+", "-"]), chain: "any" },
  { operators: new Set(["*", "/", "%"]), chain: "any" },
];

/**
 * Reads a program.
 *
 * @param known The variables it may take from outside; absent means any.
 */
export function inspectProgram(
  source: string,
  known?: ReadonlySet<string>,
): Inspected {
  const reader = new Reader(tokenize(source), known);
  try {
    return { facts: reader.program() };
  } catch (thrown) {
    if (thrown instanceof Stop) return { problem: thrown.problem };
    throw thrown;
  }
}

/** Recursive descent over the tokens. */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #known: ReadonlySet<string> | undefined;
  readonly #free = new Set<string>();
  readonly #prelude = new Set<string>();
  #at = 0;
  #depth = 0;

  constructor(
    tokens: readonly Token[],
    known: ReadonlySet<string> | undefined,
  ) {
    this.#tokens = tokens;
    this.#known = known;
  }

  program(): ProgramFacts {
    if (this.#peek().kind === "end") this.#fail("The expression is empty");
    const empty: ReadonlySet<string> = new Set();
    this.#pipe({ functions: empty, variables: empty, labels: empty });
    if (this.#peek().kind !== "end") this.#unexpected();
    return { variables: [...this.#free], prelude: [...this.#prelude] };
  }

  /** The loosest level: definitions, bindings and labels reach to its end. */
  #pipe(names: Names): void {
    this.#deeper(() => {
      if (this.#isKeyword("def")) {
        this.#pipe(this.#definition(names));
        return;
      }
      if (this.#isKeyword("label")) {
        this.#label(names);
        return;
      }
      this.#binary(names, 0);
      if (this.#takeOperator("|")) this.#pipe(names);
    });
  }

  #label(names: Names): void {
    this.#take();
    const name = this.#variableName();
    this.#expect("|");
    this.#pipe({ ...names, labels: new Set([...names.labels, name]) });
  }

  #binary(names: Names, level: number): void {
    const rule = LEVELS[level];
    if (rule === undefined) {
      this.#operand(names);
      return;
    }
    this.#binary(names, level + 1);
    for (let count = 0; rule.operators.has(this.#binaryText()); count++) {
      if (rule.chain === "none" && count > 0) {
        this.#fail(
          `"${this.#peek().text}" cannot be chained here, use parentheses`,
        );
      }
      this.#take();
      this.#binary(names, level + 1);
    }
  }

  #binaryText(): string {
    const { kind, text } = this.#peek();
    if (kind === "operator") return text;
    return kind === "keyword" && (text === "and" || text === "or") ? text : "";
  }

  #operand(names: Names): void {
    this.#deeper(() => {
      const token = this.#peek();
      if (this.#takeOperator("-")) return this.#operand(names);
      if (token.kind !== "keyword") return this.#termOrBinding(names);
      switch (token.text) {
        case "def":
        case "label":
          return this.#pipe(names);
        case "if":
          return this.#conditional(names);
        case "try":
          return this.#attempt(names);
        case "reduce":
        case "foreach":
          return this.#fold(names, token.text);
        default:
          return this.#termOrBinding(names);
      }
    });
  }

  #termOrBinding(names: Names): void {
    this.#term(names);
    if (!this.#isKeyword("as")) return;
    this.#take();
    const bound = this.#patterns(names);
    this.#expect("|");
    this.#pipe(withVariables(names, bound));
  }

  #conditional(names: Names): void {
    do {
      this.#take();
      this.#pipe(names);
      this.#expectKeyword("then");
      this.#pipe(names);
    } while (this.#isKeyword("elif"));
    if (this.#isKeyword("else")) {
      this.#take();
      this.#pipe(names);
    }
    this.#expectKeyword("end");
    while (this.#takeOperator("?"));
  }

  #attempt(names: Names): void {
    this.#take();
    this.#operand(names);
    if (!this.#isKeyword("catch")) return;
    this.#take();
    this.#operand(names);
  }

  #fold(names: Names, keyword: "reduce" | "foreach"): void {
    this.#take();
    this.#term(names);
    this.#expectKeyword("as");
    const inner = withVariables(names, this.#patterns(names));
    this.#expect("(");
    this.#pipe(names);
    this.#expect(";");
    this.#pipe(inner);
    if (keyword === "foreach" && this.#takeOperator(";")) this.#pipe(inner);
    this.#expect(")");
    while (this.#takeOperator("?"));
  }

  /** `def name(params): body;` — gives the names with the new function. */
  #definition(names: Names): Names {
    this.#take();
    const name = this.#take();
    if (name.kind !== "identifier" && name.kind !== "keyword") {
      this.#unexpected(name, "the name of a function");
    }
    const parameters: Token[] = [];
    if (this.#takeOperator("(")) {
      do {
        const parameter = this.#take();
        if (parameter.kind !== "identifier" && parameter.kind !== "variable") {
          this.#unexpected(parameter, "the name of a parameter");
        }
        parameters.push(parameter);
      } while (this.#takeOperator(";"));
      this.#expect(")");
    }
    this.#expect(":");
    const functions = new Set([
      ...names.functions,
      `${name.text}/${parameters.length}`,
    ]);
    const values = parameters.filter(({ kind }) => kind === "variable");
    this.#pipe({
      ...withVariables(names, values.map(({ text }) => text)),
      functions: new Set([
        ...functions,
        ...parameters.map(({ text }) => `${text}/0`),
      ]),
    });
    this.#expect(";");
    return { ...names, functions };
  }

  #term(names: Names): void {
    this.#primary(names);
    while (this.#suffix(names));
  }

  #suffix(names: Names): boolean {
    const { kind, text } = this.#peek();
    if (kind === "field") {
      this.#take();
      return true;
    }
    if (kind !== "operator") return false;
    if (text === "?") {
      this.#take();
      return true;
    }
    if (text === "[") {
      this.#brackets(names);
      return true;
    }
    if (text !== ".") return false;
    this.#take();
    if (this.#isOperator("[")) this.#brackets(names);
    else this.#text(names);
    return true;
  }

  /** `[]`, `[1]`, `[1:2]`, `[1:]`, `[:2]`. */
  #brackets(names: Names): void {
    this.#expect("[");
    if (this.#takeOperator("]")) return;
    if (this.#takeOperator(":")) {
      this.#pipe(names);
    } else {
      this.#pipe(names);
      if (this.#takeOperator(":") && !this.#isOperator("]")) this.#pipe(names);
    }
    this.#expect("]");
  }

  #primary(names: Names): void {
    const token = this.#peek();
    switch (token.kind) {
      case "number":
      case "field":
        this.#take();
        return;
      case "variable":
        this.#take();
        return this.#variable(token, names);
      case "format":
      case "text-start":
        return this.#text(names);
      case "identifier":
        return this.#call(names);
      case "keyword":
        if (token.text === "break") return this.#break(names);
        return this.#unexpected();
      case "operator":
        return this.#punctuated(token, names);
      default:
        return this.#unexpected();
    }
  }

  #punctuated(token: Token, names: Names): void {
    switch (token.text) {
      case "..":
        this.#take();
        return;
      case ".":
        this.#take();
        if (this.#peek().kind === "text-start") this.#text(names);
        return;
      case "(":
        this.#take();
        this.#pipe(names);
        return this.#expect(")");
      case "[":
        this.#take();
        if (this.#takeOperator("]")) return;
        this.#pipe(names);
        return this.#expect("]");
      case "{":
        return this.#object(names);
      default:
        return this.#unexpected();
    }
  }

  #break(names: Names): void {
    this.#take();
    const token = this.#peek();
    const name = this.#variableName();
    if (names.labels.has(name)) return;
    this.#fail(`There is no "label $${name}" around "break $${name}"`, {
      token,
    });
  }

  #call(names: Names): void {
    const token = this.#take();
    let count = 0;
    if (this.#takeOperator("(")) {
      do {
        this.#pipe(names);
        count += 1;
      } while (this.#takeOperator(";"));
      this.#expect(")");
    }
    this.#resolve(token, count, names);
  }

  #resolve(token: Token, count: number, names: Names): void {
    const name = `${token.text}/${count}`;
    if (names.functions.has(name)) return;
    if (Object.hasOwn(REFUSED_FUNCTIONS, token.text)) {
      const why = REFUSED_FUNCTIONS[token.text];
      this.#fail(`"${token.text}" is not allowed here: ${why}`, { token });
    }
    if (BUILTINS.has(name)) return;
    if (Object.hasOwn(PRELUDE, name)) {
      this.#prelude.add(name);
      return;
    }
    this.#unknownFunction(token, { count, names });
  }

  #unknownFunction(
    token: Token,
    call: { readonly count: number; readonly names: Names },
  ): never {
    const every = [
      ...BUILTINS,
      ...Object.keys(PRELUDE),
      ...call.names.functions,
    ];
    const counts = every.filter((name) => name.startsWith(`${token.text}/`))
      .map((name) => name.slice(token.text.length + 1));
    if (counts.length > 0) {
      this.#fail(
        `Function "${token.text}" takes ${
          counts.join(" or ")
        } arguments, not ${call.count}`,
        { token },
      );
    }
    if (this.#known?.has(token.text)) {
      this.#fail(`Unknown function "${token.text}"`, {
        token,
        hint: `Write "$${token.text}" for the variable`,
      });
    }
    if (/^[A-Z_][A-Z0-9_]*$/.test(token.text)) {
      this.#fail(`Unknown function "${token.text}"`, {
        token,
        hint: `Write "$env.${token.text}" for the variable`,
      });
    }
    this.#fail(`Unknown function "${token.text}"`, {
      token,
      ...didYouMean(token.text, every.map((name) => name.split("/")[0] ?? "")),
    });
  }

  #variable(token: Token, names: Names): void {
    if (names.variables.has(token.text)) return;
    if (Object.hasOwn(REFUSED_VARIABLES, token.text)) {
      const why = REFUSED_VARIABLES[token.text];
      this.#fail(`"$${token.text}" is not allowed here: ${why}`, { token });
    }
    if (this.#known !== undefined && !this.#known.has(token.text)) {
      const every = [...this.#known, ...names.variables].map((v) => `$${v}`);
      this.#fail(`Unknown variable "$${token.text}"`, {
        token,
        ...didYouMean(`$${token.text}`, every),
      });
    }
    this.#free.add(token.text);
  }

  /** A string with what is interpolated, or a format with or without one. */
  #text(names: Names): void {
    if (this.#peek().kind === "format") {
      const token = this.#take();
      if (!FORMATS.has(token.text)) {
        this.#fail(`Unknown format "@${token.text}"`, {
          token,
          ...didYouMean(token.text, FORMATS),
        });
      }
      if (this.#peek().kind !== "text-start") return;
    }
    const start = this.#take();
    if (start.kind !== "text-start") this.#unexpected(start);
    for (;;) {
      const token = this.#take();
      if (token.kind === "text-end") return;
      if (token.kind === "invalid") this.#unexpected(token);
      if (token.kind !== "open") continue;
      this.#pipe(names);
      const close = this.#take();
      if (close.kind !== "close") this.#unexpected(close, '")"');
    }
  }

  #object(names: Names): void {
    this.#expect("{");
    while (!this.#isOperator("}")) {
      this.#entry(names);
      if (!this.#takeOperator(",")) break;
    }
    this.#expect("}");
  }

  #entry(names: Names): void {
    const token = this.#peek();
    if (token.kind === "variable") {
      this.#take();
      this.#variable(token, names);
      if (this.#takeOperator(":")) this.#value(names);
      return;
    }
    if (token.kind === "identifier" || token.kind === "keyword") {
      this.#take();
      if (this.#takeOperator(":")) this.#value(names);
      return;
    }
    if (token.kind === "text-start" || token.kind === "format") {
      if (token.kind === "format") this.#mustQuote();
      this.#text(names);
      if (this.#takeOperator(":")) this.#value(names);
      return;
    }
    if (token.kind === "number") {
      this.#fail("A key of an object is a string, put it in quotes");
    }
    if (!this.#takeOperator("(")) return this.#unexpected(token, "a key");
    this.#pipe(names);
    this.#expect(")");
    this.#expect(":");
    this.#value(names);
  }

  #mustQuote(): void {
    const next = this.#tokens[this.#at + 1];
    if (next !== undefined && next.kind !== "text-start") {
      this.#unexpected(next);
    }
  }

  /** The value of an entry: terms and `|`; all else needs parentheses. */
  #value(names: Names): void {
    do {
      while (this.#takeOperator("-"));
      this.#term(names);
    } while (this.#takeOperator("|"));
    const { kind, text } = this.#peek();
    if (kind === "operator" && (text === "}" || text === ",")) return;
    if (kind === "end" || kind === "invalid") return;
    this.#fail(
      `"${text}" is not allowed here, put the value of the key in parentheses`,
    );
  }

  /** `$x`, `[$a, $b]`, `{a: $x}`, alternatives with `?//`: what they bind. */
  #patterns(names: Names): readonly string[] {
    const bound: string[] = [];
    do {
      this.#deeper(() => this.#pattern(names, bound));
    } while (this.#takeOperator("?//"));
    return bound;
  }

  #pattern(names: Names, bound: string[]): void {
    const token = this.#take();
    if (token.kind === "variable") {
      if (token.text === "__loc__") this.#unexpected(token, "a variable");
      bound.push(token.text);
      return;
    }
    if (token.kind !== "operator") this.#unexpected(token, "a variable");
    if (token.text === "[") {
      do {
        this.#deeper(() => this.#pattern(names, bound));
      } while (this.#takeOperator(","));
      return this.#expect("]");
    }
    if (token.text !== "{") this.#unexpected(token, "a variable");
    do {
      this.#patternEntry(withVariables(names, bound), bound);
    } while (this.#takeOperator(","));
    this.#expect("}");
  }

  #patternEntry(names: Names, bound: string[]): void {
    const token = this.#peek();
    if (token.kind === "variable") {
      this.#take();
      bound.push(token.text);
      if (!this.#takeOperator(":")) return;
      return this.#deeper(() => this.#pattern(names, bound));
    }
    if (token.kind === "identifier" || token.kind === "keyword") this.#take();
    else if (token.kind === "text-start") this.#text(names);
    else if (this.#takeOperator("(")) {
      this.#pipe(names);
      this.#expect(")");
    } else this.#unexpected(token, "a key");
    this.#expect(":");
    this.#deeper(() => this.#pattern(names, bound));
  }

  #variableName(): string {
    const token = this.#take();
    if (token.kind !== "variable") this.#unexpected(token, "a variable");
    return token.text;
  }

  #deeper(read: () => void): void {
    this.#depth += 1;
    if (this.#depth > EXPRESSION_DEPTH_MAX) {
      this.#fail(
        `The expression is nested more than ${EXPRESSION_DEPTH_MAX} deep`,
      );
    }
    read();
    this.#depth -= 1;
  }

  #peek(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    return token ?? { kind: "end", text: "", start: 0, end: 0 };
  }

  #take(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #isOperator(text: string): boolean {
    const token = this.#peek();
    return token.kind === "operator" && token.text === text;
  }

  #takeOperator(text: string): boolean {
    const is = this.#isOperator(text);
    if (is) this.#at += 1;
    return is;
  }

  #expect(text: string): void {
    if (!this.#takeOperator(text)) this.#unexpected(this.#peek(), `"${text}"`);
  }

  #isKeyword(text: string): boolean {
    const token = this.#peek();
    return token.kind === "keyword" && token.text === text;
  }

  #expectKeyword(text: string): void {
    if (!this.#isKeyword(text)) this.#unexpected(this.#peek(), `"${text}"`);
    this.#at += 1;
  }

  #unexpected(token: Token = this.#peek(), expected?: string): never {
    const instead = expected === undefined ? "" : `, ${expected} is expected`;
    if (token.kind === "end") {
      this.#fail(`The expression ends too early${instead}`, { token });
    }
    if (token.kind === "invalid") this.#invalid(token);
    this.#fail(`Unexpected "${token.text}"${instead}`, { token });
  }

  #invalid(token: Token): never {
    if (token.text === "") {
      this.#fail("A string is not closed", { token });
    }
    if (token.text === "\\") {
      this.#fail("The escape in this string is not one of JSON", { token });
    }
    const hint = token.text === "'"
      ? { hint: "Strings stand in double quotes" }
      : {};
    this.#fail(`Unexpected "${token.text}"`, { token, ...hint });
  }

  #fail(
    message: string,
    at: { readonly token?: Token; readonly hint?: string } = {},
  ): never {
    const offset = (at.token ?? this.#peek()).start;
    const hint = at.hint === undefined ? {} : { hint: at.hint };
    throw new Stop({ offset, message, ...hint });
  }
}

function withVariables(names: Names, bound: readonly string[]): Names {
  return { ...names, variables: new Set([...names.variables, ...bound]) };
}
