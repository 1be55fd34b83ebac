/**
 * Finds what is hidden in a text, or in the part of it that has come.
 *
 * @module
 */

import { MASK } from "../model/mask.ts";
import { createFindAt, type FindAt } from "./_automaton.ts";
import { type Candidates, createCandidates, TAIL_UNITS } from "./_filter.ts";
import { type Form, formsOf, HIDDEN_LENGTH_MIN } from "./_forms.ts";

/** Finders that are kept: most runs have the same secrets as the one before. */
const KEPT_MAX = 16;
/** Characters of secrets that a finder is kept for at the most. */
const KEPT_LENGTH_MAX = 262_144;
const KEPT: Map<string, Finder> = new Map();

/**
 * Characters of which two that overlap are told apart: a long one that repeats
 * itself begins at too many places to go along from each.
 */
const OVERLAP_LENGTH_MAX = 256;

/** Finds some texts. */
export interface Finder {
  /** Each with its forms, so that one more costs no more than its own. */
  readonly texts: ReadonlyMap<string, readonly Form[]>;
  readonly wholes: ReadonlyMap<string, readonly Form[]>;
  readonly candidates: Candidates;
  readonly findAt: FindAt;
  /** Whether a number may be one of them, or have one in it. */
  readonly findsNumbers: boolean;
}

/** A text without what is hidden, and what waits for more to come. */
export interface Scanned {
  readonly shown: string;
  readonly rest: string;
}

/** What a finder finds. */
export interface Findings {
  readonly texts: readonly string[];
  /** What is only hidden as a whole. */
  readonly wholes?: readonly string[];
}

/** Makes what finds texts, those of another finder among them. */
export function finderOf(findings: Findings, from?: Finder): Finder {
  const key = keyOf(findings);
  const known = key === undefined ? undefined : KEPT.get(key);
  const finder = known ?? makeFinder(findings, from);
  if (key === undefined) return finder;
  // The one that was asked for last stands last.
  KEPT.delete(key);
  KEPT.set(key, finder);
  for (const oldest of KEPT.keys()) {
    if (KEPT.size <= KEPT_MAX) break;
    KEPT.delete(oldest);
  }
  return finder;
}

function keyOf({ texts, wholes = [] }: Findings): string | undefined {
  const length = [...texts, ...wholes].reduce((sum, it) => sum + it.length, 0);
  return length > KEPT_LENGTH_MAX
    ? undefined
    : JSON.stringify([[...texts].sort(), [...wholes].sort()]);
}

function makeFinder(
  { texts, wholes: whole = [] }: Findings,
  from?: Finder,
): Finder {
  const known = new Map<string, readonly Form[]>();
  for (const text of texts) {
    known.set(text, from?.texts.get(text) ?? formsOf(text));
  }
  const wholes = new Map<string, readonly Form[]>();
  for (const text of whole) {
    wholes.set(
      text,
      from?.wholes.get(text) ?? formsOf(text, { isWhole: true }),
    );
  }
  const forms = [...known.values(), ...wholes.values()].flat();
  return {
    texts: known,
    wholes,
    candidates: createCandidates(forms),
    findAt: createFindAt(forms),
    findsNumbers: forms.some(({ units }) =>
      units.every((unit) =>
        unit.spellings.some((it) => /^[-+.\dEe]*$/.test(it))
      )
    ),
  };
}

/** A part of a text, by its places. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Masks a text, up to where something hidden may have begun when more of the
 * text comes. What overlaps is hidden as one.
 *
 * @param options Whether nothing more comes, and what is hidden in any case,
 * in order.
 */
export function scan(
  finder: Finder,
  text: string,
  options: { readonly isWhole: boolean; readonly also?: readonly Range[] },
): Scanned {
  const { also = [] } = options;
  let alsoTo = 0;
  if (finder.texts.size + finder.wholes.size === 0) {
    return { shown: text, rest: "" };
  }
  if (options.isWhole && text.length < HIDDEN_LENGTH_MIN) {
    return { shown: text, rest: "" };
  }
  const places = finder.candidates(text);
  if (places.length === 0 && options.isWhole && also.length === 0) {
    return { shown: text, rest: "" };
  }
  // A beginning may be cut off by the end.
  const tail = options.isWhole
    ? text.length
    : Math.max(0, text.length - TAIL_UNITS);
  const covered = new Covered(text);
  const coverAlso = (to: number): void => {
    for (;;) {
      const range = also[alsoTo];
      if (range === undefined || range.start > to) return;
      covered.add(range.start, range.end);
      alsoTo++;
    }
  };
  const isCutAt = (at: number): boolean => {
    coverAlso(at);
    const found = finder.findAt(text, at);
    // What it may be a part of is not known before more has come.
    if (found.isCut && !options.isWhole) return true;
    if (found.end !== undefined) covered.add(at, found.end);
    return false;
  };
  for (const at of places) {
    if (at >= tail) break;
    if (covered.isDeepIn(at)) continue;
    if (isCutAt(at)) return covered.showTo(at);
  }
  for (let at = tail; at < text.length; at++) {
    if (isCutAt(at)) return covered.showTo(at);
  }
  coverAlso(text.length);
  return covered.showTo(text.length);
}

/** A text that is covered from left to right. */
class Covered {
  readonly #text: string;
  #shown = "";
  #shownTo = 0;
  #start = 0;
  #end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  add(start: number, end: number): void {
    if (start >= this.#end) {
      this.#cover();
      this.#start = start;
    }
    this.#end = Math.max(this.#end, end);
  }

  /** Whether a place is covered, and far from where that ends. */
  isDeepIn(place: number): boolean {
    return place < this.#end - OVERLAP_LENGTH_MAX;
  }

  /** Gives what is before a place; what covers the place is left whole. */
  showTo(place: number): Scanned {
    const cut = place < this.#end ? this.#start : place;
    if (cut === place) this.#cover();
    return {
      shown: this.#shown + this.#text.slice(this.#shownTo, cut),
      rest: this.#text.slice(cut),
    };
  }

  #cover(): void {
    if (this.#end <= this.#shownTo) return;
    this.#shown += this.#text.slice(this.#shownTo, this.#start) + MASK;
    this.#shownTo = this.#end;
  }
}
