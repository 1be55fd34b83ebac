/**
 * How an example of the specification is run, and what comes of it.
 *
 * @module
 */

import type { Json } from "../../src/model/json.ts";
import type { RunOptions } from "../language/run_example.ts";

/** One run of an example. */
export interface ExampleRun extends RunOptions {
  /** What it gives; `…` stands for anything. */
  readonly output?: Json;
  /** What it fails with. */
  readonly failure?: {
    /** The last part of the type. */
    readonly type: string;
    readonly status: number;
    readonly instance: string;
    /** A part of the detail. */
    readonly detail: string;
  };
}
