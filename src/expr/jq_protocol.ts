/**
 * What the caller of jq and its worker say to each other.
 *
 * @module
 */

/** A program to run; the answer is written into the shared memory. */
export interface JqJob {
  readonly program: string;
  /** JSON text. */
  readonly input: string;
  /** Rounds of loops that it may take. */
  readonly stepsMax: number;
  /** Bytes that it may give. */
  readonly outputBytesMax: number;
  /** A header of four 32-bit numbers, then the bytes of the answer. */
  readonly shared: SharedArrayBuffer;
}

/** Bytes before those of the answer. */
export const HEADER_BYTES = 16;
/** Where in the header it stands whether the answer is there. */
export const STATE = 0;
/** Where in the header it stands what the answer is. */
export const STATUS = 1;
/** Where in the header the number of the answer's bytes stands. */
export const LENGTH = 2;

/** Where in the header it stands whether nobody waits any more. */
export const CANCELLED = 3;

/** The answer is not there yet. */
export const STATE_WAITING = 0;
/** The answer is there. */
export const STATE_DONE = 1;

/** The answer is what the program wrote. */
export const STATUS_OUTPUT = 1;
/** The answer is the error of the program. */
export const STATUS_ERROR = 2;
/** The evaluator broke and must be started anew. */
export const STATUS_BROKEN = 3;
/** What the program wrote does not fit. */
export const STATUS_TOO_LARGE = 4;
/** The program took all its steps and was stopped; so is the evaluator. */
export const STATUS_TOO_LONG = 5;
