import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { Database } from "./driver.ts";
import { openStore } from "./open.ts";
import {
  hasTokenInForce,
  insertToken,
  newestToken,
  revokeToken,
  tokenByHash,
  tokenById,
  tokenInForce,
  tokenNames,
  type TokenRow,
  tokenStanding,
  touchTokens,
} from "./tokens.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 1);

function row(id: string, more: Partial<TokenRow> = {}): TokenRow {
  return {
    id,
    name: "ci",
    role: "viewer",
    hash: new TextEncoder().encode(id),
    prefix: "stg_abcd",
    createdAtMs: NOW_MS,
    createdBy: "local-user",
    ...more,
  };
}

function withDatabase(work: (database: Database) => void): void {
  using store = openStore(":memory:", { host: fakeHost() });
  work(store.database);
}

Deno.test("a token comes back as it was stored, by its hash and by its id", () =>
  withDatabase((database) => {
    const token = row("tok-1", {
      expiresAtMs: NOW_MS + DAY_MS,
      lastUsedAtMs: NOW_MS + 1,
      revokedAtMs: NOW_MS + 2,
    });
    insertToken(database, token);
    deepStrictEqual(tokenByHash(database, token.hash), token);
    deepStrictEqual(tokenById(database, "tok-1"), token);
    deepStrictEqual(tokenStanding(database, token.hash), {
      id: "tok-1",
      expiresAtMs: NOW_MS + DAY_MS,
      revokedAtMs: NOW_MS + 2,
    });
    strictEqual(tokenById(database, "tok-2"), undefined);
    throws(() => insertToken(database, { ...token, id: "tok-2" }), /UNIQUE/);
    throws(
      () =>
        insertToken(database, {
          ...row("tok-3"),
          role: "root" as TokenRow["role"],
        }),
      /CHECK/,
    );
  }));

Deno.test("a token is in force until it expires or is revoked", () =>
  withDatabase((database) => {
    insertToken(
      database,
      row("tok-1", { role: "admin", expiresAtMs: NOW_MS + DAY_MS }),
    );
    insertToken(database, row("tok-2", { name: "other" }));
    const nowMs = NOW_MS + DAY_MS - 1;
    strictEqual(tokenInForce(database, "ci", nowMs)?.id, "tok-1");
    ok(hasTokenInForce(database, { nowMs, role: "admin" }));
    deepStrictEqual(tokenNames(database, { nowMs, limit: 9 }), ["ci", "other"]);
    strictEqual(tokenInForce(database, "ci", nowMs + 1), undefined);
    ok(!hasTokenInForce(database, { nowMs: nowMs + 1, role: "admin" }));
    ok(hasTokenInForce(database, { nowMs: nowMs + 1 }));
    ok(revokeToken(database, "tok-2", nowMs));
    ok(!revokeToken(database, "tok-2", nowMs + 5));
    strictEqual(tokenById(database, "tok-2")?.revokedAtMs, nowMs);
    ok(!hasTokenInForce(database, { nowMs: nowMs + 1 }));
    strictEqual(newestToken(database, "ci")?.id, "tok-1");
  }));

Deno.test("touchTokens() never goes back", () =>
  withDatabase((database) => {
    insertToken(database, row("tok-1"));
    touchTokens(database, new Map([["tok-1", NOW_MS + 60_000]]));
    touchTokens(database, new Map([["tok-1", NOW_MS], ["tok-9", NOW_MS]]));
    strictEqual(tokenById(database, "tok-1")?.lastUsedAtMs, NOW_MS + 60_000);
  }));
