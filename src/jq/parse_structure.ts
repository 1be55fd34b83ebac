/**
 * Reads what has braces and brackets: objects, and the patterns of `as`.
 *
 * @module
 */

import type { Grammar } from "./parser.ts";
import { readText } from "./parse_texts.ts";
import type { Node, ObjectEntry, Pattern, PatternEntry } from "./tree.ts";

/** Reads `{a: 1, $b, "c": 2, (.d): 3}`. */
export function readObject(grammar: Grammar): Node {
  const { cursor } = grammar;
  const { start } = cursor.take();
  const entries = cursor.inside("}", () => {
    const read: ObjectEntry[] = [];
    while (!cursor.isOperator("}")) {
      read.push(readEntry(grammar));
      if (!cursor.takeOperator(",")) break;
    }
    return read;
  });
  return { kind: "object", entries: entries ?? [], ...cursor.located(start) };
}

function readEntry(grammar: Grammar): ObjectEntry {
  const { cursor } = grammar;
  const token = cursor.peek();
  if (token.kind === "variable") {
    cursor.take();
    const located = cursor.located(token.start);
    const value: Node = token.text === "__loc__"
      ? { kind: "location", ...located }
      : { kind: "variable", name: token.text, ...located };
    if (cursor.takeOperator(":")) {
      return { key: value, value: readValue(grammar) };
    }
    return { key: { kind: "literal", value: token.text, ...located }, value };
  }
  if (token.kind === "number") {
    cursor.fail("A key of an object is a string, put it in quotes");
  }
  if (cursor.takeOperator("(")) {
    const key = cursor.inside(")", () => grammar.pipe()) ?? missing(grammar);
    cursor.expect(":");
    return { key, value: readValue(grammar) };
  }
  const key = readKey(grammar);
  if (cursor.takeOperator(":")) return { key, value: readValue(grammar) };
  const located = cursor.located(token.start);
  const target: Node = { kind: "identity", ...located };
  return { key, value: { kind: "index", target, key, ...located } };
}

function missing({ cursor }: Grammar): Node {
  return { kind: "missing", ...cursor.located(cursor.peek().start) };
}

/** A name, or a text with or without a format. */
function readKey(grammar: Grammar): Node {
  const { cursor } = grammar;
  const token = cursor.peek();
  if (token.kind === "text-start") return readText(grammar);
  if (token.kind === "format") {
    const next = cursor.peekSecond();
    if (next !== undefined && next.kind !== "text-start") {
      cursor.unexpected(next);
    }
    return readText(grammar);
  }
  if (token.kind !== "identifier" && token.kind !== "keyword") {
    return cursor.unexpected(token, "a key");
  }
  cursor.take();
  return { kind: "literal", value: token.text, ...cursor.located(token.start) };
}

/** The value of an entry: everything but `,`. */
function readValue(grammar: Grammar): Node {
  const { cursor } = grammar;
  const { start } = cursor.peek();
  const left = grammar.single();
  if (!cursor.takeOperator("|")) return left;
  const right = cursor.deeper(() => readValue(grammar));
  return { kind: "pipe", left, right, ...cursor.located(start) };
}

/** Reads `$x`, `[$a, $b]`, `{a: $x}`, and alternatives with `?//`. */
export function readPatterns(grammar: Grammar): readonly Pattern[] {
  const patterns: Pattern[] = [];
  do {
    patterns.push(readPattern(grammar));
  } while (grammar.cursor.takeOperator("?//"));
  return patterns;
}

function readPattern(grammar: Grammar): Pattern {
  const { cursor } = grammar;
  return cursor.deeper((): Pattern => {
    const token = cursor.take();
    const { kind, text, start } = token;
    if (kind === "variable") {
      if (text === "__loc__") cursor.unexpected(token, "a variable");
      return { kind: "variable", name: text, ...cursor.located(start) };
    }
    if (kind === "operator" && text === "[") {
      const items = [readPattern(grammar)];
      while (cursor.takeOperator(",")) items.push(readPattern(grammar));
      cursor.expect("]");
      return { kind: "array", items, ...cursor.located(start) };
    }
    if (kind !== "operator" || text !== "{") {
      return cursor.unexpected(token, "a variable");
    }
    const entries = [readPatternEntry(grammar)];
    while (cursor.takeOperator(",")) entries.push(readPatternEntry(grammar));
    cursor.expect("}");
    return { kind: "object", entries, ...cursor.located(start) };
  });
}

function readPatternEntry(grammar: Grammar): PatternEntry {
  const { cursor } = grammar;
  const token = cursor.peek();
  if (token.kind === "variable") {
    cursor.take();
    const located = cursor.located(token.start);
    const key: Node = { kind: "literal", value: token.text, ...located };
    const entry = { key, variable: token.text };
    if (!cursor.takeOperator(":")) return entry;
    return { ...entry, value: readPattern(grammar) };
  }
  let key: Node;
  if (cursor.takeOperator("(")) {
    key = grammar.pipe();
    cursor.expect(")");
  } else key = readKey(grammar);
  cursor.expect(":");
  return { key, value: readPattern(grammar) };
}
