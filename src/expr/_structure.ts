/**
 * Reads what has braces and brackets: objects, and the patterns of `as`.
 *
 * @module
 */

import type { Cursor } from "./_cursor.ts";
import { type Names, type Resolver, withVariables } from "./_names.ts";

/** What of the grammar objects and patterns are made of. */
export interface Grammar {
  readonly cursor: Cursor;
  readonly resolver: Resolver;
  pipe(names: Names): void;
  term(names: Names): void;
  text(names: Names): void;
}

/** Names in effect, and what a pattern has bound so far. */
interface Binding {
  readonly names: Names;
  readonly bound: string[];
}

/** Reads `{a: 1, $b, "c": 2, (.d): 3}`. */
export function readObject(grammar: Grammar, names: Names): void {
  grammar.cursor.expect("{");
  while (!grammar.cursor.isOperator("}")) {
    readEntry(grammar, names);
    if (!grammar.cursor.takeOperator(",")) break;
  }
  grammar.cursor.expect("}");
}

function readEntry(grammar: Grammar, names: Names): void {
  const token = grammar.cursor.peek();
  if (token.kind === "variable") {
    grammar.cursor.take();
    grammar.resolver.variable(token, names);
    if (grammar.cursor.takeOperator(":")) readValue(grammar, names);
    return;
  }
  if (token.kind === "identifier" || token.kind === "keyword") {
    grammar.cursor.take();
    if (grammar.cursor.takeOperator(":")) readValue(grammar, names);
    return;
  }
  if (token.kind === "text-start" || token.kind === "format") {
    if (token.kind === "format") mustQuote(grammar);
    grammar.text(names);
    if (grammar.cursor.takeOperator(":")) readValue(grammar, names);
    return;
  }
  if (token.kind === "number") {
    grammar.cursor.fail("A key of an object is a string, put it in quotes");
  }
  if (!grammar.cursor.takeOperator("(")) {
    return grammar.cursor.unexpected(token, "a key");
  }
  grammar.pipe(names);
  grammar.cursor.expect(")");
  grammar.cursor.expect(":");
  readValue(grammar, names);
}

function mustQuote(grammar: Grammar): void {
  const next = grammar.cursor.peekSecond();
  if (next !== undefined && next.kind !== "text-start") {
    grammar.cursor.unexpected(next);
  }
}

/** The value of an entry: terms and `|`; all else needs parentheses. */
function readValue(grammar: Grammar, names: Names): void {
  do {
    while (grammar.cursor.takeOperator("-"));
    grammar.term(names);
  } while (grammar.cursor.takeOperator("|"));
  const { kind, text } = grammar.cursor.peek();
  if (kind === "operator" && (text === "}" || text === ",")) return;
  if (kind === "end" || kind === "invalid") return;
  grammar.cursor.fail(
    `"${text}" is not allowed here, put the value of the key in parentheses`,
  );
}

/** `$x`, `[$a, $b]`, `{a: $x}`, alternatives with `?//`: what they bind. */
export function readPatterns(
  grammar: Grammar,
  names: Names,
): readonly string[] {
  const bound: string[] = [];
  do {
    grammar.cursor.deeper(() => pattern(grammar, { names, bound }));
  } while (grammar.cursor.takeOperator("?//"));
  return bound;
}

function pattern(grammar: Grammar, { names, bound }: Binding): void {
  const token = grammar.cursor.take();
  if (token.kind === "variable") {
    if (token.text === "__loc__") {
      grammar.cursor.unexpected(token, "a variable");
    }
    bound.push(token.text);
    return;
  }
  if (token.kind !== "operator") grammar.cursor.unexpected(token, "a variable");
  if (token.text === "[") {
    do {
      grammar.cursor.deeper(() => pattern(grammar, { names, bound }));
    } while (grammar.cursor.takeOperator(","));
    return grammar.cursor.expect("]");
  }
  if (token.text !== "{") grammar.cursor.unexpected(token, "a variable");
  do {
    patternEntry(grammar, { names: withVariables(names, bound), bound });
  } while (grammar.cursor.takeOperator(","));
  grammar.cursor.expect("}");
}

function patternEntry(
  grammar: Grammar,
  { names, bound }: Binding,
): void {
  const token = grammar.cursor.peek();
  if (token.kind === "variable") {
    grammar.cursor.take();
    bound.push(token.text);
    if (!grammar.cursor.takeOperator(":")) return;
    return grammar.cursor.deeper(() => pattern(grammar, { names, bound }));
  }
  if (token.kind === "identifier" || token.kind === "keyword") {
    grammar.cursor.take();
  } else if (token.kind === "text-start") grammar.text(names);
  else if (grammar.cursor.takeOperator("(")) {
    grammar.pipe(names);
    grammar.cursor.expect(")");
  } else grammar.cursor.unexpected(token, "a key");
  grammar.cursor.expect(":");
  grammar.cursor.deeper(() => pattern(grammar, { names, bound }));
}
