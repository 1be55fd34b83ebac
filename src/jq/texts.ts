/**
 * Texts as jq counts them: by code points, not by UTF-16 units.
 *
 * @module
 */

import { boundArray, makeCells, steps } from "./fuel.ts";

const SURROGATE = /[\ud800-\udfff]/;

/** Says whether a text has characters of two UTF-16 units. */
export function isWide(text: string): boolean {
  return SURROGATE.test(text);
}

/** Counts code points. */
export function lengthOf(text: string): number {
  if (!isWide(text)) return text.length;
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

/** Gives the code points from one up to another. */
export function sliceText(text: string, from: number, to: number): string {
  if (!isWide(text)) return text.slice(from, to);
  steps(text.length >> 3);
  return Array.from(text).slice(from, to).join("");
}

/** Splits a text at another. */
export function splitText(text: string, separator: string): readonly string[] {
  if (text === "") return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  boundArray(parts.length);
  makeCells(parts.length);
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
    found.push(counter.upTo(at));
    at = text.indexOf(wanted, at + 1);
  }
  makeCells(found.length);
  return found;
}
