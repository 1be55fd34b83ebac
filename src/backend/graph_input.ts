/**
 * The input of a workflow of Stigmer tasks against what it declares.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { fitsInput } from "../workflow/graph_inputs.ts";
import type { GraphInput } from "../workflow/tree.ts";

/**
 * Checks an input: every problem is named at once.
 *
 * @throws {StigmerError} INVALID_ARGUMENT.
 */
export function checkGraphInput(
  declared: Readonly<Record<string, GraphInput>>,
  given: { readonly input: Json; readonly subject: string },
): void {
  const { input, subject } = given;
  if (!isJsonObject(input)) {
    throw invalidArgument(
      `Cannot execute ${subject}: its input is an object of named values, ` +
        `not ${jsonTypeName(input)}`,
    );
  }
  const problems = [
    ...Object.keys(input).filter((name) => !Object.hasOwn(declared, name))
      .map((name) => unknownInput(name, Object.keys(declared))),
    ...Object.entries(declared).flatMap(([name, it]) =>
      problemOf(name, { declared: it, value: member(input, name) })
    ),
  ];
  const [first, ...rest] = problems;
  if (first === undefined) return;
  throw invalidArgument(`Cannot execute ${subject}: ${first}`, {
    hints: [...rest, ...quoteHint(declared, input)],
  });
}

/** What a command line takes for a number may be meant as a text. */
function quoteHint(
  declared: Readonly<Record<string, GraphInput>>,
  input: JsonObject,
): string[] {
  const mistaken = Object.entries(declared).find(([name, { type }]) => {
    const value = member(input, name);
    return type === "string" &&
      (typeof value === "number" || typeof value === "boolean");
  });
  if (mistaken === undefined) return [];
  const [name] = mistaken;
  const value = member(input, name);
  return [
    `A text that looks like a ${jsonTypeName(value ?? null)} needs double ` +
    `quotes: --input '${name}="${value}"'`,
  ];
}

function unknownInput(name: string, known: readonly string[]): string {
  const { hint } = didYouMean(name, known);
  return `it has no input "${name}"${hint === undefined ? "" : `. ${hint}`}`;
}

function problemOf(
  name: string,
  of: { readonly declared: GraphInput; readonly value: Json | undefined },
): string[] {
  const { declared, value } = of;
  if (value === undefined) {
    return declared.required && declared.default === undefined
      ? [`it needs input "${name}", give it with --input ${name}=VALUE`]
      : [];
  }
  return fitsInput(value, declared.type)
    ? []
    : [`input "${name}" is ${jsonTypeName(value)}, not ${declared.type}`];
}
