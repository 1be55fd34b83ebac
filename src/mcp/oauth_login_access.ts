/**
 * The tokens of a login, which all processes share: renewed ahead of time and
 * when they are refused, by one of those that ask at a time.
 *
 * @module
 */

import { failedPrecondition, type StigmerError } from "../model/error.ts";
import {
  type HttpToolServer,
  loginKey,
  type OAuthLogin,
  type OAuthTokens,
} from "./oauth.ts";
import {
  type Access,
  type AccessOptions,
  askingOf,
  endsSoon,
  isOver,
  union,
} from "./oauth_access.ts";
import { type OAuthChallenge, shown } from "./oauth_discovery.ts";
import { askTokens, type TokenAnswer } from "./oauth_tokens.ts";

/**
 * How long a renewal goes on after its run has ended: an authority gives the
 * next token once, and takes the one before for stolen then.
 */
const RENEWAL_GRACE_MS = 1000;
/** How an authority says that a login is over. */
const ENDED_CODE = "invalid_grant";

/** Tokens of a login, which all processes share. */
export function loginAccess(
  server: HttpToolServer,
  options: AccessOptions,
): Access {
  const { host, logins, signal } = options;
  const key = loginKey(server);
  const renewals = new Set<Promise<unknown>>();
  let known: OAuthLogin | undefined;
  const needed = (need: LoginNeed, scopes: readonly string[] = []) =>
    loginNeeded(need, {
      command: logins.command(server.name, options.executionId),
      scopes,
    });

  /** The login as it is kept now; an authority may say what it is sent of it. */
  async function find(): Promise<OAuthLogin | undefined> {
    const login = await logins.find(key);
    const { accessToken, refreshToken } = login?.tokens ?? {};
    const { registeredSecret } = login?.client ?? {};
    options.learn([accessToken, refreshToken, registeredSecret]);
    return login;
  }
  /** Renews a login, unless another process has done so meanwhile. */
  function renew(refused: string | undefined): Promise<OAuthTokens> {
    const renewing = logins.exclusively(key, () => renewed(refused), signal);
    const noted = renewing.catch(() => {}).finally(() =>
      renewals.delete(noted)
    );
    renewals.add(noted);
    return renewing;
  }
  async function renewed(refused: string | undefined): Promise<OAuthTokens> {
    known = await find();
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
      throw notRenewed(known, answer.why);
    }
    // Those that were refused are good for nothing any more.
    const { tokens: _, ...rest } = known;
    await logins.keep(key, rest);
    throw needed("ended");
  }
  function notRenewed(login: OAuthLogin, why: string): StigmerError {
    // A client that was registered for the login is registered anew with it.
    const wayOut = options.settings.clientId === ""
      ? `, log in anew with "${
        logins.command(server.name, options.executionId)
      }"`
      : "";
    return failedPrecondition(
      `"${shown(login.authority.issuer)}" does not renew the login: ` +
        `${why}${wayOut}`,
    );
  }
  async function widened(
    { scopes }: OAuthChallenge,
    refused: string | undefined,
  ): Promise<OAuthTokens> {
    const now = await find();
    // A person may have logged in for it meanwhile.
    if (now?.tokens !== undefined && now.tokens.accessToken !== refused) {
      known = now;
      return now.tokens;
    }
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
      known = known?.tokens === undefined ? await find() : known;
      const tokens = known?.tokens;
      if (tokens === undefined || !endsSoon(tokens, host)) return tokens;
      const isLast = tokens.refreshToken === undefined && !isOver(tokens, host);
      // What cannot be renewed is used to its end.
      return isLast ? tokens : await renew(tokens.accessToken);
    },
    async renewed(challenge, refused) {
      if (challenge.status === 403) return await widened(challenge, refused);
      return await renew(refused);
    },
    settled: () => Promise.all(renewals),
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
  const { signal, stop } = outliving(options);
  try {
    return await askTokens(parameters, askingOf(login, { ...options, signal }));
  } finally {
    stop();
  }
}

/** A signal that follows that of the run a while later. */
function outliving(
  { host: { clock }, signal }: AccessOptions,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const late = new AbortController();
  let stopTimer = (): void => {};
  const onAbort = (): void => {
    const end = (): void => late.abort(signal.reason);
    stopTimer = clock.timer(RENEWAL_GRACE_MS, end);
  };
  signal.throwIfAborted();
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: late.signal,
    stop() {
      signal.removeEventListener("abort", onAbort);
      stopTimer();
    },
  };
}

/** An authority that says nothing of scopes gives those that there were. */
function keptScopes(tokens: OAuthTokens, before: OAuthTokens): OAuthTokens {
  return tokens.scopes.length > 0
    ? tokens
    : { ...tokens, scopes: before.scopes };
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
