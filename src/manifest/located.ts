/**
 * Diagnostics that know their file, line and column.
 *
 * Lines and columns count from 1. A column counts characters (code points):
 * a tab is one, an emoji is one, whatever their width on a terminal.
 *
 * @module
 */

/** The line that a diagnostic is about, to be shown under it. */
export interface Excerpt {
  /** The line as written, or the part of a very long one. */
  readonly text: string;
  /** Where in `text` the trouble begins, in characters from 1. */
  readonly column: number;
  /** How many characters of `text` it covers, 1 at least. */
  readonly length: number;
}

/** What is wrong, and where in which file. */
export interface LocatedDiagnostic {
  /** An `error` refuses the definition, a `warning` does not. */
  readonly severity: "error" | "warning";
  /** The file, as the source was named. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column in characters, from 1. */
  readonly column: number;
  /** The place after it; absent when it covers nothing. */
  readonly end?: { readonly line: number; readonly column: number };
  /** What is wrong, in sentence case without a final period. */
  readonly message: string;
  /** The way out, as `Did you mean "instructions"?`. */
  readonly hint?: string;
  /** The line itself; absent when there is none, as in an empty file. */
  readonly excerpt?: Excerpt;
}
