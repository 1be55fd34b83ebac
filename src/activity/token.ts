/**
 * Tokens of OAuth 2 and OpenID Connect: asked for once, kept in this process
 * until shortly before they expire, and shared by whoever needs the same.
 *
 * @module
 */

import type {
  AuthorizationServer,
  Client,
  ClientAuth,
  TokenEndpointResponse,
} from "oauth4webapi";
import type { Host } from "../host/host.ts";
import { sharedCache } from "./_shared_cache.ts";
import { readBounded } from "./_answer.ts";
import { innermostCause, StigmerError } from "../model/error.ts";
import {
  checkedClient,
  parseTokenRequest,
  type TokenRequest,
} from "./token_request.ts";
import type { Json } from "../model/json.ts";

/** How long an authority may take to answer. */
const TOKEN_TIMEOUT_MS = 30_000;
/** How long a token is kept whose lifetime the authority does not tell. */
const LIFETIME_MS_DEFAULT = 300_000;
/** How long before its end a token is no longer used. */
const MARGIN_MS = 30_000;
/** Tokens kept at once at the most. */
const TOKENS_MAX = 1000;
/** Bytes of an authority's answer at the most. */
const ANSWER_SIZE_BYTES_MAX = 1024 * 1024;
const WELL_KNOWN = "/.well-known/openid-configuration";

/** A token. */
export interface Token {
  readonly value: string;
  /** What the authority gave to ask for the next one, if anything. */
  readonly refreshToken: string | undefined;
}

/** Gives tokens. */
export interface TokenSource {
  /**
   * Gives a token for the properties of `oauth2` or `oidc`; throws a
   * `StigmerError` when there is none to be had.
   *
   * @param options.refused A token that was refused: another is wanted.
   */
  get(
    scheme: "oauth2" | "oidc",
    properties: Json,
    options: { readonly signal: AbortSignal; readonly refused?: string },
  ): Promise<Token>;
}

type TokenHost = Pick<Host, "clock" | "network">;
type Library = typeof import("oauth4webapi");

/** Makes a source with nothing in it. */
export function createTokenSource(host: TokenHost): TokenSource {
  const cache = sharedCache<Token>({
    clock: host.clock,
    entriesMax: TOKENS_MAX,
  });
  return {
    async get(scheme, properties, { signal, refused }) {
      const request = parseTokenRequest(scheme, properties);
      const key = await keyOf(scheme, properties);
      return await cache.get(key, {
        signal,
        isGood: ({ value }) => value !== refused,
        make: async (previous) => {
          const { token, lifetimeMs } = await ask(host, request, previous);
          return { value: token, lifetimeMs };
        },
      });
    },
  };
}

/** A digest, so that no secret stands in a key. */
async function keyOf(scheme: string, properties: Json): Promise<string> {
  const text = JSON.stringify([scheme, properties]);
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function ask(
  host: TokenHost,
  request: TokenRequest,
  previous: Token | undefined,
): Promise<{ readonly token: Token; readonly lifetimeMs: number }> {
  const abort = new AbortController();
  const stop = host.clock.timer(TOKEN_TIMEOUT_MS, () => {
    abort.abort(new Error(`no answer within ${TOKEN_TIMEOUT_MS / 1000} s`));
  });
  try {
    const library = await import("oauth4webapi");
    const answer = await exchange(library, request, {
      host,
      signal: abort.signal,
      refreshToken: previous?.refreshToken,
    });
    checkIssuer(answer.access_token, request);
    const { expires_in: seconds } = answer;
    return {
      token: {
        value: answer.access_token,
        refreshToken: answer.refresh_token ?? previous?.refreshToken,
      },
      lifetimeMs: seconds === undefined
        ? LIFETIME_MS_DEFAULT
        : Math.max(0, seconds * 1000 - Math.min(MARGIN_MS, seconds * 100)),
    };
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    throw new StigmerError(
      "UNAUTHENTICATED",
      `Cannot get a token from "${request.authority}": ${reasonOf(error)}`,
      { cause: error },
    );
  } finally {
    stop();
  }
}

interface Exchange {
  readonly host: TokenHost;
  readonly signal: AbortSignal;
  readonly refreshToken: string | undefined;
}

async function exchange(
  library: Library,
  request: TokenRequest,
  options: Exchange,
): Promise<TokenEndpointResponse> {
  const { genericTokenEndpointRequest, processGenericTokenEndpointResponse } =
    library;
  const server = await serverOf(library, request, options);
  const client: Client = { client_id: request.client.id ?? "none" };
  const response = await genericTokenEndpointRequest(
    server,
    client,
    clientAuthOf(library, request),
    request.grant,
    parametersOf(request, options.refreshToken),
    {
      ...optionsOf(library, options, request),
      // The library writes this one itself, and would send it twice.
      headers: new Headers(),
    },
  );
  return await processGenericTokenEndpointResponse(server, client, response);
}

function optionsOf(
  library: Library,
  { host, signal }: Exchange,
  request: TokenRequest,
) {
  return {
    signal,
    // An authority on loopback, or behind a proxy of the same host, has no TLS;
    // one that has it cannot give it up for where the secret is sent.
    [library.allowInsecureRequests]: [request.authority, request.tokenPath]
      .some((it) => /^http:/i.test(it)),
    [library.customFetch]: async (
      url: string,
      init: {
        readonly method: string;
        readonly headers: Record<string, string>;
        readonly body?: unknown;
      },
    ): Promise<Response> => {
      const sent = encoded(url, init, { request, signal });
      return withoutIdToken(await host.network.fetch(sent));
    },
  };
}

/** The request as the authority wants it encoded. */
function encoded(
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: unknown;
  },
  { request, signal }: {
    readonly request: TokenRequest;
    readonly signal: AbortSignal;
  },
): Request {
  const headers = new Headers(init.headers);
  const { body } = init;
  const common = { method: init.method, redirect: "manual", signal } as const;
  if (!(body instanceof URLSearchParams)) {
    return new Request(url, { ...common, headers });
  }
  if (request.encoding === "form") {
    return new Request(url, { ...common, headers, body });
  }
  headers.set("content-type", "application/json");
  const names = [...new Set(body.keys())];
  const members = names.map((name) => {
    const values = body.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  });
  return new Request(url, {
    ...common,
    headers,
    body: JSON.stringify(Object.fromEntries(members)),
  });
}

/** Who signed in does not matter here, so that no id token is looked at. */
async function withoutIdToken(response: Response): Promise<Response> {
  const bytes = await readBounded(response, ANSWER_SIZE_BYTES_MAX);
  if (bytes === undefined) throw new Error("the answer is too long");
  const { status, statusText, headers } = response;
  const rest = { status, statusText, headers };
  const text = new TextDecoder().decode(bytes);
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && "id_token" in json) {
      const { id_token: _, ...kept } = json;
      return new Response(JSON.stringify(kept), rest);
    }
  } catch {
    // What is no JSON is told by who reads it.
  }
  return new Response(text, rest);
}

async function serverOf(
  library: Library,
  request: TokenRequest,
  options: Exchange,
): Promise<AuthorizationServer> {
  const { authority } = request;
  if (request.scheme === "oauth2") {
    return {
      issuer: authority,
      token_endpoint: joined(authority, request.tokenPath),
    };
  }
  const issuer = new URL(
    authority.endsWith(WELL_KNOWN)
      ? authority.slice(0, -WELL_KNOWN.length)
      : authority,
  );
  const response = await library.discoveryRequest(issuer, {
    algorithm: "oidc",
    ...optionsOf(library, options, request),
  });
  return await library.processDiscoveryResponse(issuer, response);
}

/** An endpoint under an authority; one with a scheme stands for itself. */
function joined(authority: string, path: string): string {
  if (URL.canParse(path)) return path;
  return `${authority.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}

function clientAuthOf(library: Library, request: TokenRequest): ClientAuth {
  const client = checkedClient(request);
  switch (client.kind) {
    case "none":
      return client.id === undefined ? () => {} : library.None();
    case "secret_basic":
      return library.ClientSecretBasic(client.secret);
    case "secret_post":
      return library.ClientSecretPost(client.secret);
    case "secret_jwt":
      return library.ClientSecretJwt(client.secret);
    case "assertion":
      return (_server, { client_id }, body) => {
        body.set("client_id", client_id);
        body.set("client_assertion", client.assertion);
        body.set(
          "client_assertion_type",
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        );
      };
  }
}

function parametersOf(
  request: TokenRequest,
  refreshToken: string | undefined,
): URLSearchParams {
  const parameters = new URLSearchParams();
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined) parameters.append(name, value);
  };
  if (request.scopes.length > 0) put("scope", request.scopes.join(" "));
  for (const audience of request.audiences) put("audience", audience);
  switch (request.grant) {
    case "client_credentials":
      break;
    case "password":
      put("username", request.username);
      put("password", request.password);
      break;
    case "refresh_token":
      // An authority may give a new one each time, and take the old one back.
      put("refresh_token", refreshToken ?? request.subject?.token);
      break;
    default:
      put("subject_token", request.subject?.token);
      put("subject_token_type", request.subject?.type);
      put("actor_token", request.actor?.token);
      put("actor_token_type", request.actor?.type);
  }
  return parameters;
}

/** Refuses a token of an issuer that is not among those named. */
function checkIssuer(
  token: string,
  { issuers, authority }: TokenRequest,
): void {
  if (issuers.length === 0) return;
  const issuer = issuerOf(token);
  if (issuer === undefined || issuers.includes(issuer)) return;
  throw new StigmerError(
    "UNAUTHENTICATED",
    `The token from "${authority}" was issued by "${issuer}", which is not ` +
      'among its "issuers"',
  );
}

/** Who issued a token; one that is no JWT does not tell. */
function issuerOf(token: string): string | undefined {
  const [, payload] = token.split(".");
  if (payload === undefined) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== "object" || claims === null) return undefined;
    const issuer: unknown = Reflect.get(claims, "iss");
    return typeof issuer === "string" ? issuer : undefined;
  } catch {
    return undefined;
  }
}

/** Why an authority gave no token, as it says itself where it does. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && "error" in error) {
    const code = String(error.error);
    const said = "error_description" in error && error.error_description;
    return said ? `${code}: ${String(said)}` : code;
  }
  if (error instanceof Error && error.cause instanceof Response) {
    return `it answered ${error.cause.status}`;
  }
  return innermostCause(error);
}
