/**
 * Sealed references in what an agent is given: opened just before an effect,
 * and put back into what comes of it.
 *
 * A model answers with what it was told. Where a secret stands in its answer
 * as it is, the reference takes its place again, so that a tool call with it
 * works and the journal does not have it.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type { OpenableSecrets, Secrets } from "../model/durable.ts";
import { failedPrecondition } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../model/json.ts";
import {
  referencesIn,
  replaceReferences,
  sealedReference,
} from "../model/sealed.ts";

/** Shorter values are in everything: only a text that is one is taken for it. */
const SEALED_LENGTH_MIN = 4;
/** Divides the name of a secret from the place of a text in it. */
const PLACE = "#";

/** What was opened for one effect. */
export interface Sealing {
  /** Replaces references by what they stand for. */
  readonly open: (value: Json) => Json;
  /** Replaces what they stand for by references, wherever it is as it was. */
  readonly seal: (value: Json) => Json;
}

/** For what has no references: everything stays as it is. */
const NOTHING: Sealing = { open: (value) => value, seal: (value) => value };

/**
 * Opens all that a value refers to.
 *
 * @throws {StigmerError} FAILED_PRECONDITION where nothing can be opened, and
 * what opening throws.
 */
export async function openReferences(
  value: Json,
  from: {
    /** The run's own mark; empty where it has no references. */
    readonly mark: string;
    readonly secrets: OpenableSecrets | undefined;
  },
): Promise<Sealing> {
  const { mark, secrets } = from;
  const names = [...new Set(referencesIn(value, mark).map(secretOf))];
  if (names.length === 0) return NOTHING;
  if (secrets === undefined) {
    throw failedPrecondition(
      `Cannot open ${names.join(", ")}: the execution has no secrets any more`,
    );
  }
  const opened = await secrets.open(names);
  return {
    open: (sealed) =>
      replaceReferences(sealed, mark, (name) => valueAt(opened, name)),
    seal: sealer(opened, mark),
  };
}

function secretOf(name: string): string {
  return name.split(PLACE)[0] ?? name;
}

/** What a name stands for: a secret, or a text in one that is an object. */
function valueAt(opened: Secrets, name: string): Json {
  const secret = secretOf(name);
  const value = opened[secret] ?? null;
  if (secret === name) return value;
  return textsIn(value, "").find(({ place }) =>
    `${secret}${PLACE}${place}` === name
  )?.text ?? null;
}

/** Makes what puts references back. */
function sealer(opened: Secrets, mark: string): Sealing["seal"] {
  const references = new Map<string, string>();
  for (const [name, value] of Object.entries(opened)) {
    for (const { text, place } of textsIn(value, "")) {
      const full = place === "" ? name : `${name}${PLACE}${place}`;
      if (text !== "" && !references.has(text)) {
        references.set(text, sealedReference(mark, full));
      }
    }
  }
  const long = [...references.keys()]
    .filter((text) => text.length >= SEALED_LENGTH_MIN)
    // Of two that begin at one place, the whole is meant.
    .sort((a, b) => b.length - a.length);
  const found = new RegExp(long.map(RegExp.escape).join("|") || "(?!)", "g");
  const inText = (text: string): string =>
    references.get(text) ??
      text.replace(found, (part) => references.get(part) ?? part);
  return (value) => mapTexts(value, inText);
}

/** The texts of a value, each with its place. */
function textsIn(
  value: Json,
  place: string,
): readonly { readonly text: string; readonly place: string }[] {
  if (typeof value === "string") return [{ text: value, place }];
  if (isJsonArray(value)) {
    return value.flatMap((item, index) =>
      textsIn(item, pointerTo(place, String(index)))
    );
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textsIn(item, pointerTo(place, key))
  );
}

/** Replaces each text of a value, keys included. */
export function mapTexts(value: Json, text: (from: string) => string): Json {
  if (typeof value === "string") return text(value);
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, text));
  return isJsonObject(value) ? mapMembers(value, text) : value;
}

/** Replaces each text of an object, keys included. */
export function mapMembers(
  object: JsonObject,
  text: (from: string) => string,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [
      text(key),
      mapTexts(item, text),
    ]),
  );
}
