/**
 * What is asked of an authority for a token: `oauth2` and `oidc`.
 *
 * @module
 */

import { type JsonObject, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readChoice,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import { checkUriText, readUri } from "./uri.ts";

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const GRANTS = [
  "authorization_code",
  "client_credentials",
  "password",
  "refresh_token",
  TOKEN_EXCHANGE,
] as const;
const CLIENT_AUTHENTICATIONS = [
  "client_secret_basic",
  "client_secret_post",
  "client_secret_jwt",
  "private_key_jwt",
  "none",
] as const;
const ENCODINGS = [
  "application/x-www-form-urlencoded",
  "application/json",
] as const;
const KEYS: readonly string[] = [
  "authority",
  "grant",
  "client",
  "request",
  "issuers",
  "scopes",
  "audiences",
  "username",
  "password",
  "subject",
  "actor",
];

/** Notes what is wrong in the properties of `oauth2` or `oidc`. */
export function checkTokenRequest(
  object: JsonObject,
  place: Place,
  { hasEndpoints }: { readonly hasEndpoints: boolean },
): void {
  checkKeys(object, place, {
    known: hasEndpoints ? [...KEYS, "endpoints"] : KEYS,
    required: ["authority", "grant"],
    what: hasEndpoints ? '"oauth2"' : '"oidc"',
    instead: { scope: "scopes", audience: "audiences", issuer: "issuers" },
  });
  readUri(member(object, "authority"), placeOf(place, "authority"));
  checkTexts(object, place, ["username", "password"]);
  for (const key of ["scopes", "audiences", "issuers"]) {
    checkList(object, placeOf(place, key), key);
  }
  checkGrant(object, place);
  checkClient(object, placeOf(place, "client"));
  checkRequest(object, placeOf(place, "request"));
  for (const key of ["subject", "actor"]) checkToken(object, place, key);
  if (hasEndpoints) checkEndpoints(object, placeOf(place, "endpoints"));
}

function checkGrant(object: JsonObject, place: Place): void {
  const at = placeOf(place, "grant");
  const grant = readChoice(member(object, "grant"), at, GRANTS);
  const needs = (key: string, why: string): void => {
    if (member(object, key) !== undefined) return;
    reportError(at, { message: `Grant "${grant}" needs "${key}"${why}` });
  };
  switch (grant) {
    case "authorization_code":
      reportError(at, {
        message: 'Grant "authorization_code" needs a person at a browser, ' +
          "which a workflow does not have",
        hint: 'Use "client_credentials", or "refresh_token" with a token ' +
          "that a person got",
      });
      return;
    case "password":
      needs("username", "");
      needs("password", "");
      return;
    case "refresh_token":
      return needs("subject", ", whose token is the refresh token");
    case TOKEN_EXCHANGE:
      return needs("subject", ", the token to exchange");
  }
}

function checkClient(object: JsonObject, place: Place): void {
  const client = readObject(member(object, "client"), place);
  if (client === undefined) return;
  checkKeys(client, place, {
    known: ["id", "secret", "assertion", "authentication"],
    what: "a client",
    instead: { clientId: "id", clientSecret: "secret" },
  });
  checkTexts(client, place, ["id", "secret", "assertion"]);
  const how = readChoice(
    member(client, "authentication"),
    placeOf(place, "authentication"),
    CLIENT_AUTHENTICATIONS,
  );
  const needed = neededOf(how, client);
  for (const key of needed) {
    if (member(client, key) !== undefined) continue;
    reportError(place, {
      message: `A client with authentication "${
        how ?? "client_secret_post"
      }" needs "${key}"`,
    });
  }
}

/** What a client must have for its authentication. */
function neededOf(
  how: (typeof CLIENT_AUTHENTICATIONS)[number] | undefined,
  client: JsonObject,
): readonly string[] {
  switch (how) {
    case "none":
      return [];
    case "private_key_jwt":
      return ["id", "assertion"];
    case "client_secret_jwt":
      return member(client, "assertion") === undefined
        ? ["id", "secret"]
        : ["id"];
    default:
      return ["id"];
  }
}

function checkRequest(object: JsonObject, place: Place): void {
  const request = readObject(member(object, "request"), place);
  if (request === undefined) return;
  checkKeys(request, place, { known: ["encoding"], what: "a token request" });
  readChoice(
    member(request, "encoding"),
    placeOf(place, "encoding"),
    ENCODINGS,
  );
}

function checkToken(object: JsonObject, place: Place, key: string): void {
  const at = placeOf(place, key);
  const token = readObject(member(object, key), at);
  if (token === undefined) return;
  checkKeys(token, at, {
    known: ["token", "type"],
    required: ["token", "type"],
    what: "a token",
  });
  checkTexts(token, at, ["token", "type"]);
}

function checkEndpoints(object: JsonObject, place: Place): void {
  const endpoints = readObject(member(object, "endpoints"), place);
  if (endpoints === undefined) return;
  const known = ["token", "revocation", "introspection"];
  checkKeys(endpoints, place, { known, what: '"endpoints"' });
  checkTexts(endpoints, place, known);
  for (const key of known) {
    checkUriText(member(endpoints, key), placeOf(place, key));
  }
}

function checkList(object: JsonObject, place: Place, key: string): void {
  const value = member(object, key);
  if (typeof value === "string" && value.includes("${")) return;
  readArray(value, place)?.forEach((item, i) =>
    readString(item, placeOf(place, i))
  );
}

function checkTexts(
  object: JsonObject,
  place: Place,
  keys: readonly string[],
): void {
  for (const key of keys) readString(member(object, key), placeOf(place, key));
}
