/**
 * One row of the benchmark table: what was measured, and against what.
 *
 * @module
 */

/** One measurement. */
export interface Row {
  /** What was measured, in words: `start-up: version`. */
  readonly name: string;
  /** What came out, with its unit: `16.2 ms`. */
  readonly value: string;
  /** Against the floor of the same run, 1 being the floor; absent when there is none. */
  readonly ratio?: number;
  /** What is wanted, in words: `≤ 1.5 × empty script`. */
  readonly target: string;
  /** Whether it is what is wanted. */
  readonly ok: boolean;
}
