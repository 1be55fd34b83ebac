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
import { StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { Mask } from "../model/mask.ts";
import type { Variables } from "./expand.ts";
import type {
  HttpToolServer,
  OAuthHost,
  OAuthLogins,
  OAuthTokens,
} from "./oauth.ts";
import { ownAccess } from "./oauth_access.ts";
import { filledSettings } from "./oauth_client.ts";
import { challengeOf } from "./oauth_discovery.ts";
import { loginAccess } from "./oauth_login_access.ts";
import type { OAuthFetch } from "./oauth_network.ts";

/** How often one request is made at the most: each time with a new token. */
const ROUNDS_MAX = 3;

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
  /** Waits for a renewal that is under way. */
  readonly settled: () => Promise<unknown>;
}

/** Makes the session of a server; nothing is opened before the first request. */
export function createOAuthSession(
  server: HttpToolServer,
  options: OAuthSessionOptions,
): OAuthSession {
  const { logins, signal } = options;
  // Most servers want no tokens, and their messages need no looking through.
  let mask: Mask | undefined;
  const hide = (text: string): string => mask?.text(text) ?? text;
  const settings = filledSettings(server, options.variables);
  const given = { ...options, settings, learn: learnAll, hide };
  const access = settings.grant === "client_credentials"
    ? ownAccess(server, given)
    : loginAccess(server, given);
  learnAll([settings.clientSecret || undefined]);
  function learnAll(secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) {
      if (secret !== undefined) (mask ??= logins.mask()).add(secret);
    }
  }
  function learn(tokens: OAuthTokens | undefined): string | undefined {
    learnAll([tokens?.accessToken, tokens?.refreshToken]);
    return tokens?.accessToken;
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
      if (isLast) return await told(response, hide);
      await response.body?.cancel();
      token = learn(await access.renewed(challenge, token));
    }
  }
  return {
    conceal: (message) =>
      mask === undefined ? message : concealed(message, mask),
    settled: () => access.settled(),
    async fetch(url, init) {
      signal.throwIfAborted();
      try {
        return await authorized(url, init);
      } catch (error) {
        if (!(error instanceof StigmerError)) throw error;
        const { code, hints } = error;
        const message = hide(error.message);
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
