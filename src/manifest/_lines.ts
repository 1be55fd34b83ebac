/**
 * From a place in a text to its line and column, with the line itself.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import { type Hidden, hideInLine, hideInWords } from "./_hidden.ts";
import type { Excerpt, LocatedDiagnostic } from "./located.ts";
import type { Span } from "./_node.ts";

/** A text with the starts of its lines, in UTF-16 units. */
export interface SourceText {
  /** What diagnostics call the file. */
  readonly file: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
  /** What must not be shown of it. */
  readonly hidden?: readonly Hidden[];
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
  const { hidden = [] } = source;
  const shown = hideInLine(
    { start: lineStart, text: content },
    { at: start - lineStart, length: Math.max(1, length) },
    hidden,
  );
  const told = (words: string): string => hideInWords(words, problem, hidden);
  return {
    severity: problem.severity,
    file: source.file,
    line,
    column: before + 1,
    ...endOf(source, { start, end: problem.end }),
    message: told(problem.message),
    ...(problem.hint === undefined ? {} : { hint: told(problem.hint) }),
    ...(source.text === "" ? {} : {
      excerpt: excerptOf(shown.text, shown.at, shown.length),
    }),
  };
}

/** The place after a stretch that covers something. */
function endOf(
  source: SourceText,
  { start, end }: Span,
): Pick<LocatedDiagnostic, "end"> {
  const last = Math.min(end, source.text.length);
  if (last <= start) return {};
  const line = lineAt(source, last);
  const column = characters(
    source.text.slice(source.lineStarts[line - 1] ?? 0, last),
  ) + 1;
  return { end: { line, column } };
}

function lineContent(source: SourceText, line: number): string {
  const start = source.lineStarts[line - 1] ?? 0;
  const end = source.lineStarts[line] ?? source.text.length + 1;
  return source.text.slice(start, end - 1).replace(/\r$/, "");
}

/** Shows a line whole, or the part of a long one around the place. */
function excerptOf(line: string, at: number, length: number): Excerpt {
  if (line.length <= EXCERPT_LENGTH_MAX) {
    return { text: line, column: characters(line.slice(0, at)) + 1, length };
  }
  const from = wholeAt(line, Math.max(0, at - EXCERPT_BEFORE_MAX));
  const to = wholeAt(line, Math.min(line.length, from + EXCERPT_LENGTH_MAX));
  const head = from > 0 ? "…" : "";
  const tail = to < line.length ? "…" : "";
  const column = characters(head + line.slice(from, at)) + 1;
  const rest = characters(line.slice(at, to)) + tail.length;
  return {
    text: `${head}${line.slice(from, to)}${tail}`,
    column,
    length: Math.max(1, Math.min(length, rest)),
  };
}

/** Moves a place out of the middle of a surrogate pair. */
function wholeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}

/** Counts code points. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) continue;
    const before = text.charCodeAt(i - 1);
    if (before >= 0xd800 && before <= 0xdbff) count--;
  }
  return count;
}
