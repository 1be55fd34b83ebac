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
  /** Items, members and eight units of text each that it makes in all. */
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
  const next = Math.min(STEPS_PER_LOOK, meter.stepsLeft - owed);
  meter.stepsLeft -= owed + next;
  meter.steps = next;
}

/** Notes that so many items or members are made, and the work of that. */
export function makeCells(count: number): void {
  meter.cells -= count;
  if (meter.cells < 0) throw new LimitReached("memory");
  if (count > 16) steps(count >> 4);
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
  if (length > meter.limits.stringLengthMax) {
    throw new LimitReached("string length");
  }
  if (length > 64) makeCells(length >> 3);
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
