/**
 * From a diagnostic's pointer to the stretch of text that it is about.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import { follow, type SourceMap, type Span } from "./_node.ts";
import { offsetInFile } from "./_offset.ts";

/**
 * The name that a place inside a text is likely to be about. Made when it is
 * asked for: a class of Unicode takes its time at a start.
 */
const wordRegExp = (): RegExp => /^[.@]?[$\p{L}\p{N}_][\p{L}\p{M}\p{N}_-]*/u;

/**
 * Finds what a diagnostic is about: the value, its key, or a place inside a
 * text; where the pointer leads to nothing, the key it is missing under.
 */
export function spanOfDiagnostic(
  text: string,
  root: SourceMap,
  diagnostic: Diagnostic,
): Span {
  const { node, key } = follow(root, diagnostic.pointer);
  if (node === undefined || (diagnostic.atKey && key !== undefined)) {
    return key ?? { start: root.start, end: root.start + 1 };
  }
  if (diagnostic.offset !== undefined && node.kind === "scalar") {
    const start = offsetInFile(text, node, diagnostic.offset);
    const word = wordRegExp().exec(text.slice(start, node.end))?.[0] ?? "";
    return { start, end: Math.min(start + Math.max(1, word.length), node.end) };
  }
  if (node.kind === "scalar") {
    const { start, end } = node;
    return start === end && key !== undefined ? key : { start, end };
  }
  // An object or a list is shown by where it begins, not by all its lines.
  const first = node.kind === "map" ? node.entries[0]?.keySpan : undefined;
  const end = first?.start === node.start ? first.end : node.start + 1;
  return { start: node.start, end };
}
