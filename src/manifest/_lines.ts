/**
 * From a place in a text to its line and column, with the line itself.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import type { Excerpt, LocatedDiagnostic } from "./located.ts";
import type { Span } from "./_node.ts";

/** A text with the starts of its lines, in UTF-16 units. */
export interface SourceText {
  /** What diagnostics call the file. */
  readonly file: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** What is wrong at one stretch of a text. */
export interface Problem extends Span {
  readonly severity: Diagnostic["severity"];
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Characters of a line that an excerpt shows at the most. */
const EXCERPT_LENGTH_MAX = 160;
/** Characters before the place that an excerpt of a long line shows. */
const EXCERPT_BEFORE_MAX = 60;

/** Finds where the lines of a text begin. */
export function sourceText(file: string, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lineStarts.push(at + 1);
  }
  return { file, text, lineStarts };
}

/** Says in which line a place stands, from 1. */
export function lineAt(source: SourceText, offset: number): number {
  let low = 0;
  let high = source.lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Turns a stretch of a text into file, line, column and excerpt. */
export function locateProblem(
  source: SourceText,
  problem: Problem,
): LocatedDiagnostic {
  const start = Math.max(0, Math.min(problem.start, source.text.length));
  const line = lineAt(source, start);
  const lineStart = source.lineStarts[line - 1] ?? 0;
  const content = lineContent(source, line);
  const before = characters(source.text.slice(lineStart, start));
  const covered = source.text.slice(start, Math.max(start, problem.end));
  const length = characters(covered.split(/\r?\n/, 1)[0] ?? "");
  return {
    severity: problem.severity,
    file: source.file,
    line,
    column: before + 1,
    message: problem.message,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(source.text === ""
      ? {}
      : { excerpt: excerptOf(content, before, Math.max(1, length)) }),
  };
}

function lineContent(source: SourceText, line: number): string {
  const start = source.lineStarts[line - 1] ?? 0;
  const end = source.lineStarts[line] ?? source.text.length + 1;
  return source.text.slice(start, end - 1).replace(/\r$/, "");
}

function excerptOf(line: string, before: number, length: number): Excerpt {
  const all = Array.from(line);
  if (all.length <= EXCERPT_LENGTH_MAX) {
    return { text: line, column: before + 1, length };
  }
  const from = Math.max(0, before - EXCERPT_BEFORE_MAX);
  const part = all.slice(from, from + EXCERPT_LENGTH_MAX);
  const head = from > 0 ? "…" : "";
  const tail = from + part.length < all.length ? "…" : "";
  const column = before - from + head.length + 1;
  return {
    text: `${head}${part.join("")}${tail}`,
    column,
    length: Math.max(
      1,
      Math.min(length, part.length + head.length + 1 - column),
    ),
  };
}

/** Counts code points; half of a pair that stands alone counts as one. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
