/**
 * Reads terms: what operators stand between, with all that follows it as
 * `.a`, `[0]` and `?`.
 *
 * @module
 */

import type { Token } from "./lexer.ts";
import { readPatterns } from "./parse_structure.ts";
import { readText } from "./parse_texts.ts";
import type { Grammar } from "./parser.ts";
import { parseNumber } from "./numbers.ts";
import { A_VALUE } from "./slips.ts";
import type { Branch, Node } from "./tree.ts";

/** Reads a term and what follows it. */
export function readTerm(grammar: Grammar): Node {
  const { cursor } = grammar;
  const { start } = cursor.peek();
  // `(.a)?` catches all that fails inside, `.a?` only that there is no `.a`.
  let isWhole = cursor.isOperator("(");
  let term = readPrimary(grammar);
  for (;;) {
    if (!isWhole && cursor.isOperator("?") && isStep(term)) {
      cursor.take();
      const { end } = cursor.located(start);
      term = { ...term, isOptional: true, end };
      continue;
    }
    const next = readSuffix(grammar, term, start);
    if (next === undefined) return term;
    term = next;
    isWhole = false;
  }
}

type Step = Extract<Node, { kind: "index" | "slice" | "iterate" }>;

function isStep(node: Node): node is Step {
  return node.kind === "index" || node.kind === "slice" ||
    node.kind === "iterate";
}

function readSuffix(
  grammar: Grammar,
  target: Node,
  start: number,
): Node | undefined {
  const { cursor } = grammar;
  const token = cursor.peek();
  if (token.kind === "field") {
    cursor.take();
    return indexBy(grammar, { target, start }, fieldKey(grammar, token));
  }
  if (token.kind !== "operator") return undefined;
  if (token.text === "?") {
    cursor.take();
    return { kind: "try", body: target, ...cursor.located(start) };
  }
  if (token.text === "[") return readBrackets(grammar, target, start);
  if (token.text !== ".") return undefined;
  cursor.take();
  if (cursor.isOperator("[")) return readBrackets(grammar, target, start);
  return indexBy(grammar, { target, start }, readText(grammar));
}

function fieldKey({ cursor }: Grammar, token: Token): Node {
  return {
    kind: "literal",
    value: token.text,
    ...cursor.located(token.start),
  };
}

function indexBy(
  { cursor }: Grammar,
  { target, start }: { readonly target: Node; readonly start: number },
  key: Node,
): Node {
  return { kind: "index", target, key, ...cursor.located(start) };
}

/** `[]`, `[1]`, `[1:2]`, `[1:]`, `[:2]`. */
function readBrackets(grammar: Grammar, target: Node, start: number): Node {
  const { cursor } = grammar;
  cursor.take();
  if (cursor.takeOperator("]")) {
    return { kind: "iterate", target, ...cursor.located(start) };
  }
  const read = cursor.inside("]", (): Bracketed => {
    if (cursor.takeOperator(":")) return { isSlice: true, to: grammar.pipe() };
    const from = grammar.pipe();
    if (!cursor.takeOperator(":")) return { isSlice: false, from };
    if (cursor.isOperator("]")) return { isSlice: true, from };
    return { isSlice: true, from, to: grammar.pipe() };
  });
  const located = cursor.located(start);
  if (read?.isSlice === true) {
    const { from, to } = read;
    return {
      kind: "slice",
      target,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...located,
    };
  }
  const key: Node = read?.from ?? { kind: "missing", ...located };
  return { kind: "index", target, key, ...located };
}

interface Bracketed {
  readonly isSlice: boolean;
  readonly from?: Node;
  readonly to?: Node;
}

function readPrimary(grammar: Grammar): Node {
  const { cursor } = grammar;
  const token = cursor.peek();
  switch (token.kind) {
    case "number": {
      cursor.take();
      const value = parseNumber(token.text) ?? 0;
      return { kind: "literal", value, ...cursor.located(token.start) };
    }
    case "field": {
      cursor.take();
      const located = cursor.located(token.start);
      const target: Node = { kind: "identity", ...located, end: token.start };
      const { start } = token;
      return indexBy(grammar, { target, start }, fieldKey(grammar, token));
    }
    case "variable": {
      cursor.take();
      const located = cursor.located(token.start);
      if (token.text === "__loc__") return { kind: "location", ...located };
      return { kind: "variable", name: token.text, ...located };
    }
    case "format":
    case "text-start":
      return readText(grammar);
    case "identifier":
      return readCall(grammar);
    case "keyword":
      return readKeyword(grammar, token);
    case "operator":
      return readPunctuated(grammar, token);
    default:
      return cursor.unexpected(cursor.peek(), A_VALUE);
  }
}

function readPunctuated(grammar: Grammar, token: Token): Node {
  const { cursor } = grammar;
  const { start } = token;
  switch (token.text) {
    case "..":
      cursor.take();
      return { kind: "recurse", ...cursor.located(start) };
    case ".": {
      cursor.take();
      const target: Node = { kind: "identity", ...cursor.located(start) };
      const { kind } = cursor.peek();
      if (kind !== "text-start" && kind !== "format") return target;
      return indexBy(grammar, { target, start }, readText(grammar));
    }
    case "(": {
      cursor.take();
      const inner = cursor.inside(")", () => grammar.pipe());
      return inner ?? { kind: "missing", ...cursor.located(start) };
    }
    case "[": {
      cursor.take();
      if (cursor.takeOperator("]")) {
        return { kind: "array", ...cursor.located(start) };
      }
      const body = cursor.inside("]", () => grammar.pipe());
      const located = cursor.located(start);
      return { kind: "array", body: body ?? missingAt(located), ...located };
    }
    case "{":
      return grammar.object();
    default:
      return cursor.unexpected(cursor.peek(), A_VALUE);
  }
}

function missingAt(located: Pick<Node, "start" | "end" | "line" | "column">) {
  return { kind: "missing", ...located } as const;
}

function readKeyword(grammar: Grammar, token: Token): Node {
  const { cursor } = grammar;
  const { start } = token;
  switch (token.text) {
    case "break": {
      cursor.take();
      const name = cursor.variableName();
      return { kind: "break", name, ...cursor.located(start) };
    }
    case "if":
      return readCondition(grammar, start);
    case "try": {
      cursor.take();
      const body = cursor.deeper(() => tried(grammar));
      if (!cursor.takeKeyword("catch")) {
        return { kind: "try", body, ...cursor.located(start) };
      }
      const handler = cursor.deeper(() => tried(grammar));
      return { kind: "try", body, handler, ...cursor.located(start) };
    }
    case "reduce":
    case "foreach":
      return readFold(grammar, token);
    case "__loc__":
      return cursor.unexpected(token);
    default:
      return cursor.unexpected(cursor.peek(), A_VALUE);
  }
}

/** What `try` and `catch` take: a term, or one with `-` before it. */
function tried(grammar: Grammar): Node {
  const { cursor } = grammar;
  const { start } = cursor.peek();
  if (!cursor.takeOperator("-")) return grammar.postfix();
  const body = cursor.deeper(() => tried(grammar));
  return { kind: "negate", body, ...cursor.located(start) };
}

function readCondition(grammar: Grammar, start: number): Node {
  const { cursor } = grammar;
  const branches: Branch[] = [];
  do {
    cursor.take();
    const condition = grammar.pipe();
    cursor.expectKeyword("then");
    branches.push({ condition, then: grammar.pipe() });
  } while (cursor.isKeyword("elif"));
  const otherwise = cursor.takeKeyword("else") ? grammar.pipe() : undefined;
  cursor.expectKeyword("end");
  return {
    kind: "if",
    branches,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...cursor.located(start),
  };
}

function readFold(grammar: Grammar, token: Token): Node {
  const { cursor } = grammar;
  cursor.take();
  const source = grammar.source();
  cursor.expectKeyword("as");
  const patterns = readPatterns(grammar);
  cursor.expect("(");
  const initial = grammar.pipe();
  cursor.expect(";");
  const update = grammar.pipe();
  const fold = { source, patterns, initial, update };
  if (token.text === "reduce") {
    cursor.expect(")");
    return { kind: "reduce", ...fold, ...cursor.located(token.start) };
  }
  const extract = cursor.takeOperator(";") ? grammar.pipe() : undefined;
  cursor.expect(")");
  return {
    kind: "foreach",
    ...fold,
    ...(extract === undefined ? {} : { extract }),
    ...cursor.located(token.start),
  };
}

function readCall(grammar: Grammar): Node {
  const { cursor } = grammar;
  const token = cursor.take();
  const given: Node[] = [];
  if (cursor.takeOperator("(")) {
    const read = cursor.inside(")", () => {
      do {
        given.push(grammar.pipe());
      } while (cursor.takeOperator(";"));
      return given;
    });
    // What cannot be read may have been more arguments than one.
    if (read === undefined) {
      return { kind: "missing", ...cursor.located(token.start) };
    }
  }
  return {
    kind: "call",
    name: token.text,
    arguments: given,
    ...cursor.located(token.start),
  };
}
