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

/**
 * Gives all samples that can stand at the first bytes of a form, as numbers
 * (all that Deno runs on has the least byte first), each with a bit for each
 * byte of the form that it may begin at.
 */
export function samplesOf(
  forms: readonly Form[],
  { gram, stride }: Sampling,
): ReadonlyMap<number, number> {
  const samples = new Map<number, number>();
  for (const { units } of forms) {
    const known: Known = new Map();
    for (let before = 0; before < stride; before++) {
      for (const place of placesAfter(units, before)) {
        for (const sample of samplesFrom(units, { ...place, gram, known })) {
          samples.set(sample, (samples.get(sample) ?? 0) | 1 << before);
        }
      }
    }
  }
  return samples;
}

/** How far a form has come: the rest of a spelling, and the unit after it. */
interface Place {
  readonly rest: string;
  readonly unit: number;
}

function placesAfter(
  units: readonly Unit[],
  count: number,
): Iterable<Place> {
  const places = new Map<string, Place>();
  const go = (unit: number, left: number): void => {
    if (left === 0) return void places.set(`${unit}`, { rest: "", unit });
    for (const spelling of units[unit]?.bytes ?? []) {
      if (spelling.length <= left) go(unit + 1, left - spelling.length);
      else {
        const place = { rest: spelling.slice(left), unit: unit + 1 };
        places.set(`${place.unit}:${place.rest}`, place);
      }
    }
  };
  go(0, count);
  return places.values();
}

/** What can come from a unit on, by the unit and the count of bytes. */
type Known = Map<number, ReadonlySet<number>>;

function samplesFrom(
  units: readonly Unit[],
  from: Place & { readonly gram: number; readonly known: Known },
): readonly number[] {
  const { rest, unit, gram, known } = from;
  if (rest.length >= gram) return [numberOf(rest, gram)];
  const shift = 8 * rest.length;
  const first = numberOf(rest, rest.length);
  return Array.from(
    beginnings(units, { unit, left: gram - rest.length, known }),
    (it) => first | it << shift,
  );
}

function beginnings(
  units: readonly Unit[],
  from: { readonly unit: number; readonly left: number; readonly known: Known },
): ReadonlySet<number> {
  const { unit, left, known } = from;
  const key = unit * 8 + left;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = new Set<number>();
  known.set(key, made);
  if (left === 0) return made.add(0);
  for (const spelling of units[unit]?.bytes ?? []) {
    const place = { rest: spelling, unit: unit + 1, gram: left, known };
    for (const it of samplesFrom(units, place)) made.add(it);
  }
  return made;
}

function numberOf(bytes: string, count: number): number {
  let number = 0;
  for (let i = 0; i < count; i++) number |= bytes.charCodeAt(i) << 8 * i;
  return number;
}
