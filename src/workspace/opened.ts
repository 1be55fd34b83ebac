/**
 * Secrets in the arguments of a call: each is opened where it stands, and
 * stays what it is there. It makes no second word of a command, no other part
 * of a URL, and no path: what is judged is what is done.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";
import { type Json, type JsonObject, member } from "../model/json.ts";
import { lineOfWords, readWords } from "./command_words.ts";
import { type ArgumentsReading, textIn, wrong } from "./parameters.ts";
import { REFERENCE } from "./url.ts";

/** Replaces references by what they stand for. */
export type Open = (value: Json) => Json;

/** Arguments that say where something is done. */
const PLACES: readonly string[] = ["path", "folder", "glob"];

/** Opens what arguments refer to. */
export function openedArguments(
  args: JsonObject,
  { open, os }: { readonly open: Open; readonly os: Platform["os"] },
): ArgumentsReading {
  const opened: Record<string, Json> = {};
  for (const [name, value] of Object.entries(args)) {
    if (PLACES.includes(name) && open(value) !== value) {
      return wrong(`A secret cannot be a ${name}`);
    }
    if (name !== "cmd" && name !== "url") opened[name] = open(value);
  }
  if (member(args, "cmd") !== undefined) {
    const reading = readWords(textIn(args, "cmd"), os);
    if (reading.kind === "wrong") return reading;
    const [program = "", ...rest] = reading.words;
    if (open(program) !== program) return wrong("A secret cannot be a program");
    opened["cmd"] = lineOfWords([
      program,
      ...rest.map((word) => textOf(open(word))),
    ]);
  }
  if (member(args, "url") !== undefined) {
    opened["url"] = textIn(args, "url").replace(
      REFERENCE,
      (reference) => {
        const value = open(reference);
        return value === reference
          ? reference
          : encodeURIComponent(textOf(value));
      },
    );
  }
  return { kind: "arguments", arguments: opened };
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
