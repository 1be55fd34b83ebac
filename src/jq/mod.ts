/**
 * jq in TypeScript: a program is compiled once and run as often as needed,
 * synchronously, with limits on its steps, its time and what it makes.
 *
 * It reads no file, no environment and no clock.
 *
 * @module
 */

export { type Checked, type CheckOptions, checkTree } from "./check.ts";
export {
  completeAt,
  type CompleteOptions,
  type Completion,
  type Completions,
} from "./complete.ts";
export {
  JqError,
  JqLimitError,
  type JqProblem,
  JqSyntaxError,
  type Place,
} from "./failure.ts";
export { JQ_LIMITS, type JqLimits, type LimitName } from "./fuel.ts";
export { PROGRAM_DEPTH_MAX } from "./cursor.ts";
export type { Json, JsonObject } from "./json.ts";
export type { Flow } from "./flow.ts";
export { type InferOptions, type Inferred, inferTree } from "./infer.ts";
export { type Parsed, parseJq } from "./parser.ts";
export {
  compileJq,
  type CompileJqOptions,
  eachJq,
  firstJq,
  type JqProgram,
  runJq,
  type RunJqOptions,
} from "./program.ts";
export type {
  Assignment,
  Branch,
  Definition,
  Located,
  Node,
  ObjectEntry,
  Operator,
  Parameter,
  Pattern,
  PatternEntry,
} from "./tree.ts";
export {
  type FieldType,
  isOf,
  type JqType,
  kindsInWords,
  objectOf,
  typeOf,
  union,
} from "./types.ts";
