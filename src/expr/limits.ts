/**
 * The bounds of expressions.
 *
 * @module
 */

import { PROGRAM_DEPTH_MAX } from "../jq/cursor.ts";

/** Steps that one evaluation may take: a second or two on an idle machine. */
export const EVALUATION_STEPS_MAX = 50_000_000;
/**
 * Milliseconds that one evaluation may take where there is a clock: less than a
 * worker can be silent without losing its runs.
 */
export const EVALUATION_TIME_MS_MAX = 8000;
/** Bytes of what an expression gives. */
export const EVALUATION_OUTPUT_BYTES_MAX: number = 16 * 1024 * 1024;
/** UTF-16 units of the source of an expression. */
export const EXPRESSION_LENGTH_MAX: number = 64 * 1024;
/** How deep expressions nest. */
export const EXPRESSION_DEPTH_MAX: number = PROGRAM_DEPTH_MAX;
