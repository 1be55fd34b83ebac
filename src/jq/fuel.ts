/**
 * What a running program has left: steps, time, sizes and depth.
 *
 * One program runs at a time, as evaluation is synchronous; so what it has is
 * kept in one object and needs no passing around. A program that runs inside
 * another (a clock that evaluates) has its own, and gives the other's back.
 *
 * @module
 */

import { LimitReached } from "./failure.ts";

/** What a program may take; each one has a name that its error has, too. */
export interface JqLimits {
  /** Steps: calls, and values that are looked at or given on. */
  readonly stepsMax: number;
  /** Milliseconds; they are only counted where there is a clock. */
  readonly timeMsMax: number;
  /** Values that it gives. */
  readonly outputsMax: number;
  /** UTF-16 units of one string. */
  readonly stringLengthMax: number;
  /** Items of one array. */
  readonly arrayLengthMax: number;
  /** What it makes in all, in cells of eight bytes: an item, eight units. */
  readonly cellsMax: number;
  /** Calls and values inside one another. */
  readonly depthMax: number;
}

/** The name of a limit. */
export type LimitName =
  | "steps"
  | "time"
  | "outputs"
  | "string length"
  | "array length"
  | "memory"
  | "depth";

/** What a program may take where nothing else is said. */
export const JQ_LIMITS: JqLimits = {
  stepsMax: 50_000_000,
  timeMsMax: 8000,
  outputsMax: 1_000_000,
  stringLengthMax: 16 * 1024 * 1024,
  arrayLengthMax: 4 * 1024 * 1024,
  cellsMax: 32 * 1024 * 1024,
  depthMax: 1000,
};

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 20_000;

/** What the running program has left. */
export interface Meter {
  /** Steps up to the next look. */
  steps: number;
  /** Steps after that. */
  stepsLeft: number;
  /** Cells that it may still make. */
  cells: number;
  /** How deep it is. */
  depth: number;
  /** When its time is over; `Infinity` without a clock. */
  endsAtMs: number;
  /** The clock, in milliseconds. */
  clock: (() => number) | undefined;
  /** What it may take. */
  limits: JqLimits;
  /** Offset of what is computed now. */
  at: number;
  /** Milliseconds since 1970 that `now` gives. */
  nowMs: number | undefined;
  /** Gives numbers from 0 up to 1. */
  random: (() => number) | undefined;
}

/** The meter of the program that runs. */
export const meter: Meter = {
  steps: 0,
  stepsLeft: 0,
  cells: 0,
  depth: 0,
  endsAtMs: Infinity,
  clock: undefined,
  limits: JQ_LIMITS,
  at: 0,
  nowMs: undefined,
  random: undefined,
};

/** Takes one step. */
export function step(): void {
  if (--meter.steps < 0) refill();
}

/** Takes so many steps. */
export function steps(count: number): void {
  meter.steps -= count;
  if (meter.steps < 0) refill();
}

function refill(): void {
  const owed = -meter.steps;
  if (meter.stepsLeft < owed) throw new LimitReached("steps");
  if (meter.clock !== undefined && meter.clock() > meter.endsAtMs) {
    throw new LimitReached("time");
  }
  // What takes as many at once is over when the next one is taken: look again.
  const wanted = owed < STEPS_PER_LOOK ? STEPS_PER_LOOK : 0;
  const next = Math.min(wanted, meter.stepsLeft - owed);
  meter.stepsLeft -= owed + next;
  meter.steps = next;
}

/** Notes that so many items or members are made, and the work of that. */
export function makeCells(count: number): void {
  meter.cells -= count;
  if (meter.cells < 0) throw new LimitReached("memory");
  if (count > 16) steps(count >> 4);
}

/** What an array and an object take beside what is in them, in cells. */
const CONTAINER_CELLS = 6;
/** What an array has room for when the first item is put into it. */
const ROOM = 17;
/** Members up to which an object takes no more for each than one cell. */
const SMALL_OBJECT = 16;
/** What a member of a larger one takes: its key, its place, and free ones. */
const MEMBER_CELLS = 6;
/** What a text takes beside its units, in cells. */
const TEXT_CELLS = 4;
/** UTF-16 units of a text that are looked at in one step. */
const UNITS_PER_STEP = 64;

/** Notes that an array of so many items is made. */
export function makeArray(length: number): void {
  boundArray(length);
  makeCells(length + CONTAINER_CELLS);
}

/** Notes that an array is made to which items were added one by one. */
export function makeGrown(length: number): void {
  boundArray(length);
  makeCells(length === 0 ? 4 : Math.max(length, ROOM) + CONTAINER_CELLS);
}

/** Notes that an object of so many members is made. */
export function makeObject(count: number): void {
  const each = count > SMALL_OBJECT ? MEMBER_CELLS : 1;
  makeCells(count * each + CONTAINER_CELLS);
  // To list the keys of a large one takes as long as steps do.
  if (count > SMALL_OBJECT) steps(count);
}

/** Notes that an object of this run is given one more member. */
export function makeMember(): void {
  makeCells(MEMBER_CELLS);
}

/** Notes that all of a text is looked at. */
export function readText(text: string): void {
  if (text.length > UNITS_PER_STEP) steps(text.length / UNITS_PER_STEP | 0);
}

/** What it takes to raise an error and to catch it, in steps. */
const CAUGHT_STEPS = 4;

/** Notes that an error is caught. */
export function noteCaught(): void {
  steps(CAUGHT_STEPS);
}

/** Notes that an array has so many items. */
export function boundArray(length: number): void {
  if (length > meter.limits.arrayLengthMax) {
    throw new LimitReached("array length");
  }
}

/** Notes that a text of that length is made; gives it back. */
export function makeText(text: string): string {
  boundText(text.length);
  return text;
}

/** Notes that a text of so many units is to be made. */
export function boundText(length: number): void {
  limitText(length);
  makeCells((length >> 3) + TEXT_CELLS);
}

/** Refuses a text that would be too long, without noting that it is made. */
export function limitText(length: number): void {
  if (length > meter.limits.stringLengthMax) {
    throw new LimitReached("string length");
  }
}

/** Goes one deeper. */
export function descend(): void {
  if (++meter.depth > meter.limits.depthMax) {
    throw new LimitReached("depth");
  }
}

/** Says what limit was reached, in words. */
export function limitMessage(limit: LimitName, limits: JqLimits): string {
  switch (limit) {
    case "steps":
      return `it takes more than ${inWords(limits.stepsMax)} steps`;
    case "time":
      return `it takes longer than ${(limits.timeMsMax / 1000).toFixed(1)} s`;
    case "outputs":
      return `it gives more than ${inWords(limits.outputsMax)} results`;
    case "string length":
      return `it makes a string of more than ${
        inWords(limits.stringLengthMax)
      } characters`;
    case "array length":
      return `it makes an array of more than ${
        inWords(limits.arrayLengthMax)
      } items`;
    case "memory":
      return `it makes more than ${inWords(limits.cellsMax)} items in all`;
    case "depth":
      return `it nests more than ${inWords(limits.depthMax)} calls deep`;
  }
}

function inWords(count: number): string {
  return count >= 1e6 ? `${Math.round(count / 1e6)} million` : `${count}`;
}
