/**
 * Finds out who gives tokens for a tool server, and what they are to be for.
 *
 * @module
 */

import type {
  AuthorizationServerMetadata,
  OAuthProtectedResourceMetadata,
} from "@modelcontextprotocol/client";
import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import type { OAuthAuthority } from "./oauth.ts";
import { checkedAddress, isSafe, type OAuthFetch } from "./oauth_network.ts";

/** Characters of what others say of an error that are shown. */
const WORDS_LENGTH_MAX = 300;

/** What a server said when it refused a request. */
export interface OAuthChallenge {
  readonly status: 401 | 403;
  /** Where it says who gives tokens; absent where it does not say. */
  readonly metadataUrl?: URL;
  /** What it wants. */
  readonly scopes: readonly string[];
}

/** Who gives tokens for a server. */
export interface Discovery {
  readonly authority: OAuthAuthority;
  readonly metadata: AuthorizationServerMetadata;
  /** What can be asked for, as the server says. */
  readonly scopesSupported: readonly string[];
}

/** Reads the challenge of a response, where it is one. */
export async function challengeOf(
  response: Response,
): Promise<OAuthChallenge | undefined> {
  const { status } = response;
  if (status !== 401 && status !== 403) return undefined;
  const { extractWWWAuthenticateParams } = await import(
    "@modelcontextprotocol/client"
  );
  const said = extractWWWAuthenticateParams(response);
  if (status === 403 && said.error !== "insufficient_scope") return undefined;
  const { resourceMetadataUrl } = said;
  return {
    status,
    scopes: scopesIn(said.scope),
    ...(resourceMetadataUrl === undefined
      ? {}
      : { metadataUrl: resourceMetadataUrl }),
  };
}

/** Each scope of a text of them, once. */
export function scopesIn(text: string | undefined): readonly string[] {
  return [...new Set((text ?? "").split(/\s+/).filter(Boolean))];
}

/**
 * Asks a server, and then who it names.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when nobody is named who can be
 * trusted with it, or when others could read what the server is sent.
 */
export async function discover(
  server: string,
  { challenge, fetch }: {
    readonly challenge: OAuthChallenge | undefined;
    readonly fetch: OAuthFetch;
  },
): Promise<Discovery> {
  requireSafe(new URL(server));
  const resource = await resourceOf(server, { challenge, fetch });
  const [named] = resource?.authorization_servers ?? [];
  const authority = named ?? new URL("/", server).href;
  const metadata = await metadataOf(authority, { server, fetch });
  return {
    metadata,
    authority: authorityOf(metadata, { server, resource }),
    scopesSupported: resource?.scopes_supported ?? [],
  };
}

function requireSafe(server: URL): void {
  if (isSafe(server)) return;
  throw failedPrecondition(
    `"${server.origin}" is not over TLS, no token is to be sent there`,
    { hints: ["Give its address with https, where it has one"] },
  );
}

async function resourceOf(
  server: string,
  { challenge, fetch }: {
    readonly challenge: OAuthChallenge | undefined;
    readonly fetch: OAuthFetch;
  },
): Promise<OAuthProtectedResourceMetadata | undefined> {
  const { checkResourceAllowed, discoverOAuthProtectedResourceMetadata } =
    await import("@modelcontextprotocol/client");
  const resourceMetadataUrl = challenge?.metadataUrl;
  let found: OAuthProtectedResourceMetadata;
  try {
    found = await discoverOAuthProtectedResourceMetadata(
      server,
      resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl },
      fetch,
    );
  } catch (error) {
    // Servers of earlier days give the tokens themselves, and say nothing.
    if (resourceMetadataUrl === undefined && !isOurs(error)) return undefined;
    throw said("Its metadata cannot be had", error);
  }
  const isItsOwn = checkResourceAllowed({
    requestedResource: server,
    configuredResource: found.resource,
  });
  if (isItsOwn) return found;
  throw failedPrecondition(
    `it says to be "${
      shown(found.resource)
    }", for which tokens are not to be ` +
      "asked",
  );
}

async function metadataOf(
  authority: string,
  { server, fetch }: { readonly server: string; readonly fetch: OAuthFetch },
): Promise<AuthorizationServerMetadata> {
  checkedAddress(authority, server);
  const { discoverAuthorizationServerMetadata } = await import(
    "@modelcontextprotocol/client"
  );
  const found = await discoverAuthorizationServerMetadata(authority, {
    fetchFn: fetch,
  }).catch((error: unknown) => {
    throw said(`"${shown(authority)}" does not say how it gives tokens`, error);
  });
  if (found !== undefined) return found;
  throw failedPrecondition(
    `"${shown(authority)}" does not say how it gives tokens`,
  );
}

function authorityOf(
  metadata: AuthorizationServerMetadata,
  { server, resource }: {
    readonly server: string;
    readonly resource: OAuthProtectedResourceMetadata | undefined;
  },
): OAuthAuthority {
  const { issuer, token_endpoint: tokenEndpoint } = metadata;
  checkedAddress(tokenEndpoint, server);
  const revocation = "revocation_endpoint" in metadata
    ? metadata.revocation_endpoint
    : undefined;
  return {
    issuer,
    tokenEndpoint,
    ...(typeof revocation === "string"
      ? { revocationEndpoint: checkedAddress(revocation, server).href }
      : {}),
    ...(resource === undefined ? {} : { resource: resource.resource }),
  };
}

function isOurs(error: unknown): boolean {
  return error instanceof StigmerError || error instanceof TypeError;
}

/** Makes an error of what a library says, which may be long. */
function said(act: string, error: unknown): StigmerError {
  if (error instanceof StigmerError) return error;
  return failedPrecondition(`${act}: ${shown(messageOf(error))}`, {
    cause: error,
  });
}

/** What others wrote, on one line and not too long. */
export function shown(text: string): string {
  // deno-lint-ignore no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return plain.length <= WORDS_LENGTH_MAX
    ? plain
    : `${plain.slice(0, WORDS_LENGTH_MAX)}…`;
}
