/**
 * Texts as jq counts them: by code points, not by UTF-16 units.
 *
 * @module
 */

import {
  boundArray,
  limitText,
  makeCells,
  readText,
  step,
  steps,
} from "./fuel.ts";

/** What a part of a text takes: its place in a list, and itself. */
const PART_CELLS = 5;
const SURROGATE = /[\ud800-\udfff]/;

/** Says whether a text has characters of two UTF-16 units. */
export function isWide(text: string): boolean {
  return SURROGATE.test(text);
}

/** Counts code points. */
export function lengthOf(text: string): number {
  if (!isWide(text)) return text.length;
  steps(text.length >> 3);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xdc00 || code > 0xdfff || i === 0) count += 1;
    else if (!isHigh(text.charCodeAt(i - 1))) count += 1;
  }
  return count;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Gives the code points from one up to another. */
export function sliceText(text: string, from: number, to: number): string {
  if (!isWide(text)) return text.slice(from, to);
  steps(text.length >> 3);
  const start = unitsOf(text, 0, from);
  return text.slice(start, unitsOf(text, start, to - from));
}

/** The place so many code points after a place, both in UTF-16 units. */
function unitsOf(text: string, from: number, points: number): number {
  let at = from;
  for (let left = points; left > 0 && at < text.length; left--) {
    const isPair = isHigh(text.charCodeAt(at)) &&
      isLow(text.charCodeAt(at + 1));
    at += isPair ? 2 : 1;
  }
  return at;
}

/** Counts the bytes of a text in UTF-8. */
export function byteLengthOf(text: string): number {
  steps(text.length >> 3);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) count += 1;
    else if (code < 0x800) count += 2;
    else if (isHigh(code) && isLow(text.charCodeAt(i + 1))) {
      count += 4;
      i += 1;
    } else count += 3;
  }
  return count;
}

/** UTF-16 units that are replaced in at once. */
const PIECE_LENGTH = 65_536;

/**
 * Replaces single characters. The platform gathers all places of a long text
 * first, which takes many times what comes of it; so it is given pieces.
 */
export function replaceEach(
  text: string,
  pattern: RegExp,
  by: (found: string) => string,
): string {
  if (text.length <= PIECE_LENGTH) return text.replace(pattern, by);
  const pieces: string[] = [];
  let length = 0;
  for (let at = 0; at < text.length; at += PIECE_LENGTH) {
    const piece = text.slice(at, at + PIECE_LENGTH).replace(pattern, by);
    length += piece.length;
    limitText(length);
    pieces.push(piece);
  }
  return pieces.join("");
}

/** Splits a text at another. */
export function splitText(text: string, separator: string): readonly string[] {
  if (text === "") return [];
  readText(text);
  if (separator === "") boundArray(lengthOf(text));
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  boundArray(parts.length);
  makeCells(parts.length * PART_CELLS);
  return parts;
}

/** Counts the code points before a place in UTF-16 units, each after another. */
export class PointCounter {
  readonly #text: string;
  readonly #isWide: boolean;
  #units = 0;
  #points = 0;

  constructor(text: string) {
    this.#text = text;
    this.#isWide = isWide(text);
  }

  /** Counts up to a place that is not before the last one. */
  upTo(units: number): number {
    if (!this.#isWide) return units;
    if (units < this.#units) {
      return lengthOf(this.#text.slice(0, units));
    }
    this.#points += lengthOf(this.#text.slice(this.#units, units));
    this.#units = units;
    return this.#points;
  }
}

/** Finds all places of a text in another, in code points; they may overlap. */
export function indicesOfText(text: string, wanted: string): number[] {
  const found: number[] = [];
  if (wanted === "") return found;
  const counter = new PointCounter(text);
  let at = text.indexOf(wanted);
  while (at >= 0) {
    // Each place is a match of the whole of it.
    step();
    readText(wanted);
    found.push(counter.upTo(at));
    at = text.indexOf(wanted, at + 1);
  }
  makeCells(found.length);
  return found;
}
