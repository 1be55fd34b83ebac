/**
 * What an author writes of how access to a tool server is asked for.
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

/** How access is asked for, as it is written; `${NAME}` is not filled in. */
export interface OAuthSettings {
  /** Empty: one is registered, or {@linkcode clientMetadataUrl} is it. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Empty: what the server says. */
  readonly scopes: readonly string[];
  readonly grant: OAuthGrant;
  /** PKCS#8 PEM, in place of a secret. */
  readonly privateKey: string;
  readonly algorithm: OAuthAlgorithm;
  readonly clientMetadataUrl: string;
  /** Who may be asked for tokens; empty: whoever the server names. */
  readonly issuer: string;
}

/** Whether a person signs in once, or nobody does. */
export type OAuthGrant = "authorization_code" | "client_credentials";

/** How a client signs what it says of itself. */
export type OAuthAlgorithm = "ES256" | "RS256";

/** A server without settings says itself what it wants. */
export const OAUTH_DEFAULT: OAuthSettings = {
  clientId: "",
  clientSecret: "",
  scopes: [],
  grant: "authorization_code",
  privateKey: "",
  algorithm: "ES256",
  clientMetadataUrl: "",
  issuer: "",
};

/** The settings in which `${NAME}` stands for a variable or a secret. */
export function secretTexts(
  { clientId, clientSecret, privateKey }: OAuthSettings,
): readonly string[] {
  return [clientId, clientSecret, privateKey];
}

/** Writes settings, for the request of an activity. */
export function settingsToJson(settings: OAuthSettings): JsonObject {
  return { ...settings };
}

/** Reads what {@linkcode settingsToJson} wrote. */
export function settingsFromJson(
  json: Json | undefined,
): OAuthSettings | undefined {
  if (!isJsonObject(json)) return undefined;
  const scopes = member(json, "scopes");
  return {
    clientId: text(json, "clientId"),
    clientSecret: text(json, "clientSecret"),
    scopes: isJsonArray(scopes)
      ? scopes.filter((it) => typeof it === "string")
      : [],
    grant: grantOf(text(json, "grant")),
    privateKey: text(json, "privateKey"),
    algorithm: algorithmOf(text(json, "algorithm")),
    clientMetadataUrl: text(json, "clientMetadataUrl"),
    issuer: text(json, "issuer"),
  };
}

/** The grant of its name; the usual one where there is none. */
export function grantOf(name: string): OAuthGrant {
  return name === "client_credentials" ? name : "authorization_code";
}

/** The algorithm of its name; the usual one where there is none. */
export function algorithmOf(name: string): OAuthAlgorithm {
  return name === "RS256" ? name : "ES256";
}

function text(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}
