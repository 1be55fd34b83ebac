/**
 * What a command, a script and a container are given alike.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  notText,
  placeOf,
  readObject,
  reportError,
  reportStricter,
  wrongType,
} from "../fields.ts";
import type { ProcessTask } from "../tree_runs.ts";

/** The keys that every process has. */
export const PROCESS_KEYS: readonly string[] = [
  "stdin",
  "arguments",
  "environment",
];
/** Keys of other languages for these. */
export const PROCESS_INSTEAD: Readonly<Record<string, string>> = {
  args: "arguments",
  env: "environment",
  input: "stdin",
};

/** Reads what a process is given. */
export function readProcess(
  object: JsonObject,
  place: Place,
): Pick<ProcessTask, "arguments" | "stdin" | "environment"> {
  const stdin = readStdin(member(object, "stdin"), placeOf(place, "stdin"));
  const args = readArguments(member(object, "arguments"), {
    ...placeOf(place, "arguments"),
    isNamed: true,
  });
  const environment = readTexts(object, place, {
    key: "environment",
    isName: (name) => name !== "" && !/[=\0]/.test(name),
    wrong: (name) => `Variable "${name}" must be text with a name without "="`,
  });
  return {
    ...(args === undefined ? {} : { arguments: args }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** What a process reads: a text, or a value that expressions make. */
function readStdin(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  const template = readTemplate(value, place);
  const isLiteral = template?.kind === "literal";
  if (isLiteral && value !== undefined && typeof value !== "string") {
    reportStricter(place, notText(value, place));
  }
  return template;
}

/** Reads positional arguments, or where they can be, names with values. */
export function readArguments(
  value: Json | undefined,
  { isNamed, ...at }: Place & { readonly isNamed: boolean },
): Template | undefined {
  const isExpression = typeof value === "string" && value.includes("${");
  if (isJsonArray(value)) {
    value.forEach((item, i) => {
      if (typeof item !== "object") return;
      reportStricter(placeOf(at, i), wrongType("a string", item));
    });
  } else if (
    value !== undefined && !isExpression && !(isNamed && isJsonObject(value))
  ) {
    const wanted = isNamed ? "strings, or an object" : "strings";
    reportStricter(at, wrongType(`an array of ${wanted}`, value));
  }
  return readTemplate(value, at);
}

/** Reads an object of texts, or an expression that gives one. */
export function readTexts(
  object: JsonObject,
  place: Place,
  rules: {
    readonly key: string;
    readonly isName: (name: string) => boolean;
    /** Says what is wrong with an item of that name. */
    readonly wrong: (name: string) => string;
  },
): Template | undefined {
  const value = member(object, rules.key);
  const at = placeOf(place, rules.key);
  if (typeof value === "string" && value.includes("${")) {
    return readTemplate(value, at);
  }
  const texts = readObject(value, at);
  for (const [name, item] of Object.entries(texts ?? {})) {
    if (rules.isName(name) && typeof item !== "object") continue;
    reportError(placeOf(at, name), { message: rules.wrong(name) });
  }
  return readTemplate(texts, at);
}
