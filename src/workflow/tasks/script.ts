/**
 * `run: {script}`: runs code that the workflow brings along, or that is kept
 * elsewhere.
 *
 * @module
 */

import { type JsonObject, member } from "../../model/json.ts";
import { didYouMean } from "../../model/near.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { checkKeys, placeOf, readString, reportError } from "../fields.ts";
import type { ScriptTask } from "../tree_runs.ts";
import { PROCESS_INSTEAD, PROCESS_KEYS, readProcess } from "./_process.ts";
import { readExternalResource } from "./resource.ts";
import type { Runnable } from "./run.ts";

/** The names of the languages. */
const LANGUAGES: Readonly<Record<string, ScriptTask["language"]>> = {
  js: "js",
  javascript: "js",
  ts: "ts",
  typescript: "ts",
  python: "python",
  python3: "python",
};
/** Code that is an expression of the workflow as a whole. */
const EXPRESSION = /^\s*\$\{[\s\S]*\}\s*$/;

/** Reads the script of a `run` task. */
export function readScript(
  script: JsonObject,
  place: Place,
): Runnable<ScriptTask> {
  checkKeys(script, place, {
    known: ["language", "code", "source", ...PROCESS_KEYS],
    required: ["language"],
    what: "a script",
    instead: { ...PROCESS_INSTEAD, lang: "language", script: "code" },
  });
  return {
    kind: "script",
    language: readLanguage(script, placeOf(place, "language")),
    code: readCode(script, place),
    ...readProcess(script, place),
  };
}

function readLanguage(
  script: JsonObject,
  place: Place,
): ScriptTask["language"] {
  const name = readString(member(script, "language"), place);
  if (name === undefined) return "js";
  const word = name.toLowerCase();
  const language = Object.hasOwn(LANGUAGES, word) ? LANGUAGES[word] : undefined;
  if (language !== undefined) return language;
  const near = didYouMean(word, Object.keys(LANGUAGES));
  reportError(place, {
    message: `Scripts in "${name}" cannot be run here`,
    hint: near.hint ?? 'Use "js", "ts" or "python", or "run: {shell}"',
  });
  return "js";
}

/**
 * Reads the code. It is taken as it is, since `${…}` is JavaScript's own;
 * only code that is one expression as a whole is evaluated.
 */
function readCode(script: JsonObject, place: Place): ScriptTask["code"] {
  const nothing = { kind: "literal", value: "" } as const;
  const source = readExternalResource(
    member(script, "source"),
    placeOf(place, "source"),
  );
  const at = placeOf(place, "code");
  const text = readString(member(script, "code"), at);
  const has = (key: string): boolean => member(script, key) !== undefined;
  if (has("code") === has("source")) {
    reportError(place, {
      message: has("code")
        ? 'A script has either "code" or "source", not both'
        : 'A script needs "code", or "source"',
    });
  }
  if (source !== undefined) return { kind: "external", source };
  const code = text === undefined || !EXPRESSION.test(text)
    ? { kind: "literal" as const, value: text ?? "" }
    : readTemplate(text, at);
  return { kind: "inline", code: code ?? nothing };
}
