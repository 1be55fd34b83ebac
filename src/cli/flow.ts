/**
 * Text that comes piece by piece, broken between words where a terminal is too
 * narrow: a terminal itself breaks within them.
 *
 * @module
 */

import { graphemesOf } from "./agent/graphemes.ts";
import { widthOf } from "./width.ts";

/** Columns below which a text is left to the terminal. */
const COLUMNS_MIN = 20;
/** The part of a line that it may be moved in by, where it goes on. */
const INDENT_SHARE = 2;
const PARTS_REGEXP = /\n|[ \t]+|[^ \t\n]+/g;
/** Characters of a word that is measured: of marks any number have no width. */
const WORD_LENGTH_MAX = 1000;
/** Begins and ends lines that are no prose. */
const FENCE = "```";

/** Breaks a text into lines as it comes. */
export interface Flow {
  /** Takes a piece; gives what can be written by now. */
  push(text: string): string;
  /** Gives the rest, which is the end of the last word. */
  end(): string;
}

/**
 * Makes what breaks a text.
 *
 * @param columns Gives the width of the terminal at each line; without one
 * nothing is broken.
 */
export function createFlow(columns: () => number | undefined): Flow {
  let column = 0;
  let indent = "";
  let space = "";
  /** What has come of a word. */
  let word = "";
  /** Whether a word is wider than a line, and written as it comes. */
  let isLong = false;
  let isFenced = false;
  /** What was written of this line, as far as it says what the line is. */
  let begin = "";
  let limit = 0;

  const isProse = (): boolean =>
    limit >= COLUMNS_MIN && !isFenced && !begin.startsWith("|");
  const written = (text: string): string => {
    if (begin.length < FENCE.length) begin += text.slice(0, FENCE.length);
    column += widthOf(text);
    return text;
  };
  /** Writes a word, on a new line where this one has no room for it. */
  const place = (text: string): string => {
    if (text === "") return "";
    const isFirst = column === 0;
    if (isFirst) indent = indentOf(space, limit);
    const needed = widthOf(space) + widthOf(text);
    const gap = space;
    space = "";
    if (isFirst || !isProse() || column + needed <= limit) {
      return written(gap + text);
    }
    column = 0;
    return `\n${written(indent + text)}`;
  };
  const flushed = (): string => {
    const text = word;
    word = "";
    return place(text);
  };
  const newline = (): string => {
    const text = `${flushed()}\n`;
    if (begin.startsWith(FENCE)) isFenced = !isFenced;
    column = 0;
    space = indent = begin = "";
    isLong = false;
    limit = columns() ?? 0;
    return text;
  };
  const letters = (part: string): string => {
    if (isLong) return written(part);
    let text = "";
    if (isNarrow(part)) word += part;
    else {
      for (const { segment } of graphemesOf(part)) {
        // Languages without spaces may be broken between any two signs.
        if (widthOf(segment) > 1 && isProse()) {
          text += flushed() + place(segment);
        } else word += segment;
      }
    }
    const isShort = word.length <= WORD_LENGTH_MAX && widthOf(word) <= limit;
    if (isShort && limit >= COLUMNS_MIN) return text;
    isLong = true;
    return text + flushed();
  };
  return {
    push(piece) {
      if (column === 0 && word === "") limit = columns() ?? 0;
      let text = "";
      for (const [part] of piece.matchAll(PARTS_REGEXP)) {
        if (part === "\n") text += newline();
        else if (part.trim() === "") {
          text += flushed();
          isLong = false;
          space += part.replaceAll("\t", "    ");
        } else text += letters(part);
      }
      return text;
    },
    end() {
      const text = flushed();
      column = 0;
      space = indent = begin = "";
      isLong = isFenced = false;
      return text;
    },
  };
}

/** Whether each sign of a text takes one column. */
function isNarrow(text: string): boolean {
  return widthOf(text) === text.length;
}

function indentOf(space: string, limit: number): string {
  return space.length > limit / INDENT_SHARE ? "" : space;
}
