/**
 * What a script that was run apart says of its resources: not believed, but
 * looked at.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";

/** Stands before the resources: what is printed before it is talk. */
export const RESOURCES_MARK = "\n=== resources of stigmer ===\n";

/** Values within values at the most. */
const DEPTH_MAX = 256;

/** A place in a module. */
export interface Place {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** A resource that a script defines. */
export interface DefinedResource {
  readonly manifest: JsonObject;
  readonly places?: {
    readonly own?: Place;
    readonly tasks: Readonly<Record<string, Place>>;
  };
}

/**
 * Reads the resources out of what was printed; `undefined` where there are
 * none, as of a script that ended itself.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when they are none.
 */
export function parsePrinted(
  printed: string,
  path: string,
): readonly DefinedResource[] | undefined {
  const at = printed.lastIndexOf(RESOURCES_MARK);
  if (at === -1) return undefined;
  const said = parsed(printed.slice(at + RESOURCES_MARK.length));
  const resources = isJsonObject(said) ? member(said, "resources") : undefined;
  if (!isJsonArray(resources)) throw noResource(path);
  if (isTooDeep(resources)) {
    throw invalidArgument(
      `Cannot read "${path}": over ${DEPTH_MAX} values stand in each other`,
    );
  }
  return resources.map((it) => resourceOf(it, path));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noResource(path: string): Error {
  return invalidArgument(
    `Cannot read "${path}": what it exports is no resource`,
  );
}

function resourceOf(it: Json, path: string): DefinedResource {
  const manifest = isJsonObject(it) ? member(it, "manifest") : undefined;
  if (!isJsonObject(it) || !isJsonObject(manifest)) throw noResource(path);
  const places = member(it, "places");
  if (!isJsonObject(places)) return { manifest };
  const own = placeOf(member(places, "own"));
  const tasks = member(places, "tasks");
  const placed = Object.entries(isJsonObject(tasks) ? tasks : {})
    .flatMap(([name, value]) => {
      const place = placeOf(value);
      return place === undefined ? [] : [[name, place] as const];
    });
  return {
    manifest,
    places: {
      ...(own === undefined ? {} : { own }),
      tasks: Object.fromEntries(placed),
    },
  };
}

function placeOf(value: Json | undefined): Place | undefined {
  if (!isJsonObject(value)) return undefined;
  const [url, line, column] = ["url", "line", "column"]
    .map((key) => member(value, key));
  if (typeof url !== "string" || !isCount(line) || !isCount(column)) {
    return undefined;
  }
  return { url, line, column };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

/** Goes down level by level: what is too deep would be so for a call, too. */
function isTooDeep(value: Json): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return true;
    level = level.flatMap((it): readonly Json[] =>
      typeof it === "object" && it !== null ? Object.values(it) : []
    );
  }
  return false;
}
