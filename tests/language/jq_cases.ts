/**
 * Tables of programs, and what they give.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { compileJq, eachJq, JqError, type Json } from "../../src/jq/mod.ts";

/**
 * A program, its input, and what comes out: its values, or the message of the
 * error that it ends with.
 */
export type Case = readonly [
  program: string,
  input: Json,
  outcome: readonly Json[] | string,
];

/** Runs each program of a table. */
export function check(cases: readonly Case[]): void {
  for (const [program, input, outcome] of cases) {
    const before = JSON.stringify(input);
    const found = outcomeOf(program, input);
    const shown = `${program}, given ${before}`;
    if (typeof outcome === "string") strictEqual(found, outcome, shown);
    else deepStrictEqual(found, outcome, shown);
    strictEqual(JSON.stringify(input), before, `${program} changed its input`);
  }
}

/** What comes out, as JSON has it: no number there is null. */
function outcomeOf(program: string, input: Json): readonly Json[] | string {
  const values: Json[] = [];
  try {
    eachJq(compileJq(program), input, {
      take: (value) => void values.push(value),
    });
    return JSON.parse(JSON.stringify(values));
  } catch (thrown) {
    if (thrown instanceof JqError) return thrown.message;
    throw thrown;
  }
}
