/**
 * The bounds of expressions.
 *
 * @module
 */

/**
 * Rounds of jq's loops that one evaluation may take: about one second on an
 * idle machine, and the same on a busy one.
 */
export const EVALUATION_STEPS_MAX = 100_000_000;
/** How many more for each MiB of input, which jq has to read and write. */
export const EVALUATION_STEPS_PER_MIB = 12_000_000;
/**
 * How long one evaluation may take on a clock, for a machine that has hardly
 * any time for it; it must be over before the lease of the run is. The steps
 * are what bounds an expression.
 */
export const EVALUATION_TIME_MS_MAX = 8000;
/** How much longer for each MiB of input. */
export const EVALUATION_TIME_MS_PER_MIB = 250;
/** How long the evaluator may take to start before it is asked for why. */
export const EVALUATOR_LOAD_MS = 1000;
/** How long the evaluator may take to start, once, when nothing is wrong. */
export const EVALUATOR_START_MS_MAX = 10_000;
/** Size of what an expression is given, in UTF-16 units of its JSON. */
export const EVALUATION_INPUT_SIZE_MAX: number = 32 * 1024 * 1024;
/** Bytes of what an expression gives. */
export const EVALUATION_OUTPUT_BYTES_MAX: number = 16 * 1024 * 1024;
/** UTF-16 units of the source of an expression. */
export const EXPRESSION_LENGTH_MAX: number = 64 * 1024;
/** How deep expressions nest. */
export const EXPRESSION_DEPTH_MAX = 200;
