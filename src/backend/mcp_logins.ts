/**
 * Logins to tool servers as this backend keeps them: sealed by the vault, one
 * for all processes.
 *
 * @module
 */

import {
  loginFromText,
  loginToText,
  type OAuthLogin,
  type OAuthLogins,
} from "../mcp/oauth.ts";
import { StigmerError } from "../model/error.ts";
import { newId, parseExecutionId } from "../model/id.ts";
import { commandLine } from "../model/shell_word.ts";
import { importUnseen } from "../model/unseen.ts";
import type { Database } from "../store/driver.ts";
import { getExecution } from "../store/executions.ts";
import {
  deleteLogin,
  findLogin,
  type LoginRow,
  putLogin,
} from "../store/mcp_logins.ts";
import { sealedOf } from "../store/sealed_values.ts";
import { createMask } from "../vault/mask.ts";
import { beside } from "./beside.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { rememberMask } from "./redaction.ts";
import { appliedName, ownedWord } from "./tool_trust.ts";

/** What the ids of owners of tokens begin with. */
export const LOGIN_PREFIX = "mcl";
/** The folder of locks, beside the database. */
const LOCK_DIRECTORY_NAME = "logins";
/** Under which name all of a login is sealed. */
const ALIAS = "login";
/** How long another process may be at what is done one at a time. */
const WAIT_MS_MAX = 90_000;
const WAIT_STEP_MS = 20;
/** Characters of a digest that make the name of a lock. */
const LOCK_NAME_LENGTH = 24;

/** What logins are kept with. */
export interface LoginDeps extends Pick<ServiceDeps, "store" | "host"> {
  /** Who logs in; absent where those that there are are renewed alone. */
  readonly identity?: string;
}

/** Makes what keeps the logins of a store. */
export function mcpLogins(deps: LoginDeps): OAuthLogins {
  const { store: { database }, host } = deps;
  return {
    async find(key) {
      const row = findLogin(database, key);
      if (row === undefined) return undefined;
      const vault = (await vaultRoom()).vaultOf(deps);
      const values = sealedOf(database, row.ownerId, [ALIAS]);
      const text = (await vault.openSealed(values)).get(ALIAS);
      return text === undefined ? undefined : loginFromText(text);
    },
    async keep(key, login) {
      const { retryStaleSeals, vaultOf } = await vaultRoom();
      const vault = vaultOf(deps);
      await retryStaleSeals(async () => {
        const ownerId = findLogin(database, key)?.ownerId ??
          newId(LOGIN_PREFIX, idSource(host));
        const drafts = await vault.sealFor(ownerId, {
          [ALIAS]: loginToText(login),
        });
        database.transaction(() => {
          const now = findLogin(database, key);
          // Another process may have been the first to log in.
          if (now !== undefined && now.ownerId !== ownerId) {
            deleteLogin(database, key);
          }
          putLogin(database, rowOf(deps, { key, ownerId, login }));
          vault.storeSealed(database, drafts);
        });
      });
    },
    forget: (key) =>
      Promise.resolve(database.transaction(() => deleteLogin(database, key))),
    exclusively: (key, work, signal) =>
      exclusively(deps, { key, work, signal }),
    command: (server, executionId) =>
      loginCommand(wordOf(database, { server, executionId })),
    mask: () => rememberMask(createMask({})),
  };
}

/** Most runs have no login to open. */
function vaultRoom(): Promise<typeof import("./vault.ts")> {
  return importUnseen("./vault.ts", import.meta.url);
}

/** What a person types to log in to a server. */
export function loginCommand(word: string): string {
  return commandLine("stigmer mcp login", [word]);
}

/** A server of an execution as a person names it. */
function wordOf(
  database: Database,
  of: { readonly server: string; readonly executionId: string },
): string {
  const id = parseExecutionId(of.executionId);
  const execution = id === undefined ? undefined : getExecution(database, id);
  if (execution === undefined) return of.server;
  return appliedName(database, { execution, server: of.server }) ??
    ownedWord(execution, of.server);
}

function rowOf(
  { host, identity, store: { database } }: LoginDeps,
  { key, ownerId, login }: {
    readonly key: string;
    readonly ownerId: string;
    readonly login: OAuthLogin;
  },
): LoginRow {
  const { tokens } = login;
  return {
    server: key,
    ownerId,
    scopes: tokens?.scopes ?? [],
    ...(tokens?.expiresAtMs === undefined
      ? {}
      : { expiresAtMs: tokens.expiresAtMs }),
    isRenewable: tokens?.refreshToken !== undefined,
    hasEnded: tokens === undefined,
    updatedAtMs: host.clock.now(),
    updatedBy: identity ?? findLogin(database, key)?.updatedBy ?? "",
  };
}

/** Waits for the lock of a login, which the kernel frees when its owner dies. */
async function exclusively<T>(
  { host, store }: LoginDeps,
  { key, work, signal }: {
    readonly key: string;
    readonly work: () => Promise<T>;
    readonly signal: AbortSignal;
  },
): Promise<T> {
  const folder = beside(store.path, LOCK_DIRECTORY_NAME);
  host.files.makeDirectory(folder, { mode: 0o700 });
  const path = `${folder}/${await digest(key)}.lock`;
  const startedAtMs = host.clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    const lock = host.files.lock(path);
    if (lock !== undefined) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (host.clock.monotonic() - startedAtMs > WAIT_MS_MAX) throw held(key);
    await host.clock.sleep(WAIT_STEP_MS, signal);
  }
}

async function digest(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex().slice(0, LOCK_NAME_LENGTH);
}

function held(key: string): StigmerError {
  return new StigmerError(
    "UNAVAILABLE",
    `Cannot renew the login to "${key}": another process has been at it for ` +
      `${WAIT_MS_MAX / 1000} s`,
  );
}
