/**
 * Specs of an import in the words of this backend: resources that have the same
 * name here have other ids.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import { rawVersion } from "../store/history_resources.ts";

/** What `idOf` gives for a resource that stays as it is here. */
export const SKIPPED = "skipped";

/** What is here of the resources of an import. */
export interface Here {
  readonly database: Database;
  /**
   * The id that a resource of the import has here; `skipped` for one that
   * stays as it is here, `undefined` for one that the import does not have.
   */
  readonly idOf: (resourceId: string) => string | undefined;
}

/** Says that what came is not to the byte what is here. */
export function elsewhere(given: string, here: string): string {
  return given === here ? "" : "it belongs to what has the same name here";
}

/**
 * Whether an execution has pinned a version of a tool server that stays as it
 * is here, and of which that version is not here: it could not be loaded.
 */
export function lacksServer({ idOf, database }: Here, spec: string): boolean {
  return pinsIn(JSON.parse(spec)).some((pin) => {
    const text = (key: string): string =>
      isJsonObject(pin) ? String(member(pin, key) ?? "") : "";
    return idOf(text("resourceId")) === SKIPPED &&
      rawVersion(database, text("resourceVersionId")) === undefined;
  });
}

function pinsIn(spec: Json): readonly Json[] {
  const pins = isJsonObject(spec) ? member(spec, "mcpServers") : undefined;
  return pins !== undefined && isJsonArray(pins) ? pins : [];
}

/** Writes the ids that its tool servers have here into a spec. */
export function withServersHere({ idOf }: Here, spec: string): string {
  const parsed: Json = JSON.parse(spec);
  const pins = pinsIn(parsed);
  if (!isJsonObject(parsed) || pins.length === 0) return spec;
  let isChanged = false;
  const mcpServers = pins.map((pin) => {
    const id = isJsonObject(pin) ? member(pin, "resourceId") : undefined;
    const here = typeof id === "string" ? idOf(id) : undefined;
    if (here === undefined || here === SKIPPED || here === id) return pin;
    isChanged = true;
    return isJsonObject(pin) ? { ...pin, resourceId: here } : pin;
  });
  return isChanged ? JSON.stringify({ ...parsed, mcpServers }) : spec;
}

/**
 * Writes ids of resources as they are here into the JSON of a spec;
 * `undefined` when one of them was skipped.
 */
export function mapped(
  { idOf }: Here,
  spec: string,
  keys: readonly string[],
): string | undefined {
  const parsed: Json = JSON.parse(spec);
  const json = isJsonObject(parsed) ? parsed : {};
  const changes: [string, string][] = [];
  for (const key of keys) {
    const id = member(json, key);
    if (typeof id !== "string" || id === "") continue;
    const here = idOf(id);
    if (here === SKIPPED) return undefined;
    if (here !== undefined && here !== id) changes.push([key, here]);
  }
  // What needs no change is kept to the byte.
  if (changes.length === 0) return spec;
  return JSON.stringify({ ...json, ...Object.fromEntries(changes) });
}
