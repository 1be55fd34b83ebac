/**
 * Reads the text of a program into its tree.
 *
 * It takes the language of jq 1.7, and of later ones what does not change the
 * meaning of that. What is wrong inside of brackets does not keep it from
 * reading on behind them, so that all problems are found at once.
 *
 * @module
 */

import { Cursor, Stop } from "./cursor.ts";
import type { JqProblem } from "./failure.ts";
import { tokenize } from "./lexer.ts";
import { readDefinition } from "./parse_functions.ts";
import { readObject, readPatterns } from "./parse_structure.ts";
import { readTerm } from "./parse_terms.ts";
import { AN_OPERATOR } from "./slips.ts";
import type { Assignment, Node, Operator } from "./tree.ts";

/** A tree with what is wrong with it; what is wrong is missing there. */
export interface Parsed {
  /** The tree. */
  readonly tree: Node;
  /** What is wrong, in the order of the text. */
  readonly problems: readonly JqProblem[];
}

/** What the readers of parts use of one another. */
export interface Grammar {
  readonly cursor: Cursor;
  pipe(): Node;
  /** An expression without `,` and `|`. */
  single(): Node;
  /** The same where `as` does not belong to it, but to what is around it. */
  source(): Node;
  postfix(): Node;
  object(): Node;
}

type Level = Readonly<Record<string, Node["kind"]>>;

/** Operators from loose to tight. */
const LEVELS: readonly Level[] = [
  { ",": "comma" },
  { "//": "alternative" },
  {
    "=": "assign",
    "|=": "assign",
    "+=": "assign",
    "-=": "assign",
    "*=": "assign",
    "/=": "assign",
    "%=": "assign",
    "//=": "assign",
  },
  { or: "or" },
  { and: "and" },
  {
    "==": "binary",
    "!=": "binary",
    "<": "binary",
    "<=": "binary",
    ">": "binary",
    ">=": "binary",
  },
  { "+": "binary", "-": "binary" },
  { "*": "binary", "/": "binary", "%": "binary" },
];
const ALTERNATIVE = 1;
const CHAINED_ONCE: readonly number[] = [2, 5];

/** Reads a program. */
export function parseJq(source: string): Parsed {
  const parser = new Parser(source);
  const tree = parser.program();
  return { tree, problems: parser.cursor.problems };
}

class Parser implements Grammar {
  readonly cursor: Cursor;
  #isSource = false;

  constructor(source: string) {
    this.cursor = new Cursor(source, tokenize(source));
  }

  program(): Node {
    const { cursor } = this;
    try {
      if (cursor.peek().kind === "end") {
        cursor.fail("The expression is empty");
      }
      this.#refuseModules();
      const tree = this.pipe();
      if (cursor.peek().kind !== "end") {
        cursor.unexpected(cursor.peek(), AN_OPERATOR);
      }
      return tree;
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      return { kind: "missing", ...cursor.located(0) };
    }
  }

  #refuseModules(): void {
    const token = this.cursor.peek();
    if (token.kind !== "keyword") return;
    if (!["import", "include", "module"].includes(token.text)) return;
    this.cursor.fail(
      `Unexpected "${token.text}", there are no modules here`,
      { token },
    );
  }

  /** The loosest level: definitions, bindings and labels reach to its end. */
  pipe(): Node {
    const { cursor } = this;
    return this.#reading(false, () =>
      cursor.deeper((): Node => {
        const { start } = cursor.peek();
        if (cursor.isKeyword("def")) {
          const definition = readDefinition(this);
          const body = this.pipe();
          return { kind: "define", definition, body, ...cursor.located(start) };
        }
        if (cursor.takeKeyword("label")) return this.#label(start);
        const left = this.#binary(0);
        if (!cursor.takeOperator("|")) return left;
        const right = this.pipe();
        return { kind: "pipe", left, right, ...cursor.located(start) };
      }));
  }

  #label(start: number): Node {
    const { cursor } = this;
    const name = cursor.variableName();
    cursor.expect("|");
    const body = this.pipe();
    return { kind: "label", name, body, ...cursor.located(start) };
  }

  single(): Node {
    return this.#reading(false, () => this.#binary(ALTERNATIVE));
  }

  source(): Node {
    return this.#reading(true, () => this.#binary(ALTERNATIVE));
  }

  #reading(isSource: boolean, read: () => Node): Node {
    const before = this.#isSource;
    this.#isSource = isSource;
    try {
      return read();
    } finally {
      this.#isSource = before;
    }
  }

  #binary(level: number): Node {
    const { cursor } = this;
    const operators = LEVELS[level];
    if (operators === undefined) return this.#operand();
    const { start } = cursor.peek();
    let left = this.#binary(level + 1);
    for (let count = 0;; count++) {
      const text = this.#operatorText();
      if (!Object.hasOwn(operators, text)) return left;
      if (count > 0 && CHAINED_ONCE.includes(level)) {
        cursor.fail(`"${text}" cannot be chained here, use parentheses`);
      }
      cursor.take();
      // `a // b // c` is `a // (b // c)`.
      const right = this.#binary(level === ALTERNATIVE ? level : level + 1);
      left = binaryNode(text, { left, right, ...cursor.located(start) });
    }
  }

  #operatorText(): string {
    const { kind, text } = this.cursor.peek();
    if (kind === "operator") return text;
    return kind === "keyword" && (text === "and" || text === "or") ? text : "";
  }

  #operand(): Node {
    const { cursor } = this;
    return cursor.deeper((): Node => {
      const { start } = cursor.peek();
      if (cursor.takeOperator("-")) {
        const body = this.#operand();
        return { kind: "negate", body, ...cursor.located(start) };
      }
      if (cursor.isKeyword("def") || cursor.isKeyword("label")) {
        return this.pipe();
      }
      const source = this.postfix();
      if (this.#isSource || !cursor.takeKeyword("as")) return source;
      const patterns = readPatterns(this);
      cursor.expect("|");
      const body = this.pipe();
      return {
        kind: "bind",
        source,
        patterns,
        body,
        ...cursor.located(start),
      };
    });
  }

  postfix(): Node {
    return readTerm(this);
  }

  object(): Node {
    return readObject(this);
  }
}

type Sides =
  & { readonly left: Node; readonly right: Node }
  & Pick<Node, "start" | "end" | "line" | "column">;

function binaryNode(text: string, sides: Sides): Node {
  switch (text) {
    case ",":
      return { kind: "comma", ...sides };
    case "//":
      return { kind: "alternative", ...sides };
    case "or":
    case "and":
      return { kind: text, ...sides };
    default:
      if (isAssignment(text)) {
        return { kind: "assign", operator: text, ...sides };
      }
      return { kind: "binary", operator: operatorOf(text), ...sides };
  }
}

function isAssignment(text: string): text is Assignment {
  return LEVELS[2] !== undefined && Object.hasOwn(LEVELS[2], text);
}

function operatorOf(text: string): Operator {
  switch (text) {
    case "-":
    case "*":
    case "/":
    case "%":
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return text;
    default:
      return "+";
  }
}
