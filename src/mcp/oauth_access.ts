/**
 * Where the tokens of a session come from; and those of a client that asks for
 * itself, for which nobody has to sign in.
 *
 * @module
 */

import { failedPrecondition } from "../model/error.ts";
import type {
  HttpToolServer,
  OAuthHost,
  OAuthLogin,
  OAuthLogins,
  OAuthTokens,
} from "./oauth.ts";
import { chooseClient, type FilledSettings } from "./oauth_client.ts";
import { discover, type OAuthChallenge, shown } from "./oauth_discovery.ts";
import { scopesOf } from "./oauth_login.ts";
import { authorityFetch } from "./oauth_network.ts";
import { askTokens, type TokenAsking } from "./oauth_tokens.ts";

/** Where the tokens of a session come from. */
export interface Access {
  /** Those that there are, renewed where they end soon. */
  current(): Promise<OAuthTokens | undefined>;
  /** Others than those that were refused. */
  renewed(
    challenge: OAuthChallenge,
    refused: string | undefined,
  ): Promise<OAuthTokens>;
  /** Waits for what must not be broken off. */
  settled(): Promise<unknown>;
}

/** What tokens are asked for with. */
export interface AccessOptions {
  readonly host: OAuthHost;
  readonly logins: OAuthLogins;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  /** The execution that it is for; empty where it is for none. */
  readonly executionId: string;
  readonly settings: FilledSettings;
  /** Hides what is secret from now on in all that is said. */
  readonly learn: (secrets: readonly (string | undefined)[]) => void;
  /** Hides what was learnt. */
  readonly hide: (text: string) => string;
}

/** Tokens of a client that asks for itself; kept for as long as the session. */
export function ownAccess(
  server: HttpToolServer,
  options: AccessOptions,
): Access {
  const { host, settings, signal } = options;
  const { url } = server.transport;
  const fetch = authorityFetch(host, { server: url, signal });
  let tokens: OAuthTokens | undefined;
  let asking: Promise<OAuthTokens> | undefined;
  let last: OAuthChallenge = { status: 401, scopes: [] };

  async function ask(challenge: OAuthChallenge): Promise<OAuthTokens> {
    const found = await discover(url, { challenge, fetch });
    const scopes = challenge.status === 401
      ? scopesOf({ settings, challenge, known: undefined, found })
      : union(settings.scopes, tokens?.scopes, challenge.scopes);
    const client = await chooseClient(settings, {
      metadata: found.metadata,
      server: url,
      scopes,
      fetch,
    });
    const answer = await askTokens({
      grant_type: "client_credentials",
      ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    }, askingOf({ authority: found.authority, client }, options));
    if (answer.kind === "granted") return tokens = answer.tokens;
    throw failedPrecondition(
      `"${shown(found.authority.issuer)}" gives no token: ${answer.why}`,
    );
  }
  function askOnce(challenge: OAuthChallenge): Promise<OAuthTokens> {
    last = challenge;
    return asking ??= ask(challenge).finally(() => asking = undefined);
  }
  return {
    async current() {
      if (tokens === undefined || !endsSoon(tokens, host)) return tokens;
      return await askOnce(last);
    },
    async renewed(challenge, refused) {
      // Another request may have been refused the same, and asked already.
      if (tokens !== undefined && tokens.accessToken !== refused) return tokens;
      return await askOnce(challenge);
    },
    settled: () => Promise.resolve(),
  };
}

/** Makes what is asked of an authority. */
export function askingOf(
  { authority, client }: Pick<OAuthLogin, "authority" | "client">,
  { host, settings, signal, hide }: AccessOptions,
): TokenAsking {
  return {
    authority,
    client,
    settings,
    // It was checked when it was found, beside the server that named it.
    fetch: authorityFetch(host, { server: authority.tokenEndpoint, signal }),
    nowMs: () => host.clock.now(),
    hide,
  };
}

/** Whether tokens are no longer good. */
export function isOver(
  { expiresAtMs }: OAuthTokens,
  { clock }: Pick<OAuthHost, "clock">,
): boolean {
  return expiresAtMs !== undefined && clock.now() >= expiresAtMs;
}

/** Whether tokens are to be renewed by now. */
export function endsSoon(
  { renewAtMs }: OAuthTokens,
  { clock }: Pick<OAuthHost, "clock">,
): boolean {
  return renewAtMs !== undefined && clock.now() >= renewAtMs;
}

/** Each scope of several lists, once. */
export function union(
  ...lists: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [...new Set(lists.flatMap((it) => it ?? []))];
}
