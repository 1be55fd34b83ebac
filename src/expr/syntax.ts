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
import { Cursor, Stop } from "./_cursor.ts";
import { type Names, Resolver, withVariables } from "./_names.ts";
import { type Grammar, readObject, readPatterns } from "./_structure.ts";
import { FORMATS } from "./builtins.ts";
import type { ExpressionProblem } from "./failure.ts";
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
class Reader implements Grammar {
  readonly cursor: Cursor;
  readonly resolver: Resolver;

  constructor(
    tokens: readonly Token[],
    known: ReadonlySet<string> | undefined,
  ) {
    this.cursor = new Cursor(tokens);
    this.resolver = new Resolver(this.cursor, known);
  }

  program(): ProgramFacts {
    if (this.cursor.peek().kind === "end") {
      this.cursor.fail("The expression is empty");
    }
    const empty: ReadonlySet<string> = new Set();
    this.pipe({ functions: empty, variables: empty, labels: empty });
    if (this.cursor.peek().kind !== "end") this.cursor.unexpected();
    return {
      variables: [...this.resolver.free],
      prelude: [...this.resolver.prelude],
    };
  }

  /** The loosest level: definitions, bindings and labels reach to its end. */
  pipe(names: Names): void {
    this.cursor.deeper(() => {
      if (this.cursor.isKeyword("def")) {
        this.pipe(this.#definition(names));
        return;
      }
      if (this.cursor.isKeyword("label")) {
        this.#label(names);
        return;
      }
      this.#binary(names, 0);
      if (this.cursor.takeOperator("|")) this.pipe(names);
    });
  }

  #label(names: Names): void {
    this.cursor.take();
    const name = this.cursor.variableName();
    this.cursor.expect("|");
    this.pipe({ ...names, labels: new Set([...names.labels, name]) });
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
        this.cursor.fail(
          `"${this.cursor.peek().text}" cannot be chained here, use parentheses`,
        );
      }
      this.cursor.take();
      this.#binary(names, level + 1);
    }
  }

  #binaryText(): string {
    const { kind, text } = this.cursor.peek();
    if (kind === "operator") return text;
    return kind === "keyword" && (text === "and" || text === "or") ? text : "";
  }

  #operand(names: Names): void {
    this.cursor.deeper(() => {
      const token = this.cursor.peek();
      if (this.cursor.takeOperator("-")) return this.#operand(names);
      if (token.kind !== "keyword") return this.#termOrBinding(names);
      switch (token.text) {
        case "def":
        case "label":
          return this.pipe(names);
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
    this.term(names);
    if (!this.cursor.isKeyword("as")) return;
    this.cursor.take();
    const bound = readPatterns(this, names);
    this.cursor.expect("|");
    this.pipe(withVariables(names, bound));
  }

  #conditional(names: Names): void {
    do {
      this.cursor.take();
      this.pipe(names);
      this.cursor.expectKeyword("then");
      this.pipe(names);
    } while (this.cursor.isKeyword("elif"));
    if (this.cursor.isKeyword("else")) {
      this.cursor.take();
      this.pipe(names);
    }
    this.cursor.expectKeyword("end");
    while (this.cursor.takeOperator("?"));
  }

  #attempt(names: Names): void {
    this.cursor.take();
    this.#operand(names);
    if (!this.cursor.isKeyword("catch")) return;
    this.cursor.take();
    this.#operand(names);
  }

  #fold(names: Names, keyword: "reduce" | "foreach"): void {
    this.cursor.take();
    this.term(names);
    this.cursor.expectKeyword("as");
    const inner = withVariables(names, readPatterns(this, names));
    this.cursor.expect("(");
    this.pipe(names);
    this.cursor.expect(";");
    this.pipe(inner);
    if (keyword === "foreach" && this.cursor.takeOperator(";")) {
      this.pipe(inner);
    }
    this.cursor.expect(")");
    while (this.cursor.takeOperator("?"));
  }

  /** `def name(params): body;` — gives the names with the new function. */
  #definition(names: Names): Names {
    this.cursor.take();
    const name = this.cursor.take();
    if (name.kind !== "identifier" && name.kind !== "keyword") {
      this.cursor.unexpected(name, "the name of a function");
    }
    const parameters: Token[] = [];
    if (this.cursor.takeOperator("(")) {
      do {
        const parameter = this.cursor.take();
        if (parameter.kind !== "identifier" && parameter.kind !== "variable") {
          this.cursor.unexpected(parameter, "the name of a parameter");
        }
        parameters.push(parameter);
      } while (this.cursor.takeOperator(";"));
      this.cursor.expect(")");
    }
    this.cursor.expect(":");
    const functions = new Set([
      ...names.functions,
      `${name.text}/${parameters.length}`,
    ]);
    const values = parameters.filter(({ kind }) => kind === "variable");
    this.pipe({
      ...withVariables(names, values.map(({ text }) => text)),
      functions: new Set([
        ...functions,
        ...parameters.map(({ text }) => `${text}/0`),
      ]),
    });
    this.cursor.expect(";");
    return { ...names, functions };
  }

  term(names: Names): void {
    this.#primary(names);
    while (this.#suffix(names));
  }

  #suffix(names: Names): boolean {
    const { kind, text } = this.cursor.peek();
    if (kind === "field") {
      this.cursor.take();
      return true;
    }
    if (kind !== "operator") return false;
    if (text === "?") {
      this.cursor.take();
      return true;
    }
    if (text === "[") {
      this.#brackets(names);
      return true;
    }
    if (text !== ".") return false;
    this.cursor.take();
    if (this.cursor.isOperator("[")) this.#brackets(names);
    else this.text(names);
    return true;
  }

  /** `[]`, `[1]`, `[1:2]`, `[1:]`, `[:2]`. */
  #brackets(names: Names): void {
    this.cursor.expect("[");
    if (this.cursor.takeOperator("]")) return;
    if (this.cursor.takeOperator(":")) {
      this.pipe(names);
    } else {
      this.pipe(names);
      if (this.cursor.takeOperator(":") && !this.cursor.isOperator("]")) {
        this.pipe(names);
      }
    }
    this.cursor.expect("]");
  }

  #primary(names: Names): void {
    const token = this.cursor.peek();
    switch (token.kind) {
      case "number":
      case "field":
        this.cursor.take();
        return;
      case "variable":
        this.cursor.take();
        return this.resolver.variable(token, names);
      case "format":
      case "text-start":
        return this.text(names);
      case "identifier":
        return this.#call(names);
      case "keyword":
        if (token.text === "break") return this.#break(names);
        return this.cursor.unexpected();
      case "operator":
        return this.#punctuated(token, names);
      default:
        return this.cursor.unexpected();
    }
  }

  #punctuated(token: Token, names: Names): void {
    switch (token.text) {
      case "..":
        this.cursor.take();
        return;
      case ".":
        this.cursor.take();
        if (this.cursor.peek().kind === "text-start") this.text(names);
        return;
      case "(":
        this.cursor.take();
        this.pipe(names);
        return this.cursor.expect(")");
      case "[":
        this.cursor.take();
        if (this.cursor.takeOperator("]")) return;
        this.pipe(names);
        return this.cursor.expect("]");
      case "{":
        return readObject(this, names);
      default:
        return this.cursor.unexpected();
    }
  }

  #break(names: Names): void {
    this.cursor.take();
    const token = this.cursor.peek();
    const name = this.cursor.variableName();
    if (names.labels.has(name)) return;
    this.cursor.fail(`There is no "label $${name}" around "break $${name}"`, {
      token,
    });
  }

  #call(names: Names): void {
    const token = this.cursor.take();
    let count = 0;
    if (this.cursor.takeOperator("(")) {
      do {
        this.pipe(names);
        count += 1;
      } while (this.cursor.takeOperator(";"));
      this.cursor.expect(")");
    }
    this.resolver.call(token, count, names);
  }

  /** A string with what is interpolated, or a format with or without one. */
  text(names: Names): void {
    if (this.cursor.peek().kind === "format") {
      const token = this.cursor.take();
      if (!FORMATS.has(token.text)) {
        this.cursor.fail(`Unknown format "@${token.text}"`, {
          token,
          ...didYouMean(token.text, FORMATS),
        });
      }
      if (this.cursor.peek().kind !== "text-start") return;
    }
    const start = this.cursor.take();
    if (start.kind !== "text-start") this.cursor.unexpected(start);
    for (;;) {
      const token = this.cursor.take();
      if (token.kind === "text-end") return;
      if (token.kind === "invalid") this.cursor.unexpected(token);
      if (token.kind !== "open") continue;
      this.pipe(names);
      const close = this.cursor.take();
      if (close.kind !== "close") this.cursor.unexpected(close, '")"');
    }
  }
}
