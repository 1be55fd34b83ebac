/**
 * What is asked of an authority, once expressions and secrets are resolved.
 *
 * @module
 */

import { failedPrecondition, type StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";

const TOKEN_PATH_DEFAULT = "/oauth2/token";
const CLIENT_AUTHENTICATION_DEFAULT = "client_secret_post";

/** A security token with its type. */
export interface SecurityToken {
  readonly token: string;
  readonly type: string;
}

/** What is asked of an authority. */
export interface TokenRequest {
  readonly scheme: "oauth2" | "oidc";
  readonly authority: string;
  readonly tokenPath: string;
  readonly grant: string;
  readonly client: {
    readonly id: string | undefined;
    readonly secret: string | undefined;
    readonly assertion: string | undefined;
    readonly authentication: string;
  };
  readonly encoding: "form" | "json";
  readonly issuers: readonly string[];
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly subject: SecurityToken | undefined;
  readonly actor: SecurityToken | undefined;
}

/** How a client proves who it is. */
export type CheckedClient =
  | { readonly kind: "none"; readonly id: string | undefined }
  | {
    readonly kind: "secret_basic" | "secret_post" | "secret_jwt";
    readonly secret: string;
  }
  | { readonly kind: "assertion"; readonly assertion: string };

/** Reads the properties; throws a `StigmerError` that names what is missing. */
export function parseTokenRequest(
  scheme: "oauth2" | "oidc",
  properties: Json,
): TokenRequest {
  if (!isJsonObject(properties)) {
    throw incomplete(scheme, "its properties are no object");
  }
  const authority = text(properties, "authority");
  if (authority === undefined || !/^https?:\/\//i.test(authority)) {
    throw incomplete(
      scheme,
      'its "authority" is no address that begins with "http://" or "https://"',
    );
  }
  const grant = text(properties, "grant");
  if (grant === undefined) throw incomplete(scheme, 'it has no "grant"');
  if (grant === "authorization_code") {
    throw incomplete(
      scheme,
      'grant "authorization_code" needs a person at a browser',
    );
  }
  const client = object(properties, "client");
  return {
    scheme,
    authority,
    tokenPath: text(object(properties, "endpoints"), "token") ??
      TOKEN_PATH_DEFAULT,
    grant,
    client: {
      id: text(client, "id"),
      secret: text(client, "secret"),
      assertion: text(client, "assertion"),
      authentication: text(client, "authentication") ??
        CLIENT_AUTHENTICATION_DEFAULT,
    },
    encoding: text(object(properties, "request"), "encoding") ===
        "application/json"
      ? "json"
      : "form",
    issuers: texts(properties, "issuers"),
    scopes: texts(properties, "scopes"),
    audiences: texts(properties, "audiences"),
    username: text(properties, "username"),
    password: text(properties, "password"),
    subject: token(properties, "subject"),
    actor: token(properties, "actor"),
  };
}

/** Finds what a client proves itself with. */
export function checkedClient({ scheme, client }: TokenRequest): CheckedClient {
  const { id, secret, assertion, authentication } = client;
  if (authentication === "none") return { kind: "none", id };
  if (authentication !== "client_secret_post" && id === undefined) {
    throw incomplete(scheme, 'its client has no "id"');
  }
  switch (authentication) {
    case "client_secret_basic":
      return { kind: "secret_basic", secret: needed(secret) };
    case "client_secret_post":
      // A client that has no secret is a public one.
      return secret === undefined
        ? { kind: "none", id }
        : { kind: "secret_post", secret };
    case "client_secret_jwt":
      return assertion === undefined
        ? { kind: "secret_jwt", secret: needed(secret) }
        : { kind: "assertion", assertion };
    case "private_key_jwt":
      if (assertion !== undefined) return { kind: "assertion", assertion };
      throw incomplete(scheme, 'its client has no "assertion"');
    default:
      throw incomplete(
        scheme,
        `its client's authentication "${authentication}" is not known`,
      );
  }

  function needed(value: string | undefined): string {
    if (value !== undefined) return value;
    throw incomplete(scheme, 'its client has no "secret"');
  }
}

function incomplete(scheme: string, why: string): StigmerError {
  return failedPrecondition(
    `Cannot authenticate with "${scheme}": ${why}`,
  );
}

function text(from: JsonObject, key: string): string | undefined {
  const value = member(from, key);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function texts(from: JsonObject, key: string): readonly string[] {
  const value = member(from, key);
  if (typeof value === "string") return value.split(/\s+/).filter(Boolean);
  return isJsonArray(value)
    ? value.filter((item) => typeof item === "string")
    : [];
}

function object(from: JsonObject, key: string): JsonObject {
  const value = member(from, key);
  return isJsonObject(value) ? value : {};
}

function token(from: JsonObject, key: string): SecurityToken | undefined {
  const value = object(from, key);
  const found = text(value, "token");
  return found === undefined
    ? undefined
    : { token: found, type: text(value, "type") ?? "" };
}
