/**
 * Reads strings with what is put into them.
 *
 * @module
 */

import type { Grammar } from "./parser.ts";
import type { Node } from "./tree.ts";

/** A string with what is put into it, or a format with or without one. */
export function readText(grammar: Grammar): Node {
  const { cursor } = grammar;
  const { start } = cursor.peek();
  let format: string | undefined;
  if (cursor.peek().kind === "format") {
    format = cursor.take().text;
    if (cursor.peek().kind !== "text-start") {
      return { kind: "format", name: format, ...cursor.located(start) };
    }
  }
  const opening = cursor.take();
  if (opening.kind !== "text-start") cursor.unexpected(opening);
  const parts: (string | Node)[] = [];
  for (;;) {
    const token = cursor.take();
    if (token.kind === "text-end") break;
    if (token.kind === "text") parts.push(token.text);
    else if (token.kind === "open") {
      parts.push(grammar.pipe());
      const close = cursor.take();
      if (close.kind !== "close") cursor.unexpected(close, '")"');
    } else cursor.unexpected(token);
  }
  const located = cursor.located(start);
  const isConstant = parts.every((it) => typeof it === "string");
  if (isConstant && format === undefined) {
    return { kind: "literal", value: parts.join(""), ...located };
  }
  return {
    kind: "text",
    ...(format === undefined ? {} : { format }),
    parts,
    ...located,
  };
}
