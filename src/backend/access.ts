/**
 * Who may call: tokens looked up for a server.
 *
 * @module
 */

import { isSameHash, parseTokenText, tokenHash } from "../model/token.ts";
import {
  type AuditEventRow,
  insertRefusals,
  trimRefusals,
} from "../store/audit_events.ts";
import {
  hasTokenInForce,
  tokenByHash,
  tokenById,
  type TokenRow,
  type TokenStanding,
  tokenStanding,
  touchTokens,
} from "../store/tokens.ts";
import type { Caller } from "./caller.ts";
import type { ServiceDeps } from "./deps.ts";

/** What became of a token that came with a call. */
export type TokenVerdict =
  | { readonly kind: "good"; readonly caller: Caller }
  /** None, or none of this server. */
  | { readonly kind: "malformed" | "unknown" }
  | { readonly kind: "expired" | "revoked"; readonly caller: Caller };

/** What a refused call was. */
export type Refusal = Omit<AuditEventRow, "action">;

/** What a server knows of who may call. */
export interface Access {
  /** Whether any token is in force. */
  hasTokens(): boolean;
  /** Whether a token of the role admin is in force. */
  hasAdmin(): boolean;
  /** Looks up a token. The same token gives the same caller each time. */
  judge(text: string): TokenVerdict;
  /** Says whether the token of a caller is in force; one without any is. */
  isInForce(caller: Caller): boolean;
  /** Notes refusals; what is the same within a minute is one row. */
  noteRefusals(refusals: readonly Refusal[]): void;
  /** Writes down when tokens were last used; a server asks now and then. */
  flush(): void;
}

/**
 * What is kept of a token by its text, in memory alone: to hash it takes longer
 * than all else. Whether it is in force is read at each call.
 */
interface Known {
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly caller: Caller;
}

/** Callers that are kept, so that each has its service made once. */
const CALLERS_MAX = 1024;
/** Rows of refusals of one minute at the most. */
const REFUSALS_PER_MINUTE_MAX = 200;
/** Rows of refusals that are kept at the most; the oldest go first. */
const REFUSALS_MAX = 50_000;
/** How often the oldest refusals are looked for, in written ones. */
const TRIM_EVERY = 1000;
/** `last_used_at` is to the minute. */
const USED_MS = 60_000;

/** Opens what a server knows of who may call. */
export function createAccess({ host, store }: ServiceDeps): Access {
  const { database } = store;
  const callers = new Map<string, Caller>();
  const known = new Map<string, Known>();
  const used = new Map<string, number>();
  const written = new Map<string, number>();
  let untrimmed = TRIM_EVERY;
  const now = (): number => host.clock.now();
  function flush(): void {
    if (used.size === 0) return;
    const noted = new Map(used);
    used.clear();
    touchTokens(database, noted);
  }
  function use(id: string): void {
    const minute = Math.floor(now() / USED_MS) * USED_MS;
    if (written.get(id) === minute) return;
    keep(written, id, minute);
    used.set(id, minute);
  }
  /** Looks up a token whose hash is known; whether it is in force is read. */
  function judgeKnown(text: string): TokenVerdict | undefined {
    const before = known.get(text);
    if (before === undefined) return undefined;
    const { hash, caller } = before;
    const standing = tokenStanding(database, hash);
    if (standing === undefined || standing.id !== caller.tokenId) {
      known.delete(text);
      return undefined;
    }
    return verdictOn(standing, caller);
  }
  function verdictOn(
    standing: TokenStanding,
    caller: Caller,
  ): TokenVerdict {
    const state = stateOf(standing, now());
    if (state !== "good") return { kind: state, caller };
    use(standing.id);
    return { kind: "good", caller };
  }
  return {
    hasTokens: () => hasTokenInForce(database, { nowMs: now() }),
    hasAdmin: () => hasTokenInForce(database, { nowMs: now(), role: "admin" }),
    judge(text) {
      const verdict = judgeKnown(text);
      if (verdict !== undefined) return verdict;
      const token = parseTokenText(text);
      if (token === undefined) return { kind: "malformed" };
      const hash = tokenHash(token);
      const row = tokenByHash(database, hash);
      if (row === undefined || !isSameHash(row.hash, hash)) {
        return { kind: "unknown" };
      }
      const caller = callerOf(row, callers);
      keep(known, text, { hash, caller });
      return verdictOn(row, caller);
    },
    isInForce({ tokenId }) {
      if (tokenId === undefined) return true;
      const row = tokenById(database, tokenId);
      return row !== undefined && stateOf(row, now()) === "good";
    },
    noteRefusals(refusals) {
      insertRefusals(
        database,
        refusals.map((it) => ({ ...it, action: "refuse" })),
        REFUSALS_PER_MINUTE_MAX,
      );
      untrimmed += refusals.length;
      if (untrimmed < TRIM_EVERY) return;
      untrimmed = 0;
      trimRefusals(database, REFUSALS_MAX);
    },
    flush,
  };
}

function stateOf(
  row: TokenStanding,
  nowMs: number,
): "good" | "expired" | "revoked" {
  if (row.revokedAtMs !== undefined) return "revoked";
  const { expiresAtMs } = row;
  return expiresAtMs !== undefined && expiresAtMs <= nowMs ? "expired" : "good";
}

/** Neither name nor role of a token ever change. */
function callerOf(row: TokenRow, callers: Map<string, Caller>): Caller {
  const caller = callers.get(row.id) ??
    { identity: `token:${row.name}`, role: row.role, tokenId: row.id };
  keep(callers, row.id, caller);
  return caller;
}

/** Sets a key as the newest one, and forgets the oldest past the bound. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= CALLERS_MAX) break;
    map.delete(oldest);
  }
}
