/**
 * Errors as definitions write them.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readInteger,
  readNamed,
  readString,
  reportType,
} from "../fields.ts";
import type { RaiseTask } from "../tree.ts";
import { checkUriText } from "./uri.ts";

/** The fields of an error. */
export const ERROR_KEYS: readonly string[] = [
  "type",
  "status",
  "title",
  "detail",
  "instance",
];

/** Notes a status that is neither one of HTTP nor an expression. */
export function checkStatus(value: Json | undefined, place: Place): void {
  if (typeof value === "string" && value.includes("${")) return;
  readInteger(value, place, { min: 100, max: 599, what: "A status" });
}

/** Reads an error, or the name of one under `use.errors`. */
export function readError(
  value: Json | undefined,
  place: Place,
): RaiseTask["error"] | undefined {
  if (typeof value !== "string") return readErrorObject(value, place);
  const named = readNamed(value, place, {
    entries: place.context.use.errors,
    what: "error",
  });
  // Its own problems were noted where it is defined; here it is only read.
  const context = { ...place.context, diagnostics: [] };
  return readErrorObject(named, { ...place, context });
}

function readErrorObject(
  value: Json | undefined,
  place: Place,
): RaiseTask["error"] | undefined {
  if (value === undefined) return undefined;
  if (!isJsonObject(value)) {
    reportType(place, "an object or the name of an error", value);
    return undefined;
  }
  checkKeys(value, place, {
    known: ERROR_KEYS,
    required: ["type", "status"],
    what: "an error",
    instead: { message: "detail", code: "status", name: "title" },
  });
  checkStatus(member(value, "status"), placeOf(place, "status"));
  const field = (key: string) => {
    const at = placeOf(place, key);
    return key === "status"
      ? readTemplate(member(value, key), at)
      : readTemplate(readString(member(value, key), at), at);
  };
  checkUriText(member(value, "type"), placeOf(place, "type"));
  const [type, status] = [field("type"), field("status")];
  const [title, detail] = [field("title"), field("detail")];
  const instance = field("instance");
  if (type === undefined || status === undefined) return undefined;
  return {
    type,
    status,
    ...(title === undefined ? {} : { title }),
    ...(detail === undefined ? {} : { detail }),
    ...(instance === undefined ? {} : { instance }),
  };
}
