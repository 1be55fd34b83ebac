/**
 * Reads a JSON Schema that may stand bare.
 *
 * @module
 */

import { type Json, type JsonObject, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
} from "../fields.ts";

/** Reads a JSON Schema, bare or as `{format, document}`. */
export function readBareSchema(
  value: Json | undefined,
  place: Place,
): JsonObject | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  const document = member(object, "document");
  if (document === undefined) return object;
  checkKeys(object, place, {
    known: ["format", "document"],
    what: "a schema",
  });
  const at = placeOf(place, "format");
  const format = readString(member(object, "format"), at);
  if (format !== undefined && !/^json(:|$)/.test(format)) {
    reportError(at, {
      message: `Schemas of format "${format}" are not supported`,
      hint: 'Use "json"',
    });
  }
  return readObject(document, placeOf(place, "document"));
}
