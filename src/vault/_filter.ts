/**
 * Says where in a text a form may begin, at the speed of memory.
 *
 * The text is looked at as bytes, `gram` of them at a time and every
 * `stride`-th time only: whatever is `gram + stride - 1` bytes long has one of
 * these in it, and a table of all that forms can begin with tells which are
 * worth a closer look. Clean text costs one look at the table for each stride
 * (docs/decisions/0015-masks-by-samples.md has the figures).
 *
 * @module
 */

import type { Form } from "./_forms.ts";
import { samplesOf, type Sampling } from "./_samples.ts";

const LONG: Sampling = { gram: 4, stride: 4 };
/** For what is too short to have a whole sample of the others in it. */
const SHORT: Sampling = { gram: 3, stride: 2 };
/** Bytes of a form that may hold more than one sample. */
const LONG_BYTES_MIN = 7;
/**
 * Code units of the end of a text that hold no sample for certain: the last may
 * be half a character, which is none in bytes.
 */
export const TAIL_UNITS: number = LONG_BYTES_MIN;

/** Code units that are looked at in one go. */
const SLICE_UNITS = 65_536;
/** Code units that are looked at twice, for what stands across two slices. */
const OVERLAP_UNITS = 16;
/** Bytes of a code unit in UTF-8 at the most. */
const UNIT_BYTES_MAX = 3;
/** Bits of what tells at once that most samples are of none. */
const BITMAP_BITS = 20;
const BITMAP_SHIFT: number = 32 - BITMAP_BITS;
/** Spreads samples over a table (Knuth's multiplicative hashing). */
const SPREADING = 0x9E3779B1;

/** Which samples are worth a closer look. */
interface Table {
  /** A bit for each sample, by what it spreads to; others may share it. */
  readonly bitmap: Int32Array;
  /** Samples, each with a bit for each byte of a form that it may begin at. */
  readonly samples: ReadonlyMap<number, number>;
}

/** Gives the places of a text where a form may begin, in order. */
export type Candidates = (text: string) => readonly number[];

/** The same bytes by one, two and four. */
interface Scratch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pairs: Uint16Array;
  readonly words: Int32Array;
}

/** Made at the first look; the one buffer is never held over a wait. */
let scratch: Scratch | undefined;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Makes what finds the beginnings of forms. */
export function createCandidates(forms: readonly Form[]): Candidates {
  const long = tableOf(forms.filter(isLong), LONG);
  const short = tableOf(forms.filter((it) => !isLong(it)), SHORT);
  if (long === undefined && short === undefined) return () => [];
  return (text) => {
    if (text.length <= SLICE_UNITS) return lookAt(text, long, short);
    const found: number[] = [];
    for (let from = 0, last = -1; from < text.length;) {
      const to = Math.min(text.length, from + SLICE_UNITS);
      for (const at of lookAt(text.slice(from, to), long, short)) {
        if (from + at <= last) continue;
        last = from + at;
        found.push(last);
      }
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
  long: Table | undefined,
  short: Table | undefined,
): readonly number[] {
  const buffer = scratch ??= makeScratch();
  const { written } = ENCODER.encodeInto(slice, buffer.bytes);
  const starts: number[] = [];
  if (long !== undefined) longStarts(buffer, { written, table: long, starts });
  if (short !== undefined) {
    shortStarts(buffer, { written, table: short, starts });
    if (long !== undefined) starts.sort((a, b) => a - b);
  }
  if (starts.length === 0 || written === slice.length) return starts;
  return unitsAt(buffer.bytes, starts);
}

function makeScratch(): Scratch {
  const buffer = new ArrayBuffer(SLICE_UNITS * UNIT_BYTES_MAX);
  return {
    bytes: new Uint8Array(buffer),
    pairs: new Uint16Array(buffer),
    words: new Int32Array(buffer),
  };
}

interface Looking {
  readonly written: number;
  readonly table: Table;
  readonly starts: number[];
}

function longStarts({ words }: Scratch, looking: Looking): void {
  const { bitmap, samples } = looking.table;
  const count = looking.written >>> 2;
  for (let i = 0; i < count; i++) {
    const sample = words[i] ?? 0;
    const spread = Math.imul(sample, SPREADING) >>> BITMAP_SHIFT;
    if (((bitmap[spread >>> 5] ?? 0) & 1 << spread) === 0) continue;
    const found = samples.get(sample);
    if (found !== undefined) {
      addStarts(looking.starts, { found, at: i * 4, stride: 4 });
    }
  }
}

function shortStarts({ bytes, pairs }: Scratch, looking: Looking): void {
  const { bitmap, samples } = looking.table;
  for (let i = 0; i + 2 < looking.written; i += 2) {
    const sample = (pairs[i >>> 1] ?? 0) | (bytes[i + 2] ?? 0) << 16;
    const spread = Math.imul(sample, SPREADING) >>> BITMAP_SHIFT;
    if (((bitmap[spread >>> 5] ?? 0) & 1 << spread) === 0) continue;
    const found = samples.get(sample);
    if (found !== undefined) {
      addStarts(looking.starts, { found, at: i, stride: 2 });
    }
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

/** Turns places in bytes to places in code units, but those within one. */
function unitsAt(
  bytes: Uint8Array,
  places: readonly number[],
): readonly number[] {
  const found: number[] = [];
  let countedTo = 0;
  let units = 0;
  for (const place of places) {
    if (((bytes[place] ?? 0) & 0xc0) === 0x80) continue;
    units += DECODER.decode(bytes.subarray(countedTo, place)).length;
    countedTo = place;
    found.push(units);
  }
  return found;
}

function tableOf(
  forms: readonly Form[],
  sampling: Sampling,
): Table | undefined {
  if (forms.length === 0) return undefined;
  const samples = samplesOf(forms, sampling);
  const bitmap = new Int32Array(2 ** (BITMAP_BITS - 5));
  for (const sample of samples.keys()) {
    const spread = Math.imul(sample, SPREADING) >>> BITMAP_SHIFT;
    bitmap[spread >>> 5] = (bitmap[spread >>> 5] ?? 0) | 1 << spread;
  }
  return { bitmap, samples };
}
