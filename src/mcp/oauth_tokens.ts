/**
 * Asks an authority for tokens, and gives them back.
 *
 * @module
 */

import { messageOf, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { OAuthAuthority, OAuthClient, OAuthTokens } from "./oauth.ts";
import {
  authenticate,
  type FilledSettings,
  requireIssuer,
} from "./oauth_client.ts";
import { scopesIn, shown } from "./oauth_discovery.ts";
import type { OAuthFetch } from "./oauth_network.ts";

/** Seconds that a token is good for at the most, as far as it counts. */
const LIFETIME_SECONDS_MAX = 10 * 365 * 24 * 3600;

/** How long before its end a token is no longer used. */
const MARGIN_MS = 30_000;
/** Of a token that ends soon after it is given, this part. */
const MARGIN_PART = 0.1;

/** Who asks whom. */
export interface TokenAsking {
  readonly authority: OAuthAuthority;
  readonly client: OAuthClient;
  readonly settings: FilledSettings;
  readonly fetch: OAuthFetch;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Hides what is secret in what an authority says, before it is cut. */
  readonly hide: (text: string) => string;
}

/** What an authority says. */
export type TokenAnswer =
  | { readonly kind: "granted"; readonly tokens: OAuthTokens }
  | {
    readonly kind: "refused";
    /** Its own code, as `invalid_grant`. */
    readonly code: string;
    readonly why: string;
  };

/**
 * Asks for tokens by one grant.
 *
 * @throws {StigmerError} UNAVAILABLE when there is no answer to be had.
 */
export async function askTokens(
  parameters: Readonly<Record<string, string>>,
  asking: TokenAsking,
): Promise<TokenAnswer> {
  const { authority } = asking;
  const body = new URLSearchParams(parameters);
  if (authority.resource !== undefined) {
    body.set("resource", authority.resource);
  }
  const sentAtMs = asking.nowMs();
  const response = await send(authority.tokenEndpoint, body, asking);
  const json = await jsonOf(response);
  const accessToken = textIn(json, "access_token");
  if (response.ok && accessToken !== undefined) {
    return granted(json, { accessToken, sentAtMs, parameters });
  }
  const code = textIn(json, "error");
  if (code === undefined) {
    throw new StigmerError(
      "UNAVAILABLE",
      `"${hostOf(authority)}" answered ${response.status} and gave no token`,
    );
  }
  const more = textIn(json, "error_description");
  const said = more === undefined ? code : `${code}: ${more}`;
  const why = shown(asking.hide(said));
  return { kind: "refused", code, why };
}

function granted(
  json: Json,
  of: {
    readonly accessToken: string;
    readonly sentAtMs: number;
    readonly parameters: Readonly<Record<string, string>>;
  },
): TokenAnswer {
  const { accessToken, parameters } = of;
  const kind = textIn(json, "token_type");
  if (kind !== undefined && kind.toLowerCase() !== "bearer") {
    const why = `it gives tokens of type "${shown(kind)}", not "Bearer"`;
    return { kind: "refused", code: "unsupported_token_type", why };
  }
  if (/[^\x21-\x7e]/.test(accessToken)) {
    const why = "its token has characters in it that no header can have";
    return { kind: "refused", code: "invalid_token", why };
  }
  const seconds = Number(isJsonObject(json) ? json.expires_in : undefined);
  // A new one takes the place of the one that was sent, where there is one.
  const refreshToken = textIn(json, "refresh_token") ??
    parameters.refresh_token;
  return {
    kind: "granted",
    tokens: {
      accessToken,
      scopes: scopesIn(textIn(json, "scope") ?? parameters.scope),
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(Number.isFinite(seconds) && seconds >= 0
        ? ending(of.sentAtMs, Math.min(seconds, LIFETIME_SECONDS_MAX) * 1000)
        : {}),
    },
  };
}

function ending(
  sentAtMs: number,
  lifetimeMs: number,
): Pick<OAuthTokens, "expiresAtMs" | "renewAtMs"> {
  const marginMs = Math.min(MARGIN_MS, lifetimeMs * MARGIN_PART);
  const expiresAtMs = sentAtMs + lifetimeMs;
  return { expiresAtMs, renewAtMs: expiresAtMs - marginMs };
}

/** Has an authority take a token back; says whether it did. */
export async function revokeToken(
  token: string,
  asking: TokenAsking,
): Promise<boolean> {
  const { revocationEndpoint } = asking.authority;
  if (revocationEndpoint === undefined) return false;
  const body = new URLSearchParams({ token });
  return (await send(revocationEndpoint, body, asking)).ok;
}

async function send(
  endpoint: string,
  body: URLSearchParams,
  { authority, client, settings, fetch }: TokenAsking,
): Promise<Response> {
  const headers = new Headers({
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  });
  requireIssuer(settings, authority);
  await authenticate(client, settings, { authority, body, headers });
  try {
    return await fetch(endpoint, { method: "POST", headers, body });
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    throw new StigmerError(
      "UNAVAILABLE",
      `"${hostOf(authority)}" cannot be reached: ${shown(messageOf(error))}`,
      { cause: error },
    );
  }
}

async function jsonOf(response: Response): Promise<Json> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function textIn(json: Json, key: string): string | undefined {
  const value = isJsonObject(json) ? member(json, key) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function hostOf({ issuer }: OAuthAuthority): string {
  return shown(URL.parse(issuer)?.host ?? issuer);
}
