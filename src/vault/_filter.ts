/**
 * Says where in a text a form may begin, at the speed of memory.
 *
 * The text is looked at as bytes, `gram` of them at a time and every
 * `stride`-th time only: whatever is `gram + stride - 1` bytes long has one of
 * these in it, and a table of all that forms can begin with tells which are
 * worth a closer look. Clean text costs one look at the table for each stride
 * (docs/decisions/0013-mask-by-samples.md has the figures).
 *
 * @module
 */

import type { Form } from "./_forms.ts";
import type { Unit } from "./_spellings.ts";

/** How a text is sampled. */
interface Sampling {
  /** Bytes of a sample. */
  readonly gram: 3 | 4;
  /** Bytes from one sample to the next. */
  readonly stride: 2 | 4;
}

const LONG: Sampling = { gram: 4, stride: 4 };
/** For what is too short to have a whole sample of the others in it. */
const SHORT: Sampling = { gram: 3, stride: 2 };
/** Bytes of a form that may hold more than one sample. */
const LONG_BYTES_MIN = 7;
/** Code units of the end of a text that hold no sample for certain. */
export const TAIL_UNITS: number = LONG_BYTES_MIN - 1;

/** Code units that are looked at in one go. */
const SLICE_UNITS = 65_536;
/** Code units that are looked at twice, for what stands across two slices. */
const OVERLAP_UNITS = 16;
/** Bytes of a code unit in UTF-8 at the most. */
const UNIT_BYTES_MAX = 3;
/** Places in a table for each sample, so that few share one. */
const SPREAD = 64;
const TABLE_BITS_MIN = 16;
const TABLE_BITS_MAX = 21;
/** Spreads samples over a table (Knuth's multiplicative hashing). */
const SPREADING = 0x9E3779B1;

/** Which samples are worth a closer look. */
interface Table {
  /** A bit for each byte of a form that a sample may begin at. */
  readonly bits: Uint8Array;
  readonly shift: number;
}

/** Gives the places of a text where a form may begin, in order. */
export type Candidates = (text: string) => readonly number[];

/** Made at the first look; the one buffer is never held over a wait. */
let scratch: { bytes: Uint8Array; words: Uint32Array } | undefined;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Makes what finds the beginnings of forms. */
export function createCandidates(forms: readonly Form[]): Candidates {
  const long = tableOf(forms.filter(isLong), LONG);
  const short = tableOf(forms.filter((it) => !isLong(it)), SHORT);
  if (long === undefined && short === undefined) return () => [];
  return (text) => {
    const found: number[] = [];
    for (let from = 0; from < text.length;) {
      const to = Math.min(text.length, from + SLICE_UNITS);
      lookAt(text.slice(from, to), { long, short, from, found });
      if (to === text.length) break;
      from = to - OVERLAP_UNITS;
    }
    return found;
  };
}

function isLong({ bytesMin }: Form): boolean {
  return bytesMin >= LONG_BYTES_MIN;
}

function lookAt(
  slice: string,
  into: {
    readonly long: Table | undefined;
    readonly short: Table | undefined;
    readonly from: number;
    readonly found: number[];
  },
): void {
  const { bytes, words } = scratch ??= makeScratch();
  const { written } = ENCODER.encodeInto(slice, bytes);
  const { long, short, from, found } = into;
  const starts: number[] = [];
  if (long !== undefined) longStarts(words, { written, table: long, starts });
  if (short !== undefined) {
    shortStarts(bytes, { written, table: short, starts });
    if (long !== undefined) starts.sort((a, b) => a - b);
  }
  const unitAt = written === slice.length
    ? (byte: number): number => byte
    : unitsOf(bytes);
  let last = found.at(-1) ?? -1;
  for (const start of starts) {
    const unit = unitAt(start);
    if (unit < 0 || from + unit <= last) continue;
    last = from + unit;
    found.push(last);
  }
}

function makeScratch(): { bytes: Uint8Array; words: Uint32Array } {
  const buffer = new ArrayBuffer(SLICE_UNITS * UNIT_BYTES_MAX);
  return { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}

interface Looking {
  readonly written: number;
  readonly table: Table;
  readonly starts: number[];
}

function longStarts(words: Uint32Array, looking: Looking): void {
  const { written, table: { bits, shift }, starts } = looking;
  const count = written >>> 2;
  for (let i = 0; i < count; i++) {
    const found = bits[Math.imul(words[i] ?? 0, SPREADING) >>> shift] ?? 0;
    if (found !== 0) addStarts(starts, { found, at: i * 4, stride: 4 });
  }
}

function shortStarts(bytes: Uint8Array, looking: Looking): void {
  const { written, table: { bits, shift }, starts } = looking;
  for (let i = 0; i + 2 < written; i += 2) {
    const sample = (bytes[i] ?? 0) | (bytes[i + 1] ?? 0) << 8 |
      (bytes[i + 2] ?? 0) << 16;
    const found = bits[Math.imul(sample, SPREADING) >>> shift] ?? 0;
    if (found !== 0) addStarts(starts, { found, at: i, stride: 2 });
  }
}

function addStarts(
  starts: number[],
  sample: {
    readonly found: number;
    readonly at: number;
    readonly stride: number;
  },
): void {
  for (let before = sample.stride - 1; before >= 0; before--) {
    const start = sample.at - before;
    if ((sample.found & 1 << before) !== 0 && start >= 0) starts.push(start);
  }
}

/** Counts code units; asked for bytes in order, `-1` within a character. */
function unitsOf(bytes: Uint8Array): (byte: number) => number {
  let countedTo = 0;
  let units = 0;
  return (byte) => {
    if (((bytes[byte] ?? 0) & 0xc0) === 0x80) return -1;
    units += DECODER.decode(bytes.subarray(countedTo, byte)).length;
    countedTo = byte;
    return units;
  };
}

function tableOf(
  forms: readonly Form[],
  { gram, stride }: Sampling,
): Table | undefined {
  if (forms.length === 0) return undefined;
  const samples = new Map<string, number>();
  for (const { units } of forms) {
    const begun: Begun = new Map();
    for (let before = 0; before < stride; before++) {
      for (const [rest, unit] of placesAfter(units, before)) {
        for (const sample of samplesFrom(units, { rest, unit, gram, begun })) {
          samples.set(sample, (samples.get(sample) ?? 0) | 1 << before);
        }
      }
    }
  }
  const bitCount = Math.ceil(Math.log2(samples.size * SPREAD));
  const shift = 32 -
    Math.min(TABLE_BITS_MAX, Math.max(TABLE_BITS_MIN, bitCount));
  const bits = new Uint8Array(2 ** (32 - shift));
  for (const [sample, at] of samples) {
    const place = Math.imul(numberOf(sample), SPREADING) >>> shift;
    bits[place] = (bits[place] ?? 0) | at;
  }
  return { bits, shift };
}

/** A sample as a number: all that Deno runs on has the least byte first. */
function numberOf(sample: string): number {
  let number = 0;
  for (let i = 0; i < sample.length; i++) {
    number |= sample.charCodeAt(i) << 8 * i;
  }
  return number;
}

/** Where a form has come after some bytes: the rest of a spelling, the unit after it. */
function placesAfter(
  units: readonly Unit[],
  count: number,
): readonly (readonly [rest: string, unit: number])[] {
  const places = new Map<string, readonly [string, number]>();
  const go = (unit: number, left: number): void => {
    if (left === 0) return void places.set(`${unit}`, ["", unit]);
    for (const spelling of units[unit]?.bytes ?? []) {
      if (spelling.length <= left) go(unit + 1, left - spelling.length);
      else {
        const rest = spelling.slice(left);
        places.set(`${unit + 1}:${rest}`, [rest, unit + 1]);
      }
    }
  };
  go(0, count);
  return [...places.values()];
}

/** What can come from a unit on, by the unit and the count of bytes. */
type Begun = Map<number, ReadonlySet<string>>;

function samplesFrom(
  units: readonly Unit[],
  from: {
    readonly rest: string;
    readonly unit: number;
    readonly gram: number;
    readonly begun: Begun;
  },
): Iterable<string> {
  const { rest, unit, gram, begun } = from;
  if (rest.length >= gram) return [rest.slice(0, gram)];
  const left = gram - rest.length;
  return Array.from(
    beginnings(units, { unit, left, begun }),
    (it) => rest + it,
  );
}

function beginnings(
  units: readonly Unit[],
  from: { readonly unit: number; readonly left: number; readonly begun: Begun },
): ReadonlySet<string> {
  const { unit, left, begun } = from;
  if (left === 0) return new Set([""]);
  const key = unit * 8 + left;
  const known = begun.get(key);
  if (known !== undefined) return known;
  const made = new Set<string>();
  begun.set(key, made);
  for (const spelling of units[unit]?.bytes ?? []) {
    if (spelling.length >= left) {
      made.add(spelling.slice(0, left));
      continue;
    }
    const rests = { unit: unit + 1, left: left - spelling.length, begun };
    for (const rest of beginnings(units, rests)) made.add(spelling + rest);
  }
  return made;
}
