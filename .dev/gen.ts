/**
 * Writes `gen/` anew from `proto/`.
 *
 * @module
 */
