/**
 * Access to tool servers by OAuth 2.1: what an author writes of it, what is
 * kept of a login, and where that is kept.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Mask } from "../model/mask.ts";
import { OAUTH_DEFAULT, type OAuthSettings } from "./oauth_settings.ts";
import { type KeyedServer, serverKey } from "./server_key.ts";
import type { ToolServer, ToolTransport } from "./server.ts";

/** A tool server that is reached by HTTP. */
export interface HttpToolServer extends ToolServer {
  readonly transport: Extract<ToolTransport, { kind: "http" }>;
}

/** Who gives tokens for a server, as it was when they were first given. */
export interface OAuthAuthority {
  /** Who it is. */
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** Where tokens are taken back; absent where they are not. */
  readonly revocationEndpoint?: string;
  /** What the tokens are for; absent where the server does not say. */
  readonly resource?: string;
}

/** How a client proves at an authority who it is. */
export type ClientAuthentication =
  | "client_secret_basic"
  | "client_secret_post"
  | "private_key_jwt"
  | "none";

/** Who asks for tokens. */
export interface OAuthClient {
  readonly id: string;
  readonly authentication: ClientAuthentication;
  /** Its secret, where it was registered: one of an author is kept nowhere. */
  readonly registeredSecret?: string;
}

/** What was granted. */
export interface OAuthTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Absent where the authority does not say. */
  readonly expiresAtMs?: number;
  /** When to ask for the next one: before this one ends. */
  readonly renewAtMs?: number;
  readonly scopes: readonly string[];
}

/** A login: who asked whom, and what was granted. All of it is sealed. */
export interface OAuthLogin {
  readonly authority: OAuthAuthority;
  readonly client: OAuthClient;
  /** Absent once they are good for nothing. */
  readonly tokens?: OAuthTokens;
  /** What it asked for; more than was granted, at times. */
  readonly askedScopes: readonly string[];
  /** What the next login asks for besides, because a call needed it. */
  readonly wantedScopes?: readonly string[];
}

/** Where logins are kept. */
export interface OAuthLogins {
  find(key: string): Promise<OAuthLogin | undefined>;
  keep(key: string, login: OAuthLogin): Promise<void>;
  /** Says whether there was one. */
  forget(key: string): Promise<boolean>;
  /** Does work while no other process does any of the same key. */
  exclusively<T>(
    key: string,
    work: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
  /** The command by which a person logs in to a server of an execution. */
  command(server: string, executionId: string): string;
  /** Makes what hides tokens wherever this process shows anything. */
  mask(): Mask;
}

/** The part of the machine that OAuth needs. */
export type OAuthHost = Pick<Host, "clock" | "network" | "random">;

/**
 * Says under which key the login of a server is kept: how it is reached, and
 * as which client, where an author names one.
 */
export function loginKey(server: KeyedServer): string {
  const key = serverKey(server);
  const client = settingsOf(server).clientId;
  return client === "" ? key : `${key} as ${client}`;
}

/** The settings of a server; the usual ones where it has none. */
export function settingsOf({ transport }: KeyedServer): OAuthSettings {
  return (transport.kind === "http" ? transport.oauth : undefined) ??
    OAUTH_DEFAULT;
}

/** Writes a login, to be sealed. */
export function loginToText(login: OAuthLogin): string {
  return JSON.stringify(login);
}

/** Reads what {@linkcode loginToText} wrote. */
export function loginFromText(text: string): OAuthLogin {
  return JSON.parse(text) as OAuthLogin;
}
