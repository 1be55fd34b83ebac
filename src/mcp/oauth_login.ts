/**
 * The login of a person to a tool server: begun here, gone on with in a
 * browser, ended with what the browser brings back.
 *
 * @module
 */

import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import type { Mask } from "../model/mask.ts";
import { VERSION } from "../model/version.ts";
import { fetchWithinOrigin } from "./http_fetch.ts";
import type {
  HttpToolServer,
  OAuthAuthority,
  OAuthClient,
  OAuthHost,
  OAuthLogin,
} from "./oauth.ts";
import {
  chooseClient,
  type FilledSettings,
  filledSettings,
  requireIssuer,
} from "./oauth_client.ts";
import {
  challengeOf,
  discover,
  type Discovery,
  type OAuthChallenge,
  shown,
} from "./oauth_discovery.ts";
import { authorityFetch, checkedAddress } from "./oauth_network.ts";
import { askTokens } from "./oauth_tokens.ts";
import type { Variables } from "./expand.ts";

const STATE_LENGTH_BYTES = 32;
/** How codes are protected; who cannot do it is sent nobody. */
const CHALLENGE_METHOD = "S256";

/** What a login that was begun needs to be ended; all of it is sealed. */
export interface BegunLogin {
  /** The address of the server. */
  readonly server: string;
  readonly authority: OAuthAuthority;
  readonly client: OAuthClient;
  readonly settings: FilledSettings;
  readonly redirectUrl: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly scopes: readonly string[];
  /** Whether the authority says who it is when people come back. */
  readonly saysIssuer: boolean;
}

/** How a login is made. */
export interface LoginScope {
  readonly host: OAuthHost;
  readonly variables: Variables;
  readonly signal: AbortSignal;
  /** Learns what is secret. */
  readonly mask: Mask;
}

/**
 * Asks a server who gives tokens for it, and makes the address where a person
 * signs in.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it wants nobody to.
 */
export async function beginLogin(
  server: HttpToolServer,
  options: LoginScope & {
    readonly redirectUrl: string;
    /** The login that there is; what it wanted besides is asked for. */
    readonly known: OAuthLogin | undefined;
  },
): Promise<{ readonly begun: BegunLogin; readonly authorizationUrl: string }> {
  const { host, signal, redirectUrl, known, mask } = options;
  const { url } = server.transport;
  const settings = filledSettings(server, options.variables);
  refuseOtherGrant(server, settings);
  const fetch = authorityFetch(host, { server: url, signal });
  const { challenge, trouble } = await probe(server, options);
  const found = await discover(url, { challenge, fetch })
    .catch((error: unknown) => {
      throw challenge === undefined
        ? wantsNobody(server, { trouble, cause: error })
        : error;
    });
  requireIssuer(settings, found.authority);
  requireChallengeMethod(found);
  const scopes = scopesOf({ settings, challenge, known, found });
  const client = await chooseClient(settings, {
    metadata: found.metadata,
    server: url,
    redirectUrl,
    scopes,
    fetch,
  });
  const state = base64Url(host.random.bytes(STATE_LENGTH_BYTES));
  const asked = { client, redirectUrl, state, scopes };
  const started = await startedAt(found, asked);
  const address = checkedAddress(started.authorizationUrl.href, url);
  for (const it of [client.registeredSecret, started.codeVerifier]) {
    if (it !== undefined) mask.add(it);
  }
  return {
    authorizationUrl: address.href,
    begun: {
      server: url,
      authority: found.authority,
      client,
      settings,
      redirectUrl,
      state,
      codeVerifier: started.codeVerifier,
      scopes,
      saysIssuer: found.metadata
        .authorization_response_iss_parameter_supported === true,
    },
  };
}

/**
 * Takes what a person brought back, and has it made into tokens.
 *
 * @throws {StigmerError} PERMISSION_DENIED when it was refused, or comes of
 * another authority, and INVALID_ARGUMENT for what belongs to another login.
 */
export async function completeLogin(
  begun: BegunLogin,
  callbackQuery: string,
  { host, signal, mask }: Omit<LoginScope, "variables">,
): Promise<OAuthLogin> {
  const { authority, client, settings, server } = begun;
  const code = await codeOf(begun, callbackQuery);
  const { registeredSecret = "" } = client;
  const sent = [code, begun.codeVerifier, settings.clientSecret];
  for (const it of [...sent, registeredSecret]) {
    if (it !== "") mask.add(it);
  }
  const answer = await askTokens({
    grant_type: "authorization_code",
    code,
    redirect_uri: begun.redirectUrl,
    code_verifier: begun.codeVerifier,
  }, {
    authority,
    client,
    settings,
    fetch: authorityFetch(host, { server, signal }),
    nowMs: () => host.clock.now(),
    hide: mask.text,
  });
  if (answer.kind === "refused") {
    throw new StigmerError(
      "PERMISSION_DENIED",
      `Cannot log in: "${shown(authority.issuer)}" says ${answer.why}`,
      { hints: ["Begin the login anew"] },
    );
  }
  const { tokens } = answer;
  mask.add(tokens.accessToken);
  if (tokens.refreshToken !== undefined) mask.add(tokens.refreshToken);
  // Who says nothing of scopes gives those that were asked for.
  const scopes = tokens.scopes.length === 0 ? begun.scopes : tokens.scopes;
  return {
    authority,
    client,
    tokens: { ...tokens, scopes },
    askedScopes: begun.scopes,
  };
}

/** Whether what a person brought back is of a login that was begun. */
export function isAnswerOf(begun: BegunLogin, query: string): boolean {
  return new URLSearchParams(query).get("state") === begun.state;
}

/** The code of an answer that belongs to a login; its state is looked at first. */
async function codeOf(begun: BegunLogin, query: string): Promise<string> {
  const answer = new URLSearchParams(query);
  if (!isAnswerOf(begun, query)) {
    throw new StigmerError(
      "INVALID_ARGUMENT",
      "Cannot log in: what came back belongs to another login",
      { hints: ["Begin the login anew"] },
    );
  }
  const { validateAuthorizationResponseIssuer } = await import(
    "@modelcontextprotocol/client"
  );
  try {
    validateAuthorizationResponseIssuer({
      iss: answer.get("iss") ?? undefined,
      expectedIssuer: begun.authority.issuer,
      issParameterSupported: begun.saysIssuer,
    });
  } catch (cause) {
    throw new StigmerError(
      "PERMISSION_DENIED",
      "Cannot log in: what came back is not of " +
        `"${shown(begun.authority.issuer)}"`,
      { hints: ["Begin the login anew"], cause },
    );
  }
  const code = answer.get("code");
  const error = answer.get("error");
  if (error === null && code !== null && code !== "") return code;
  throw new StigmerError(
    "PERMISSION_DENIED",
    error === null || error === "access_denied"
      ? "Cannot log in: it was not allowed"
      : `Cannot log in: ${
        shown(answer.get("error_description") ?? error ?? "no code came back")
      }`,
  );
}

/** What is asked for: what an author says, or the server when it refuses. */
export function scopesOf(
  { settings, challenge, known, found }: {
    readonly settings: FilledSettings;
    readonly challenge: OAuthChallenge | undefined;
    readonly known: OAuthLogin | undefined;
    readonly found: Discovery;
  },
): readonly string[] {
  const own = [settings.scopes, challenge?.scopes ?? [], found.scopesSupported]
    .find((it) => it.length > 0) ?? [];
  const wanted = [...own, ...known?.wantedScopes ?? []];
  const isOffline = wanted.length > 0 &&
    settings.grant === "authorization_code" &&
    found.metadata.scopes_supported?.includes("offline_access") === true;
  return [...new Set(isOffline ? [...wanted, "offline_access"] : wanted)];
}

/** Makes the address where a person signs in, with what protects the code. */
async function startedAt(
  { metadata, authority }: Discovery,
  { client, redirectUrl, state, scopes }: Pick<
    BegunLogin,
    "client" | "redirectUrl" | "state" | "scopes"
  >,
): Promise<
  { readonly authorizationUrl: URL; readonly codeVerifier: string }
> {
  const { startAuthorization } = await import("@modelcontextprotocol/client");
  return await startAuthorization(metadata.issuer, {
    metadata,
    clientInformation: { client_id: client.id },
    redirectUrl,
    state,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...resourceOf(authority),
  }).catch((cause: unknown) => {
    throw failedPrecondition(
      `nobody can sign in at "${shown(metadata.issuer)}": ` +
        shown(messageOf(cause)),
      { cause },
    );
  });
}

/** What tokens are to be for, where the server says it. */
function resourceOf({ resource }: OAuthAuthority) {
  return resource === undefined ? {} : { resource };
}

/**
 * Asks the server without a token, to hear what it wants. There are servers
 * that shake hands with everybody, and refuse what comes after.
 */
async function probe(
  { transport: { url } }: HttpToolServer,
  { host, signal }: LoginScope,
): Promise<Probed> {
  const fetch = fetchWithinOrigin(host.network);
  const more = new Map<string, string>();
  let trouble: string | undefined;
  for (const body of PROBES) {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...PROBE_HEADERS, ...Object.fromEntries(more) },
      body: JSON.stringify(body),
      signal,
    }).catch((error: unknown) => {
      throw unreachable(url, error);
    });
    await response.body?.cancel();
    const challenge = await challengeOf(response);
    if (challenge !== undefined) return { challenge, trouble: "" };
    // Who shakes hands is one, whatever becomes of the rest.
    trouble ??= troubleOf(response);
    const session = response.headers.get("mcp-session-id");
    if (session !== null) more.set("mcp-session-id", session);
    more.set("mcp-protocol-version", PROBE_VERSION);
  }
  return { challenge: undefined, trouble: trouble ?? "" };
}

/** What a server wants. */
interface Probed {
  readonly challenge: OAuthChallenge | undefined;
  /** Why it may be no tool server at all; empty where it may be one. */
  readonly trouble: string;
}

function troubleOf({ status, statusText, headers }: Response): string {
  if (status >= 400) {
    return `it answers with HTTP ${status} ${statusText}`.trim();
  }
  const type = headers.get("content-type") ?? "";
  return type.startsWith("text/html") ? "it answers with a web page" : "";
}

const PROBE_VERSION = "2025-11-25";
const PROBE_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};
/** Requests that change nothing. */
const PROBES = [{
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: PROBE_VERSION,
    capabilities: {},
    clientInfo: { name: "stigmer", version: VERSION },
  },
}, {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/list",
}] as const;

function unreachable(url: string, cause: unknown): StigmerError {
  const host = new URL(url).host;
  const why = shown(messageOf(cause));
  return new StigmerError(
    "UNAVAILABLE",
    `"${host}" cannot be reached: ${why}`,
    {
      cause,
    },
  );
}

function requireChallengeMethod({ metadata }: Discovery): void {
  const methods = metadata.code_challenge_methods_supported ?? [];
  if (methods.includes(CHALLENGE_METHOD)) return;
  throw failedPrecondition(
    `"${shown(metadata.issuer)}" does not say that it protects codes by ` +
      `PKCE with ${CHALLENGE_METHOD}, without which nobody is sent there`,
  );
}

function refuseOtherGrant(
  { name }: HttpToolServer,
  { grant }: FilledSettings,
): void {
  if (grant === "authorization_code") return;
  throw failedPrecondition(
    `Tool server "${name}" is given its tokens without a person ` +
      '(grant "client_credentials"), so that there is nothing to log in to',
  );
}

function wantsNobody(
  { name }: HttpToolServer,
  { trouble, cause }: { readonly trouble: string; readonly cause: unknown },
): StigmerError {
  const why = trouble === "" ? "" : `: ${trouble}`;
  return failedPrecondition(
    `Tool server "${name}" asks nobody to log in${why}`,
    { cause },
  );
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
