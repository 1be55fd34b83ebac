/**
 * Writes functions so that the engine compiles them together with their module.
 * Others are compiled when they are first called, and what is compiled then is
 * in no cache: each start pays for it again. Pure.
 *
 * @module
 */

import type { FunctionPlace } from "./program_functions.ts";

/** A text that is put in at a place. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

const HEAD_REGEXP = /^(async\s+)?function(\s*\*)?\s*([\w$]+)\s*\(/;

/**
 * A module in which functions are expressions in parentheses, as the engine
 * takes for one that is called at once. Declarations become variables at the
 * beginning, so they are there as early as before, but for modules that import
 * each other in a circle.
 *
 * @param code The module.
 * @param functions All functions of it, in the order in which they begin.
 * @param isEager Whether one is to be compiled with the module.
 */
export function withEagerFunctions(
  code: string,
  functions: readonly FunctionPlace[],
  isEager: (key: string) => boolean,
): string {
  const eager = functions.filter((it) => isEager(it.key));
  const insertions = eager.filter((it) => it.form === "expression")
    .flatMap(({ start, end }) => [
      { at: start, text: "(" },
      { at: end, text: ")" },
    ]).sort((a, b) => a.at - b.at);
  const hoisted: string[] = [];
  const rest: string[] = [];
  let at = 0;
  for (const { start, end, form } of eager) {
    if (form !== "declaration") continue;
    hoisted.push(asVariable(pieceOf(code, insertions, [start, end])));
    // Without it, what stands before could go on in what stands after.
    rest.push(pieceOf(code, insertions, [at, start]), ";");
    at = end;
  }
  rest.push(pieceOf(code, insertions, [at, code.length]));
  const variables = hoisted.length === 0 ? "" : `var ${hoisted.join(",")};`;
  return variables + rest.join("");
}

/** A part of the text with what is put into it. */
function pieceOf(
  code: string,
  insertions: readonly Insertion[],
  [start, end]: readonly [number, number],
): string {
  let text = "";
  let from = start;
  for (const { at, text: inserted } of insertions) {
    // What ends where this begins, or begins where it ends, is another's.
    const isInside = inserted === "("
      ? at >= start && at < end
      : at > start && at <= end;
    if (!isInside) continue;
    text += code.slice(from, at) + inserted;
    from = at;
  }
  return text + code.slice(from, end);
}

/** Writes `function f(){}` as `f=(function(){})`, which has the same name. */
function asVariable(declaration: string): string {
  const [head, asynchronous = "", star = "", name] =
    HEAD_REGEXP.exec(declaration) ?? [];
  if (head === undefined || name === undefined) {
    throw new Error(`Cannot read a function: ${declaration.slice(0, 80)}`);
  }
  const rest = declaration.slice(head.length);
  return `${name}=(${asynchronous}function${star}(${rest})`;
}
