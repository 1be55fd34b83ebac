/**
 * Reads the definitions of functions.
 *
 * @module
 */

import type { Grammar } from "./parser.ts";
import type { Definition, Parameter } from "./tree.ts";

/** Reads `def name(a; $b): body;`. */
export function readDefinition(grammar: Grammar): Definition {
  const { cursor } = grammar;
  const { start } = cursor.take();
  const name = cursor.take();
  if (name.kind !== "identifier" && name.kind !== "keyword") {
    cursor.unexpected(name, "the name of a function");
  }
  const parameters = cursor.takeOperator("(") ? readParameters(grammar) : [];
  cursor.expect(":");
  const body = grammar.pipe();
  cursor.expect(";");
  return { name: name.text, parameters, body, ...cursor.located(start) };
}

function readParameters({ cursor }: Grammar): readonly Parameter[] {
  const parameters: Parameter[] = [];
  do {
    const token = cursor.take();
    const isValue = token.kind === "variable";
    if (token.kind !== "identifier" && token.kind !== "keyword" && !isValue) {
      cursor.unexpected(token, "the name of a parameter");
    }
    const located = cursor.located(token.start);
    parameters.push({ name: token.text, isValue, ...located });
  } while (cursor.takeOperator(";"));
  cursor.expect(")");
  return parameters;
}
