/**
 * What forms can begin with, in samples of some bytes.
 *
 * @module
 */

import type { Form } from "./_forms.ts";
import type { Unit } from "./_spellings.ts";

/** How a text is sampled. */
export interface Sampling {
  /** Bytes of a sample. */
  readonly gram: 3 | 4;
  /** Bytes from one sample to the next. */
  readonly stride: 2 | 4;
}

/** Those of each form, which is always sampled in one way by its length. */
const KEPT: WeakMap<Form, ReadonlyMap<number, number>> = new WeakMap();

/**
 * Gives all samples that can stand at the first bytes of a form, as numbers
 * (all that Deno runs on has the least byte first), each with a bit for each
 * byte of the form that it may begin at.
 */
export function samplesOf(
  forms: readonly Form[],
  sampling: Sampling,
): ReadonlyMap<number, number> {
  const samples = new Map<number, number>();
  for (const form of forms) {
    let own = KEPT.get(form);
    if (own === undefined) KEPT.set(form, own = samplesOfOne(form, sampling));
    for (const [sample, bits] of own) {
      samples.set(sample, (samples.get(sample) ?? 0) | bits);
    }
  }
  return samples;
}

function samplesOfOne(
  { units }: Form,
  { gram, stride }: Sampling,
): ReadonlyMap<number, number> {
  const samples = new Map<number, number>();
  const known: Known = new Map();
  for (let before = 0; before < stride; before++) {
    for (const place of placesAfter(units, before)) {
      for (const sample of samplesFrom(units, place, { gram, known })) {
        samples.set(sample, (samples.get(sample) ?? 0) | 1 << before);
      }
    }
  }
  return samples;
}

/** How far a form has come. */
interface Place {
  /** What is still to come of a spelling. */
  readonly rest: string;
  /** Number of the unit after it. */
  readonly unit: number;
  /** Whether what is rare was there. */
  readonly hadRare: boolean;
}

function placesAfter(units: readonly Unit[], count: number): Iterable<Place> {
  const places = new Map<string, Place>();
  const go = (at: number, left: number, hadBefore: boolean): void => {
    if (left === 0) {
      const place = { rest: "", unit: at, hadRare: hadBefore };
      return void places.set(`${at}:${hadBefore}`, place);
    }
    for (const [spelling, hadRare] of spellingsAt(units, at, hadBefore)) {
      if (spelling.length <= left) {
        go(at + 1, left - spelling.length, hadRare);
      } else {
        const place = { rest: spelling.slice(left), unit: at + 1, hadRare };
        places.set(`${place.unit}:${hadRare}:${place.rest}`, place);
      }
    }
  };
  go(0, count, false);
  return places.values();
}

/** The spellings of a unit in bytes, and whether what is rare was there then. */
function spellingsAt(
  units: readonly Unit[],
  at: number,
  hadRare: boolean,
): readonly (readonly [spelling: string, hadRare: boolean])[] {
  const unit = units[at];
  if (unit === undefined) return [];
  if (!unit.isRare) return unit.bytes.map((it) => [it, hadRare]);
  return hadRare ? [["", true]] : unit.bytes.map((it) => [it, it !== ""]);
}

/** What can come from a place on, by the place and the count of bytes. */
type Known = Map<number, readonly number[]>;

function samplesFrom(
  units: readonly Unit[],
  { rest, unit, hadRare }: Place,
  options: { readonly gram: number; readonly known: Known },
): readonly number[] {
  const { gram, known } = options;
  if (rest.length >= gram) return [numberOf(rest, gram)];
  const left = gram - rest.length;
  const key = unit * 16 + left * 2 + Number(hadRare);
  let next = known.get(key);
  if (next === undefined) {
    next = [
      ...new Set(
        spellingsAt(units, unit, hadRare).flatMap(([spelling, had]) =>
          samplesFrom(units, { rest: spelling, unit: unit + 1, hadRare: had }, {
            gram: left,
            known,
          })
        ),
      ),
    ];
    known.set(key, next);
  }
  if (rest === "") return next;
  const shift = 8 * rest.length;
  const first = numberOf(rest, rest.length);
  return next.map((it) => first | it << shift);
}

function numberOf(bytes: string, count: number): number {
  let number = 0;
  for (let i = 0; i < count; i++) number |= bytes.charCodeAt(i) << 8 * i;
  return number;
}
