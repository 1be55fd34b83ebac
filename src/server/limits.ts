/**
 * What a server lets its callers have at the most.
 *
 * @module
 */

/** The bounds of a server; 0 turns a rate off. */
export interface ServerLimits {
  /** Bytes of one message at the most. */
  readonly messageBytesMax: number;
  /** Bytes of the headers of one request at the most. */
  readonly headerBytesMax: number;
  /** Calls under way at once at the most that are no streams. */
  readonly callsMax: number;
  /** Streams open at once at the most. */
  readonly streamsMax: number;
  /** Streams that one caller has open at once at the most. */
  readonly streamsPerCallerMax: number;
  /** Calls a second of one caller, on average; twice as many in a burst. */
  readonly callsPerSecondMax: number;
  /** How long the next piece of a request may take to come. */
  readonly bodyIdleMs: number;
  /** How long a whole request may take to come. */
  readonly bodyMs: number;
  /** How long a watch may stand before its client begins another one. */
  readonly watchMs: number;
}

/** The bounds when nothing else is said. */
export const LIMITS_DEFAULT: ServerLimits = {
  messageBytesMax: 64 * 1024 * 1024,
  headerBytesMax: 16 * 1024,
  callsMax: 1024,
  streamsMax: 1024,
  streamsPerCallerMax: 256,
  callsPerSecondMax: 1000,
  bodyIdleMs: 30_000,
  bodyMs: 600_000,
  watchMs: 3_600_000,
};
