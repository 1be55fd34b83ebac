/**
 * Who asks for tokens: the client that an author names, one that describes
 * itself at an address, or one that is registered; and how it proves that.
 *
 * @module
 */

import type { AuthorizationServerMetadata } from "@modelcontextprotocol/client";
import { failedPrecondition, messageOf } from "../model/error.ts";
import { expand, type Variables } from "./expand.ts";
import {
  type HttpToolServer,
  type OAuthAuthority,
  type OAuthClient,
  settingsOf,
} from "./oauth.ts";
import { shown } from "./oauth_discovery.ts";
import { checkedAddress, type OAuthFetch } from "./oauth_network.ts";
import type { OAuthSettings } from "./oauth_settings.ts";

/** What people see of who asks. */
const CLIENT_NAME = "Stigmer";
const CLIENT_URL = "https://stigmer.ai";
const PEM = /-----BEGIN PRIVATE KEY-----([\s\S]+?)-----END PRIVATE KEY-----/;

/** The settings of a server with the values of its variables. */
export type FilledSettings = OAuthSettings & { readonly filled: true };

/** Fills variables and secrets into the settings of a server. */
export function filledSettings(
  server: HttpToolServer,
  variables: Variables,
): FilledSettings {
  const settings = settingsOf(server);
  const fill = (text: string, field: string): string =>
    expand(text, variables, `oauth.${field} of tool server "${server.name}"`);
  return {
    ...settings,
    clientId: fill(settings.clientId, "clientId"),
    clientSecret: fill(settings.clientSecret, "clientSecret"),
    privateKey: fill(settings.privateKey, "privateKey"),
    filled: true,
  };
}

/** What a client is chosen by. */
export interface ClientChoice {
  readonly metadata: AuthorizationServerMetadata;
  /** The address of the server. */
  readonly server: string;
  /** Where people come back to; absent where nobody signs in. */
  readonly redirectUrl?: string;
  readonly scopes: readonly string[];
  readonly fetch: OAuthFetch;
}

/**
 * Chooses the client for a server, and registers one where there is none.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when there is none to be had.
 */
export async function chooseClient(
  settings: FilledSettings,
  choice: ClientChoice,
): Promise<OAuthClient> {
  const { metadata } = choice;
  if (settings.clientId !== "") return await named(settings, metadata);
  const takesAddress = "client_id_metadata_document_supported" in metadata &&
    metadata.client_id_metadata_document_supported === true;
  if (settings.clientMetadataUrl !== "" && takesAddress) {
    return { id: settings.clientMetadataUrl, authentication: "none" };
  }
  if (choice.redirectUrl !== undefined && metadata.registration_endpoint) {
    return await registered(choice, choice.redirectUrl);
  }
  throw failedPrecondition(
    `"${shown(metadata.issuer)}" registers no clients, and none is given`,
    { hints: ["Register one there, and give it under http.oauth.clientId"] },
  );
}

async function named(
  { clientId: id, clientSecret, privateKey }: FilledSettings,
  metadata: AuthorizationServerMetadata,
): Promise<OAuthClient> {
  if (privateKey !== "") return { id, authentication: "private_key_jwt" };
  if (clientSecret === "") return { id, authentication: "none" };
  const { selectClientAuthMethod } = await import(
    "@modelcontextprotocol/client"
  );
  const authentication = selectClientAuthMethod(
    { client_id: id, client_secret: clientSecret },
    metadata.token_endpoint_auth_methods_supported ?? [],
  );
  return { id, authentication };
}

async function registered(
  { metadata, server, scopes, fetch }: ClientChoice,
  redirectUrl: string,
): Promise<OAuthClient> {
  checkedAddress(String(metadata.registration_endpoint), server);
  const { registerClient, selectClientAuthMethod } = await import(
    "@modelcontextprotocol/client"
  );
  const known = metadata.token_endpoint_auth_methods_supported ?? [];
  const wanted = known.length === 0 || known.includes("none")
    ? "none"
    : known.includes("client_secret_basic")
    ? "client_secret_basic"
    : "client_secret_post";
  const found = await registerClient(metadata.issuer, {
    metadata,
    clientMetadata: {
      client_name: CLIENT_NAME,
      client_uri: CLIENT_URL,
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      application_type: "native",
      token_endpoint_auth_method: wanted,
    },
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    fetchFn: fetch,
  }).catch((error: unknown) => {
    throw failedPrecondition(
      `"${shown(metadata.issuer)}" registers no client for this: ` +
        shown(messageOf(error)),
      {
        hints: ["Register one there, and give it under http.oauth.clientId"],
        cause: error,
      },
    );
  });
  const { client_id: id, client_secret: secret } = found;
  return {
    id,
    authentication: selectClientAuthMethod(found, known),
    ...(secret === undefined ? {} : { registeredSecret: secret }),
  };
}

/**
 * Refuses an authority that is not the one that an author named.
 *
 * @throws {StigmerError} FAILED_PRECONDITION, before it is sent anything.
 */
export function requireIssuer(
  settings: FilledSettings,
  authority: Pick<OAuthAuthority, "issuer">,
): void {
  const [own, other] = [settings.issuer, authority.issuer]
    .map((it) => it.replace(/\/$/, ""));
  if (own === "" || own === other) return;
  throw failedPrecondition(
    `"${shown(authority.issuer)}" would be asked for tokens, where only ` +
      `"${settings.issuer}" may be, as http.oauth.issuer has it`,
  );
}

/** Writes into a request to an authority who asks, and what proves it. */
export async function authenticate(
  client: OAuthClient,
  settings: FilledSettings,
  { authority, body, headers }: {
    readonly authority: OAuthAuthority;
    readonly body: URLSearchParams;
    readonly headers: Headers;
  },
): Promise<void> {
  const secret = client.registeredSecret ?? settings.clientSecret;
  switch (client.authentication) {
    case "none":
      return body.set("client_id", client.id);
    case "client_secret_basic": {
      const pair = `${formEncoded(client.id)}:${formEncoded(secret)}`;
      return headers.set("authorization", `Basic ${btoa(pair)}`);
    }
    case "client_secret_post":
      body.set("client_id", client.id);
      return body.set("client_secret", secret);
    case "private_key_jwt": {
      const { PrivateKeyJwt } = await import("oauth4webapi");
      const prove = PrivateKeyJwt(await privateKeyOf(settings));
      const { issuer } = authority;
      return await prove({ issuer }, { client_id: client.id }, body, headers);
    }
  }
}

/** As a form has it, which is what goes into a header of Basic (RFC 6749). */
function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

/** The key of an author, as what it signs with. */
async function privateKeyOf(
  { privateKey, algorithm }: FilledSettings,
): Promise<CryptoKey> {
  const [, base64 = ""] = PEM.exec(privateKey) ?? [];
  const kind = algorithm === "RS256"
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve: "P-256" };
  try {
    const bytes = Uint8Array.fromBase64(base64.replaceAll(/\s+/g, ""));
    return await crypto.subtle.importKey("pkcs8", bytes, kind, false, ["sign"]);
  } catch {
    // What was thrown may tell of the key.
    throw failedPrecondition(
      `oauth.privateKey is no private key for ${algorithm}, give it as PKCS#8 ` +
        'PEM, which begins with "-----BEGIN PRIVATE KEY-----"',
    );
  }
}
