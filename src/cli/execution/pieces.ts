/**
 * Lines of dressed pieces, cut to a width: what dresses a piece takes no
 * column, and is never cut.
 *
 * @module
 */

import { fit, widthOf } from "../width.ts";

/** A part of a line. */
export interface Piece {
  readonly text: string;
  readonly dress?: (text: string) => string;
}

/** Writes a line of pieces that is no wider than it may be. */
export function piecesToLine(pieces: readonly Piece[], width: number): string {
  let left = width;
  let line = "";
  const total = pieces.reduce((sum, { text }) => sum + widthOf(text), 0);
  const isCut = total > width;
  for (const { text, dress = (it: string) => it } of pieces) {
    const needed = widthOf(text);
    // What follows is cut: its place is taken by the sign for it.
    if (isCut && needed >= left) return line + dress(cut(text, left));
    line += dress(text);
    left -= needed;
  }
  return line;
}

function cut(text: string, width: number): string {
  // It says that something is missing also where this piece would just fit.
  return width <= 0 ? "" : fit(`${text} `, width);
}
