/**
 * BeginMcpLogin, CompleteMcpLogin and LogoutMcp: a person logs in to a tool
 * server that wants OAuth, and out of it.
 *
 * What a login needs to be ended waits sealed, ten minutes at the most.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type BeginMcpLoginRequest,
  type BeginMcpLoginResponse,
  BeginMcpLoginResponseSchema,
  type CompleteMcpLoginRequest,
  type CompleteMcpLoginResponse,
  CompleteMcpLoginResponseSchema,
  type LogoutMcpRequest,
  type LogoutMcpResponse,
  LogoutMcpResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { openNeeds } from "../mcp/needs.ts";
import { type HttpToolServer, loginKey } from "../mcp/oauth.ts";
import {
  beginLogin,
  type BegunLogin,
  completeLogin,
  isAnswerOf,
} from "../mcp/oauth_login.ts";
import { logOut } from "../mcp/oauth_logout.ts";
import {
  failedPrecondition,
  invalidArgument,
  messageOf,
  StigmerError,
} from "../model/error.ts";
import { newId } from "../model/id.ts";
import type { Mask } from "../model/mask.ts";
import {
  type BegunLoginRow,
  countBegun,
  endBegun,
  endOldBegun,
  findBegun,
  insertBegun,
} from "../store/mcp_logins.ts";
import { sealedOf } from "../store/sealed_values.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { mcpLogins } from "./mcp_logins.ts";
import { type ResolvedServer, resolveMcpTarget } from "./mcp_target.ts";
import type { Service } from "./service.ts";
import { retryStaleSeals, vaultOf } from "./vault.ts";

/** Logins that one caller has begun at once at the most. */
const BEGUN_MAX = 32;
/** Characters of what a person brings back at the most. */
const QUERY_LENGTH_MAX = 16_384;
const ID_PREFIX = "mlb";
/** Under which name all that a login needs is sealed. */
const ALIAS = "begun";
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** The RPCs that are answered here. */
export type McpLoginService = Required<
  Pick<Service, "beginMcpLogin" | "completeMcpLogin" | "logoutMcp">
>;

/** Makes the RPCs by which a person logs in to tool servers. */
export function mcpLoginService(deps: ServiceDeps): McpLoginService {
  return {
    beginMcpLogin: (request, { signal }) => begin(deps, request, signal),
    completeMcpLogin: (request, { signal }) => complete(deps, request, signal),
    logoutMcp: (request, { signal }) => leave(deps, request, signal),
  };
}

async function begin(
  deps: ServiceDeps,
  { target, redirectUrl }: BeginMcpLoginRequest,
  signal: AbortSignal,
): Promise<BeginMcpLoginResponse> {
  const { host, identity, store: { database } } = deps;
  refuseRedirect(redirectUrl);
  const resolved = resolveMcpTarget(deps, target);
  const server = httpServer(resolved);
  const key = loginKey(server);
  sweep(deps);
  if (countBegun(database, identity) >= BEGUN_MAX) throw tooMany();
  const logins = mcpLogins(deps);
  const mask = logins.mask();
  const { begun, authorizationUrl } = await masked(
    [mask, resolved.mask],
    async () =>
      await beginLogin(server, {
        host,
        signal,
        mask,
        redirectUrl,
        variables: await openNeeds(server, resolved.scope),
        known: await logins.find(key),
      }),
  );
  const row: BegunLoginRow = {
    id: newId(ID_PREFIX, idSource(host)),
    server: key,
    identity,
    createdAtMs: host.clock.now(),
  };
  await keepBegun(deps, row, begun);
  return create(BeginMcpLoginResponseSchema, {
    authorizationUrl,
    loginId: row.id,
  });
}

async function keepBegun(
  deps: ServiceDeps,
  row: BegunLoginRow,
  begun: BegunLogin,
): Promise<void> {
  const { database } = deps.store;
  const vault = vaultOf(deps);
  await retryStaleSeals(async () => {
    const drafts = await vault.sealFor(row.id, {
      [ALIAS]: JSON.stringify(begun),
    });
    database.transaction(() => {
      insertBegun(database, row);
      vault.storeSealed(database, drafts);
    });
  });
}

async function complete(
  deps: ServiceDeps,
  { loginId, callbackQuery }: CompleteMcpLoginRequest,
  signal: AbortSignal,
): Promise<CompleteMcpLoginResponse> {
  const { host, identity, store: { database } } = deps;
  if (callbackQuery.length > QUERY_LENGTH_MAX) {
    throw invalidArgument(
      `Cannot log in: what came back has more than ${QUERY_LENGTH_MAX} ` +
        "characters",
    );
  }
  sweep(deps);
  const row = findBegun(database, loginId);
  // Nobody ends what somebody else began.
  if (row === undefined || row.identity !== identity) throw gone(loginId);
  const begun = await openBegun(deps, row);
  if (!isAnswerOf(begun, callbackQuery)) {
    throw invalidArgument(
      "Cannot log in: what came back belongs to another login",
    );
  }
  // A code is good for one try, and of two callers one has it.
  if (!database.transaction(() => endBegun(database, loginId))) {
    throw gone(loginId);
  }
  const logins = mcpLogins(deps);
  const mask = logins.mask();
  const login = await masked(
    [mask],
    () => completeLogin(begun, callbackQuery, { host, signal, mask }),
  );
  await logins.exclusively(
    row.server,
    () => logins.keep(row.server, login),
    signal,
  );
  const { scopes = [], expiresAtMs } = login.tokens ?? {};
  return create(CompleteMcpLoginResponseSchema, {
    scopes: [...scopes],
    ...(expiresAtMs === undefined
      ? {}
      : { expiresAt: timestampFromMs(expiresAtMs) }),
  });
}

async function openBegun(
  deps: ServiceDeps,
  { id }: BegunLoginRow,
): Promise<BegunLogin> {
  const values = sealedOf(deps.store.database, id, [ALIAS]);
  const text = (await vaultOf(deps).openSealed(values)).get(ALIAS);
  if (text === undefined) throw gone(id);
  return JSON.parse(text);
}

async function leave(
  deps: ServiceDeps,
  { target }: LogoutMcpRequest,
  signal: AbortSignal,
): Promise<LogoutMcpResponse> {
  const resolved = resolveMcpTarget(deps, target);
  const server = httpServer(resolved);
  const logins = mcpLogins(deps);
  const ended = await logOut(server, {
    host: deps.host,
    logins,
    signal,
    // What its client is proved with may be gone; the tokens go all the same.
    variables: await openNeeds(server, resolved.scope).catch(() => ({})),
  });
  return create(LogoutMcpResponseSchema, ended);
}

/** Does work, and hides what is secret in what it throws. */
async function masked<T>(
  masks: readonly Mask[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StigmerError)) throw error;
    const hide = (text: string): string =>
      masks.reduce((shown, mask) => mask.text(shown), text);
    const { code, hints } = error;
    const message = messageOf(error);
    const act = message.startsWith("Cannot") ? "" : "Cannot log in: ";
    throw new StigmerError(code, hide(`${act}${message}`), {
      hints: hints.map(hide),
    });
  }
}

/** The server as one that is reached by HTTP. */
function httpServer({ server, word }: ResolvedServer): HttpToolServer {
  const { transport } = server;
  if (transport.kind !== "http") {
    throw failedPrecondition(
      `MCP server "${word}" is a program, there is nothing to log in to`,
      { hints: ["Give it what it needs as a variable or a secret"] },
    );
  }
  const header = Object.keys(transport.headers)
    .find((it) => it.toLowerCase() === "authorization");
  if (header === undefined) return { ...server, transport };
  throw failedPrecondition(
    `MCP server "${word}" is told by its header "${header}" who asks, ` +
      "there is nothing to log in to",
  );
}

/** A browser comes back to the machine that it runs on, and nowhere else. */
function refuseRedirect(text: string): void {
  const url = URL.parse(text);
  if (url?.protocol === "http:" && LOOPBACK.test(url.hostname)) return;
  throw invalidArgument(
    `Cannot log in: people cannot come back to "${text}", ` +
      'give it as "http://127.0.0.1:PORT/callback"',
  );
}

function sweep({ host, store: { database } }: ServiceDeps): void {
  endOldBegun(database, host.clock.now());
}

function gone(id: string): StigmerError {
  return new StigmerError(
    "NOT_FOUND",
    `Cannot log in: there is no login "${id}" that was begun`,
    { hints: ["Begin it anew: it is good for ten minutes and one try"] },
  );
}

function tooMany(): StigmerError {
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `Cannot log in: ${BEGUN_MAX} logins were begun and not ended`,
    { hints: ["Wait ten minutes, until they are forgotten"] },
  );
}
