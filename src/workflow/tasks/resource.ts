/**
 * Documents that are kept elsewhere: of an API, of a function, of a schema.
 *
 * @module
 */

import { type Json, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import type { ExternalResource } from "../tree_calls.ts";
import { readEndpoint } from "./endpoint.ts";

/** Where documents may be. */
const SCHEMES: readonly string[] = ["http", "https", "file"];

/** Reads `{name, endpoint}`; absent gives `undefined` without a note. */
export function readExternalResource(
  value: Json | undefined,
  place: Place,
): ExternalResource | undefined {
  if (typeof value === "string") {
    reportError(place, {
      message: "This must be an object, not a string",
      hint: `Write it as {endpoint: ${JSON.stringify(value)}}`,
    });
    return undefined;
  }
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["name", "endpoint"],
    required: ["endpoint"],
    what: "an external resource",
    instead: { url: "endpoint", uri: "endpoint", path: "endpoint" },
  });
  const name = readString(member(object, "name"), placeOf(place, "name"));
  return {
    ...(name === undefined ? {} : { name }),
    endpoint: readEndpoint(
      member(object, "endpoint"),
      placeOf(place, "endpoint"),
      { schemes: SCHEMES },
    ),
  };
}
