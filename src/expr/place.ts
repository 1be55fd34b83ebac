/**
 * Where in an expression something is, as it was written: what is evaluated may
 * be another program, that was made of it.
 *
 * @module
 */

import { type Place, placeOf } from "../jq/failure.ts";
import type { Expression, Shift } from "./expression.ts";

/** The offset in what was written of one in the program. */
export function offsetWritten(
  shifts: readonly Shift[],
  offset: number,
): number {
  const shift = shifts.findLast(({ program }) => program <= offset);
  if (shift === undefined) return offset;
  if (shift.isWhole) return shift.source;
  return shift.source + offset - shift.program;
}

/**
 * The place in the source of an expression of one in its program; `undefined`
 * where that is not known.
 */
export function placeWritten(
  { source, program, shifts, trimmed = 0 }: Expression,
  place: Place | undefined,
): Place | undefined {
  if (place === undefined || program === undefined) return place;
  if (shifts === undefined) return undefined;
  const offset = offsetWritten(shifts, place.offset) - trimmed;
  return placeOf(source, Math.max(0, Math.min(offset, source.length)));
}

/** A piece of another program: what it is of an expression's own. */
export interface Cut {
  /** UTF-16 units from the start of the other program. */
  readonly at: number;
  /** UTF-16 units from the start of the expression's program. */
  readonly from: number;
  /** Whether it only stands for what is there. */
  readonly isWhole?: true;
}

/** The shifts of a program that is made of pieces of an expression's own. */
export function shiftsOf(
  { program, shifts }: Expression,
  cuts: readonly Cut[],
): readonly Shift[] {
  const own: readonly Shift[] = program === undefined
    ? [{ program: 0, source: 0 }]
    : shifts ?? [];
  return cuts.flatMap(({ at, from, isWhole }, i): readonly Shift[] => {
    const first: Shift = {
      program: at,
      source: offsetWritten(own, from),
      ...(isWhole || isInWhole(own, from) ? { isWhole: true } : {}),
    };
    if (isWhole) return [first];
    const end = from + (cuts[i + 1]?.at ?? Infinity) - at;
    const others = own.filter((it) => it.program > from && it.program < end);
    return [
      first,
      ...others.map((it) => ({ ...it, program: it.program - from + at })),
    ];
  });
}

function isInWhole(shifts: readonly Shift[], offset: number): boolean {
  return shifts.findLast((it) => it.program <= offset)?.isWhole === true;
}

/** Names a place for a message; the start of an expression needs no name. */
export function placeInWords(place: Place | undefined): string {
  if (place === undefined || place.offset === 0) return "";
  const { line, column } = place;
  return ` at line ${line}, column ${column}`;
}
