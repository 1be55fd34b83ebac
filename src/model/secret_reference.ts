/**
 * Where a secret is that is not kept here: it is read from there, on the
 * machine that runs the execution, each time that one needs it.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject, member } from "./json.ts";

/** Where a secret is, and who says so. */
export interface SecretReference {
  readonly kind: SecretReferenceKind;
  /** Name of the variable, path of the file, `SERVICE/ACCOUNT`. */
  readonly place: string;
  /** Id of the environment that refers to it. */
  readonly origin: string;
}

/** What a reference can lead to. */
export type SecretReferenceKind = "env" | "file" | "keychain";

/** Writes references by name. */
export function referencesToJson(
  references: Readonly<Record<string, SecretReference>>,
): JsonObject {
  return Object.fromEntries(
    Object.entries(references).map(([name, { kind, place, origin }]) => [
      name,
      { kind, place, origin },
    ]),
  );
}

/** Reads references by name; what is none is left out. */
export function referencesFromJson(
  json: Json,
): Readonly<Record<string, SecretReference>> {
  if (!isJsonObject(json)) return {};
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, it]) => {
      const reference = referenceOf(it);
      return reference === undefined ? [] : [[name, reference]];
    }),
  );
}

function referenceOf(json: Json): SecretReference | undefined {
  if (!isJsonObject(json)) return undefined;
  const kind = member(json, "kind");
  const place = member(json, "place");
  if (typeof place !== "string") return undefined;
  if (kind !== "env" && kind !== "file" && kind !== "keychain") {
    return undefined;
  }
  return { kind, place, origin: String(member(json, "origin") ?? "") };
}
