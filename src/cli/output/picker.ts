/**
 * `--output jq=…`, `jsonpath=…` and `template=…`: what of a result is printed,
 * and how.
 *
 * A command prints JSON as it would for `--output json`; each of its documents
 * then goes through what was typed.
 *
 * @module
 */

import { invalidArgument, StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import type { Ending } from "../command.ts";
import type { Io } from "../io.ts";
import { suggestion } from "../parse.ts";
import { printable } from "../printable.ts";
import { errorText } from "../report.ts";

/** What follows `--output` for parts of a result, with what comes after `=`. */
export const PICK_FORMS: Readonly<Record<PickForm, string>> = {
  jq: "PROGRAM",
  jsonpath: "TEMPLATE",
  template: "TEXT",
};
/** How a part of a result is named. */
export type PickForm = "jq" | "jsonpath" | "template";

/** What is said of a result whose part cannot be had. */
export const CARRIED_OUT = "The command itself was carried out";

/** What was typed after `--output`. */
export interface Pick {
  readonly form: PickForm;
  readonly text: string;
}

/**
 * Writes what was asked for of one document; ends in a line end where that is
 * wanted.
 *
 * @throws {StigmerError} When it cannot be had of this one.
 */
export type Picker = (document: Json) => string;

/** Reads the value of `--output`; `undefined` for one of the plain forms. */
export function parsePick(value: string | undefined): Pick | undefined {
  const [word = "", ...rest] = value?.split("=") ?? [];
  if (rest.length === 0) return undefined;
  const forms = Object.keys(PICK_FORMS);
  const form = forms.find((it): it is PickForm => it === word);
  if (form === undefined) {
    throw invalidArgument(
      `Option "--output" cannot be "${value}", of parts there are ${
        forms.map((it) => `${it}=`).join(", ")
      }`,
      suggestion(word, forms),
    );
  }
  const text = rest.join("=");
  if (text !== "") return { form, text };
  throw invalidArgument(
    `Option "--output" says nothing after "${word}=", give it as ${word}=${
      PICK_FORMS[form]
    }`,
  );
}

/**
 * Makes what prints parts of documents.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when the text breaks its rules.
 */
export async function loadPicker({ form, text }: Pick): Promise<Picker> {
  switch (form) {
    case "jq":
      return (await import("./jq.ts")).jqPicker(text);
    case "jsonpath":
      return (await import("./jsonpath.ts")).jsonPathPicker(text);
    case "template":
      return (await import("./template.ts")).templatePicker(text);
  }
}

/** Streams whose data is JSON, of which parts are printed. */
export interface Picking {
  readonly io: Io;
  /** How the command ends that ended so: what cannot be printed is a failure. */
  endingOf(ending: Ending): Ending;
}

/**
 * Prints parts of what a command prints.
 *
 * What cannot be had of a result is told, and not thrown: the command did what
 * it was to do, and must not look as if it had been refused.
 */
export function picking(io: Io, picker: Picker): Picking {
  let failed = false;
  const data = (text: string): void => {
    try {
      const picked = picker(documentOf(text));
      // Models and tools may say anything; a pipe takes it as it is.
      io.raw(io.piecemeal ? printable(picked) : picked);
    } catch (error) {
      if (!(error instanceof StigmerError)) throw error;
      failed = true;
      io.alert(
        errorText(error, { style: io.err, debug: false }).trimEnd(),
      );
    }
  };
  return {
    io: { ...io, data },
    endingOf: (ending) => failed && ending === "ok" ? "failed" : ending,
  };
}

function documentOf(text: string): Json {
  try {
    const document: Json = JSON.parse(text);
    return document;
  } catch (error) {
    throw invalidArgument(
      "Cannot print parts of this result, which is no JSON",
      { hints: ["Leave --output out", CARRIED_OUT], cause: error },
    );
  }
}

/** Writes a value as scripts want it: a text as it is, all else as JSON. */
export function plainText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
