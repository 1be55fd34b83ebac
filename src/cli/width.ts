/**
 * Texts as wide as a terminal shows them.
 *
 * @module
 */

import stringWidth from "fast-string-width";

const ELLIPSIS = "…";

/** Counts the columns that a text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cuts a text to a width, with an ellipsis where something is missing. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (widthOf(kept + segment) > width - 1) break;
    kept += segment;
  }
  return kept + ELLIPSIS;
}

/** Breaks a text into pieces that are no wider than this. */
export function chunksOf(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const chunks: string[] = [];
  let chunk = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const needed = widthOf(segment);
    if (used + needed > width && chunk !== "") {
      chunks.push(chunk);
      chunk = "";
      used = 0;
    }
    chunk += segment;
    used += needed;
  }
  return [...chunks, chunk];
}
