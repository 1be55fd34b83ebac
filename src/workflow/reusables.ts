/**
 * `use`: what a definition gives names to, for its tasks to refer to.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { Place, Reusables } from "./context.ts";
import { readExtensions } from "./extensions.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readObject,
  readString,
  reportError,
  reportType,
} from "./fields.ts";
import { checkAuthentications } from "./tasks/authentication.ts";
import { readEndpoint } from "./tasks/endpoint.ts";
import { readError } from "./tasks/error.ts";
import { readDefined } from "./tasks/function.ts";
import { checkReusableTimes } from "./times.ts";
import type { Extension } from "./tree.ts";

/** Functions that every workflow can call; no other may have their names. */
export const BUILT_IN_FUNCTIONS: readonly string[] = [
  "a2a",
  "agent",
  "asyncapi",
  "grpc",
  "http",
  "human",
  "llm",
  "mcp",
  "openapi",
  "typescript",
];
const TABLES: readonly string[] = [
  "authentications",
  "catalogs",
  "errors",
  "extensions",
  "functions",
  "retries",
  "secrets",
  "timeouts",
];
const NAME = /^[^\s:@/](?:[^\s:@/]*[^\s:@/])?$/;

/** Takes the tables out of `use`; what is wrong in them is noted later. */
export function readReusables(
  spec: JsonObject,
  { isGraph }: { readonly isGraph: boolean },
): Reusables {
  const use = member(spec, "use");
  const table = (key: string): JsonObject => {
    const value = isJsonObject(use) ? member(use, key) : undefined;
    return isJsonObject(value) ? value : {};
  };
  return {
    errors: table("errors"),
    retries: table("retries"),
    timeouts: table("timeouts"),
    authentications: table("authentications"),
    catalogs: table("catalogs"),
    functions: table("functions"),
    secrets: secretNames(use),
    anySecret: isGraph &&
      (!isJsonObject(use) || member(use, "secrets") === undefined),
  };
}

function secretNames(use: Json | undefined): readonly string[] {
  const names = isJsonObject(use) ? member(use, "secrets") : undefined;
  return isJsonArray(names)
    ? names.filter((name) => typeof name === "string")
    : [];
}

/**
 * Notes what is wrong under `use`, whether something names it or not, and
 * gives the extensions.
 */
export function checkReusables(
  spec: JsonObject,
  place: Place,
): readonly Extension[] {
  const at = placeOf(place, "use");
  const use = readObject(member(spec, "use"), at);
  if (use === undefined) return [];
  checkKeys(use, at, {
    known: TABLES,
    what: '"use"',
    instead: { auth: "authentications", env: "secrets", retry: "retries" },
  });
  // Where a policy is given its name, what it will see is not known yet.
  const open: Place = { ...at, context: { ...at.context, anyVariable: true } };
  const value = (key: string) => member(use, key);
  checkReusableTimes(use, open);
  checkSecretNames(value("secrets"), placeOf(at, "secrets"));
  checkErrors(value("errors"), placeOf(open, "errors"));
  checkAuthentications(
    value("authentications"),
    placeOf(open, "authentications"),
  );
  checkCatalogs(value("catalogs"), placeOf(open, "catalogs"));
  checkFunctions(value("functions"), placeOf(at, "functions"));
  return readExtensions(value("extensions"), placeOf(at, "extensions"));
}

function checkErrors(value: Json | undefined, place: Place): void {
  for (const [name, error] of Object.entries(readObject(value, place) ?? {})) {
    const at = placeOf(place, name);
    if (isJsonObject(error)) readError(error, at);
    else reportType(at, "an object", error);
  }
}

function checkSecretNames(value: Json | undefined, place: Place): void {
  const names = readArray(value, place) ?? [];
  names.forEach((item, i) => {
    const name = readString(item, placeOf(place, i));
    if (name === undefined || names.indexOf(item) === i) return;
    reportError(placeOf(place, i), {
      message: `Secret "${name}" is named twice`,
    });
  });
}

function checkCatalogs(value: Json | undefined, place: Place): void {
  for (const [name, item] of Object.entries(readObject(value, place) ?? {})) {
    const at = placeOf(place, name);
    const catalog = readObject(item, at);
    if (catalog === undefined) continue;
    checkKeys(catalog, at, {
      known: ["endpoint"],
      required: ["endpoint"],
      what: "a catalog",
      instead: { url: "endpoint", uri: "endpoint" },
    });
    const endpoint = member(catalog, "endpoint");
    if (endpoint === undefined) continue;
    const { uri } = readEndpoint(endpoint, placeOf(at, "endpoint"), {
      schemes: ["http", "https", "file"],
    });
    if (uri.kind === "literal") continue;
    reportError(placeOf(at, "endpoint"), {
      message: "The address of a catalog cannot be computed",
    });
  }
}

function checkFunctions(value: Json | undefined, place: Place): void {
  for (const [name, item] of Object.entries(readObject(value, place) ?? {})) {
    const at = placeOf(place, name);
    if (BUILT_IN_FUNCTIONS.includes(name)) {
      reportError(at, {
        atKey: true,
        message: `"${name}" is a function of its own, give yours another name`,
      });
    } else if (!NAME.test(name)) {
      reportError(at, {
        atKey: true,
        message: `"${name}" cannot be the name of a function`,
        hint: 'Leave out spaces, ":", "@" and "/"',
      });
    }
    if (isJsonObject(item)) readDefined(name, at);
    else reportType(at, "an object, a task", item);
  }
}
