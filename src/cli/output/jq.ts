/**
 * Parts of a result by a jq program: each value on a line of its own, texts as
 * they are.
 *
 * @module
 */

import {
  compileJq,
  JqError,
  type JqProgram,
  JqSyntaxError,
  runJq,
} from "../../jq/mod.ts";
import { invalidArgument, type StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import { CARRIED_OUT, type Picker, plainText } from "./picker.ts";

const SEE = "See what there is with -o json";
/** Characters of a problem that are shown: `error` may give a whole document. */
const PROBLEM_LENGTH_MAX = 300;

/** Makes a printer of what a program gives. */
export function jqPicker(source: string): Picker {
  const program = compiled(source, { act: "--output jq=" });
  return (document) => {
    const values = valuesOf(program, document, { act: "--output jq=" });
    return values.map((it) => `${plainText(it)}\n`).join("");
  };
}

/** Where a program stands, for the words of an error. */
export interface ProgramPlace {
  /** As `--output jq=`. */
  readonly act: string;
  /** The names that it may use, without `$`; default none. */
  readonly variables?: ReadonlySet<string>;
}

/**
 * Compiles a program that was typed.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when the text is no program.
 */
export function compiled(source: string, place: ProgramPlace): JqProgram {
  try {
    return compileJq(source, { variables: place.variables ?? new Set() });
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error;
    const [first] = error.problems;
    throw refused(source, at(error.message, first), place, first?.hint ?? SEE);
  }
}

/**
 * Gives all values of a program for a document.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when it fails.
 */
export function valuesOf(
  program: JqProgram,
  document: Json,
  place: ProgramPlace & { readonly bound?: Readonly<Record<string, Json>> },
): readonly Json[] {
  try {
    return runJq(program, document, { variables: place.bound ?? {} });
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    const { message } = error;
    const short = message.length > PROBLEM_LENGTH_MAX
      ? `${message.slice(0, PROBLEM_LENGTH_MAX)}…`
      : message;
    const problem = at(short, error.place);
    throw refused(program.source, problem, place, SEE, CARRIED_OUT);
  }
}

/** Says where in the program: a line only where there are several. */
function at(
  problem: string,
  place: { readonly line: number; readonly column: number } | undefined,
): string {
  if (place === undefined) return problem;
  const { column, line } = place;
  const where = line === 1 ? "" : `line ${line}, `;
  return `${problem} (${where}column ${column})`;
}

function refused(
  source: string,
  problem: string,
  { act }: ProgramPlace,
  ...hints: readonly string[]
): StigmerError {
  return invalidArgument(
    `Cannot print with "${act}${source}": ${problem}`,
    { hints },
  );
}
