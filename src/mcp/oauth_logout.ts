/**
 * The end of a login: its tokens are taken back where that can be, and
 * forgotten in any case.
 *
 * @module
 */

import type { Variables } from "./expand.ts";
import {
  type HttpToolServer,
  loginKey,
  type OAuthHost,
  type OAuthLogin,
  type OAuthLogins,
} from "./oauth.ts";
import { filledSettings } from "./oauth_client.ts";
import { authorityFetch } from "./oauth_network.ts";
import { revokeToken } from "./oauth_tokens.ts";

/** What a login is ended with. */
export interface LogoutScope {
  readonly host: OAuthHost;
  readonly logins: OAuthLogins;
  readonly variables: Variables;
  readonly signal: AbortSignal;
}

/** Ends the login to a server. */
export async function logOut(
  server: HttpToolServer,
  scope: LogoutScope,
): Promise<{ readonly forgotten: boolean; readonly revoked: boolean }> {
  const { logins, signal } = scope;
  const key = loginKey(server);
  return await logins.exclusively(key, async () => {
    // What cannot be opened is forgotten all the same.
    const login = await logins.find(key).catch(() => undefined);
    const forgotten = await logins.forget(key);
    const revoked = login !== undefined && await takeBack(server, login, scope);
    return { forgotten, revoked };
  }, signal);
}

/** Whoever cannot be reached keeps the tokens until they end. */
async function takeBack(
  server: HttpToolServer,
  { authority, client, tokens }: OAuthLogin,
  { host, variables, signal }: LogoutScope,
): Promise<boolean> {
  const token = tokens?.refreshToken ?? tokens?.accessToken;
  if (token === undefined) return false;
  try {
    return await revokeToken(token, {
      authority,
      client,
      settings: filledSettings(server, variables),
      fetch: authorityFetch(host, { server: server.transport.url, signal }),
      nowMs: () => host.clock.now(),
      // What it says is told to nobody.
      hide: (text) => text,
    });
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
