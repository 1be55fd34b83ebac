/**
 * From a diagnostic's pointer to the stretch of text that it is about.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import { follow, type SourceMap, type Span } from "./_node.ts";
import { offsetInFile } from "./_offset.ts";

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
    return { start, end: Math.min(start + 1, node.end) };
  }
  const isHidden = node.kind === "scalar" && node.start === node.end;
  // An object or a list is shown by where it begins, not by all its lines.
  if (node.kind !== "scalar" || isHidden) {
    return isHidden && key !== undefined
      ? key
      : { start: node.start, end: node.start + 1 };
  }
  return { start: node.start, end: node.end };
}
