/**
 * Requests to a tool server with a token: put in, renewed ahead of time and
 * when it is refused, asked for anew where nobody has to sign in.
 *
 * A person is never asked here. Where one has to sign in, the request fails
 * with the command for it.
 *
 * @module
 */

import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { Mask } from "../model/mask.ts";
import type { Variables } from "./expand.ts";
import {
  type HttpToolServer,
  loginKey,
  type OAuthHost,
  type OAuthLogin,
  type OAuthLogins,
  type OAuthTokens,
} from "./oauth.ts";
import {
  chooseClient,
  type FilledSettings,
  filledSettings,
} from "./oauth_client.ts";
import {
  challengeOf,
  discover,
  type OAuthChallenge,
  shown,
} from "./oauth_discovery.ts";
import { scopesOf } from "./oauth_login.ts";
import { authorityFetch, type OAuthFetch } from "./oauth_network.ts";
import {
  askTokens,
  type TokenAnswer,
  type TokenAsking,
} from "./oauth_tokens.ts";

/** How often one request is made at the most: each time with a new token. */
const ROUNDS_MAX = 3;

/** How an authority says that a login is over. */
const ENDED_CODE = "invalid_grant";
/** Bytes of a refusal that are read. */
const REFUSAL_SIZE_BYTES_MAX = 64 * 1024;

/** What a session is made with. */
export interface OAuthSessionOptions {
  readonly host: OAuthHost;
  readonly logins: OAuthLogins;
  readonly variables: Variables;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  /** How the server itself is reached. */
  readonly fetch: OAuthFetch;
  /** The execution that it is for; empty where it is for none. */
  readonly executionId: string;
}

/** Access to one tool server. */
export interface OAuthSession {
  /** Makes a request to the server. */
  readonly fetch: OAuthFetch;
  /** Hides all tokens that were used in what the server says. */
  readonly conceal: (message: JSONRPCMessage) => JSONRPCMessage;
}

/** Makes the session of a server; nothing is opened before the first request. */
export function createOAuthSession(
  server: HttpToolServer,
  options: OAuthSessionOptions,
): OAuthSession {
  const { logins, signal } = options;
  const mask = logins.mask();
  const settings = filledSettings(server, options.variables);
  const access = settings.grant === "client_credentials"
    ? ownAccess(server, { ...options, settings })
    : loginAccess(server, { ...options, settings });
  function learn(tokens: OAuthTokens | undefined): string | undefined {
    if (tokens === undefined) return undefined;
    mask.add(tokens.accessToken);
    if (tokens.refreshToken !== undefined) mask.add(tokens.refreshToken);
    return tokens.accessToken;
  }
  async function authorized(
    url: string | URL,
    init: RequestInit = {},
  ): Promise<Response> {
    const origin = new URL(server.transport.url).origin;
    if (new URL(url).origin !== origin) return await options.fetch(url, init);
    let token = learn(await access.current());
    for (let round = 1;; round++) {
      const response = await options.fetch(url, withToken(init, token));
      const challenge = await challengeOf(response);
      const isLast = challenge === undefined || round >= ROUNDS_MAX;
      if (isLast && response.ok) return response;
      if (isLast) return await told(response, mask.text);
      await response.body?.cancel();
      token = learn(await access.renewed(challenge, token));
    }
  }
  return {
    conceal: (message) => concealed(message, mask),
    async fetch(url, init) {
      signal.throwIfAborted();
      try {
        return await authorized(url, init);
      } catch (error) {
        if (!(error instanceof StigmerError)) throw error;
        const { code, hints } = error;
        const message = mask.text(error.message);
        // Its cause may hold what was masked.
        throw new StigmerError(code, message, { hints });
      }
    },
  };
}

/** A message of JSON, with what is secret in it hidden. */
function concealed(message: JSONRPCMessage, mask: Mask): JSONRPCMessage {
  const json = message as unknown as Json;
  // It is the same as long as nothing is hidden in it.
  return mask.json(json) as unknown as JSONRPCMessage;
}

/** Where the tokens of a session come from. */
interface Access {
  /** Those that there are, renewed where they end soon. */
  current(): Promise<OAuthTokens | undefined>;
  /** Others than those that were refused. */
  renewed(
    challenge: OAuthChallenge,
    refused: string | undefined,
  ): Promise<OAuthTokens>;
}

type AccessOptions = OAuthSessionOptions & {
  readonly settings: FilledSettings;
};

/** Tokens of a client that asks for itself; kept for as long as the session. */
function ownAccess(server: HttpToolServer, options: AccessOptions): Access {
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
  };
}

/** Tokens of a login, which all processes share. */
function loginAccess(server: HttpToolServer, options: AccessOptions): Access {
  const { host, logins, signal } = options;
  const key = loginKey(server);
  let known: OAuthLogin | undefined;
  const needed = (need: LoginNeed, scopes: readonly string[] = []) =>
    loginNeeded(need, {
      command: logins.command(server.name, options.executionId),
      scopes,
    });

  /** Renews a login, unless another process has done so meanwhile. */
  async function renew(refused: string | undefined): Promise<OAuthTokens> {
    return await logins.exclusively(key, async () => {
      known = await logins.find(key);
      const tokens = known?.tokens;
      if (known === undefined || tokens === undefined) {
        throw needed(known === undefined ? "none" : "ended");
      }
      const isOther = tokens.accessToken !== refused && !isOver(tokens, host);
      if (isOther) return tokens;
      const answer = await refreshed(known, options);
      if (answer?.kind === "granted") {
        known = { ...known, tokens: keptScopes(answer.tokens, tokens) };
        await logins.keep(key, known);
        return answer.tokens;
      }
      // A run that cannot prove its client must not end the login of all.
      if (answer !== undefined && answer.code !== ENDED_CODE) {
        throw failedPrecondition(
          `"${shown(known.authority.issuer)}" does not renew the login: ` +
            answer.why,
        );
      }
      // Those that were refused are good for nothing any more.
      const { tokens: _, ...rest } = known;
      await logins.keep(key, rest);
      throw needed("ended");
    }, signal);
  }
  async function widen(challenge: OAuthChallenge): Promise<never> {
    const { scopes } = challenge;
    // Who is refused what they asked for is not helped by asking again.
    if (scopes.every((it) => known?.askedScopes.includes(it))) {
      throw failedPrecondition(
        scopes.length === 0
          ? "it refuses what the login is good for"
          : `the login asked for ${
            shown(scopes.join(" "))
          } and is not given it`,
      );
    }
    const wanted = union(known?.tokens?.scopes, scopes);
    await logins.exclusively(key, async () => {
      const login = await logins.find(key);
      if (login === undefined) return;
      const wantedScopes = union(login.wantedScopes, wanted);
      await logins.keep(key, { ...login, wantedScopes });
    }, signal);
    throw needed("narrow", scopes);
  }
  return {
    async current() {
      known = known?.tokens === undefined ? await logins.find(key) : known;
      const tokens = known?.tokens;
      if (tokens === undefined || !endsSoon(tokens, host)) return tokens;
      const isLast = tokens.refreshToken === undefined && !isOver(tokens, host);
      // What cannot be renewed is used to its end.
      return isLast ? tokens : await renew(tokens.accessToken);
    },
    async renewed(challenge, refused) {
      if (challenge.status === 403) return await widen(challenge);
      return await renew(refused);
    },
  };
}

/** Has a login renewed; `undefined` where nothing was given for that. */
async function refreshed(
  login: OAuthLogin,
  options: AccessOptions,
): Promise<TokenAnswer | undefined> {
  const refreshToken = login.tokens?.refreshToken;
  if (refreshToken === undefined) return undefined;
  const parameters = {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  };
  return await askTokens(parameters, askingOf(login, options));
}

function askingOf(
  { authority, client }: Pick<OAuthLogin, "authority" | "client">,
  { host, settings, signal }: AccessOptions,
): TokenAsking {
  return {
    authority,
    client,
    settings,
    // It was checked when it was found, beside the server that named it.
    fetch: authorityFetch(host, { server: authority.tokenEndpoint, signal }),
    nowMs: () => host.clock.now(),
  };
}

/** An authority that says nothing of scopes gives those that there were. */
function keptScopes(tokens: OAuthTokens, before: OAuthTokens): OAuthTokens {
  return tokens.scopes.length > 0
    ? tokens
    : { ...tokens, scopes: before.scopes };
}

function isOver(
  { expiresAtMs }: OAuthTokens,
  { clock }: Pick<OAuthHost, "clock">,
): boolean {
  return expiresAtMs !== undefined && clock.now() >= expiresAtMs;
}

function endsSoon(
  { renewAtMs }: OAuthTokens,
  { clock }: Pick<OAuthHost, "clock">,
): boolean {
  return renewAtMs !== undefined && clock.now() >= renewAtMs;
}

function withToken(init: RequestInit, token: string | undefined): RequestInit {
  if (token === undefined) return init;
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}

/** A refusal as it is passed on: what it says may be what it was sent. */
async function told(
  response: Response,
  hide: (text: string) => string,
): Promise<Response> {
  const { status, statusText, headers } = response;
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > REFUSAL_SIZE_BYTES_MAX) break;
  }
  const rest = new Headers(headers);
  // The server would be asked for more by who reads it.
  rest.delete("www-authenticate");
  rest.delete("content-length");
  return new Response(hide(text), { status, statusText, headers: rest });
}

function union(
  ...lists: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [...new Set(lists.flatMap((it) => it ?? []))];
}

/** Why a person has to sign in: never did, did too long ago, for too little. */
type LoginNeed = "none" | "ended" | "narrow";

/** Makes the error for what a person has to do first. */
function loginNeeded(
  need: LoginNeed,
  { command, scopes }: {
    readonly command: string;
    readonly scopes: readonly string[];
  },
): StigmerError {
  const why = {
    none: "it wants somebody to log in",
    ended: "the login has ended",
    narrow: `the login is not good for this, which wants ${
      shown(scopes.join(" "))
    }`,
  }[need];
  // Not as a hint: what a run failed with has none.
  return failedPrecondition(`${why}, log in with "${command}"`);
}
