/**
 * Where something is, and how to prove there who one is.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { isJsonObject, type Json, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { checkKeys, placeOf } from "../fields.ts";
import type { Endpoint } from "../tree_calls.ts";
import { readAuthentication } from "./authentication.ts";
import { readUri, type UriRules } from "./uri.ts";

const NOWHERE: Template = { kind: "literal", value: "" };

/** Reads a URI template, an expression, or `{uri, authentication}`. */
export function readEndpoint(
  value: Json | undefined,
  place: Place,
  rules: UriRules = {},
): Endpoint {
  if (!isJsonObject(value)) {
    return { uri: readUri(value, place, rules) ?? NOWHERE };
  }
  checkKeys(value, place, {
    known: ["uri", "authentication"],
    required: ["uri"],
    what: "an endpoint",
    instead: { url: "uri", auth: "authentication" },
  });
  const authentication = readAuthentication(
    member(value, "authentication"),
    placeOf(place, "authentication"),
  );
  return {
    uri: readUri(member(value, "uri"), placeOf(place, "uri"), rules) ?? NOWHERE,
    ...(authentication === undefined ? {} : { authentication }),
  };
}
