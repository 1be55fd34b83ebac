/**
 * How a call proves who it is: in place, by the name of one under
 * `use.authentications`, or with what a secret holds.
 *
 * @module
 */

import { compileTemplate } from "../../expr/compile.ts";
import type { Template } from "../../expr/expression.ts";
import { pointerTo } from "../../model/diagnostic.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readNamed,
  readObject,
  readString,
  reportError,
  reportType,
} from "../fields.ts";
import { needSecret } from "../secrets.ts";
import type { Authentication } from "../tree_calls.ts";
import { checkTokenRequest } from "./authentication_token.ts";

/** The ways to prove who one is. */
export const SCHEMES: readonly Authentication["scheme"][] = [
  "basic",
  "bearer",
  "digest",
  "oauth2",
  "oidc",
];

/** What the simple schemes need. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  basic: ["username", "password"],
  bearer: ["token"],
  digest: ["username", "password"],
};

/**
 * Reads `authentication`: a policy, or the name of one; absent gives
 * `undefined` without a note.
 */
export function readAuthentication(
  value: Json | undefined,
  place: Place,
): Authentication | undefined {
  if (typeof value === "string") return readReference(value, place);
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  if (member(object, "use") === undefined) return readPolicy(object, place);
  checkKeys(object, place, { known: ["use"], what: "an authentication" });
  const at = placeOf(place, "use");
  const name = readString(member(object, "use"), at);
  return name === undefined ? undefined : readReference(name, at);
}

/** Notes what is wrong in `use.authentications`, named by a task or not. */
export function checkAuthentications(
  value: Json | undefined,
  place: Place,
): void {
  const table = readObject(value, place) ?? {};
  for (const [name, policy] of Object.entries(table)) {
    const at = placeOf(place, name);
    if (isJsonObject(policy)) readPolicy(policy, at);
    else reportType(at, "an object", policy);
  }
}

function readReference(name: string, place: Place): Authentication | undefined {
  const named = readNamed(name, place, {
    entries: place.context.use.authentications,
    what: "authentication",
  });
  if (!isJsonObject(named)) return undefined;
  // Its own problems were noted where it is defined; here it is only read.
  return readPolicy(named, {
    context: { ...place.context, diagnostics: [] },
    pointer: pointerTo("/use/authentications", name),
  });
}

function readPolicy(
  object: JsonObject,
  place: Place,
): Authentication | undefined {
  checkKeys(object, place, {
    known: SCHEMES,
    what: "an authentication",
    instead: { oauth: "oauth2", openidconnect: "oidc", token: "bearer" },
    ...(member(object, "use") === undefined ? {} : { ignore: ["use"] }),
  });
  if (member(object, "use") !== undefined) {
    reportError(placeOf(place, "use"), {
      atKey: true,
      message: 'An authentication under "use" cannot name another one',
    });
    return undefined;
  }
  const given = SCHEMES.filter((scheme) =>
    member(object, scheme) !== undefined
  );
  const [scheme] = given;
  if (scheme === undefined || given.length > 1) {
    const names = SCHEMES.map((it) => `"${it}"`).join(", ");
    if (scheme !== undefined || Object.keys(object).length === 0) {
      reportError(place, { message: `An authentication is one of ${names}` });
    }
    return undefined;
  }
  const properties = readProperties(
    scheme,
    member(object, scheme),
    placeOf(place, scheme),
  );
  return properties === undefined ? undefined : { scheme, properties };
}

function readProperties(
  scheme: Authentication["scheme"],
  value: Json | undefined,
  place: Place,
): Template | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  if (member(object, "use") !== undefined) return readSecret(object, place);
  const names = PROPERTIES[scheme];
  if (names === undefined) {
    checkTokenRequest(object, place, { hasEndpoints: scheme === "oauth2" });
  } else {
    checkKeys(object, place, {
      known: names,
      required: names,
      what: `"${scheme}"`,
      instead: { user: "username", value: "token" },
    });
    for (const name of names) {
      readString(member(object, name), placeOf(place, name));
    }
  }
  return readTemplate(object, place);
}

/** `{use: NAME}`: the secret of that name is an object of the properties. */
function readSecret(object: JsonObject, place: Place): Template | undefined {
  checkKeys(object, place, {
    known: ["use"],
    what: "an authentication from a secret",
  });
  const at = placeOf(place, "use");
  const name = readString(member(object, "use"), at);
  if (name === undefined) return undefined;
  needSecret(name, at);
  const source = `\${ $secrets[${JSON.stringify(name)}] }`;
  return compileTemplate(source, { pointer: at.pointer }).template;
}
