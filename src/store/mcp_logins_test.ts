import { deepEqual, equal } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import {
  countBegun,
  deleteLogin,
  endBegun,
  endOldBegun,
  findBegun,
  findLogin,
  insertBegun,
  loginOfOwner,
  putLogin,
} from "./mcp_logins.ts";
import { openStore } from "./open.ts";

const NOW_MS = Date.parse("2026-01-02T03:04:05.678Z");
const LOGIN = {
  server: "http https://tickets.example.com/mcp",
  ownerId: "mcl-01k3v8z6q4m9d2c7r5t1w0x8yb",
  scopes: ["read"],
  expiresAtMs: NOW_MS + 1000,
  isRenewable: true,
  hasEnded: false,
  updatedAtMs: NOW_MS,
  updatedBy: "ann",
};

Deno.test("a login is kept, replaced and deleted under its server", () => {
  using store = openStore(":memory:", { host: fakeHost() });
  const { database } = store;
  equal(findLogin(database, LOGIN.server), undefined);
  putLogin(database, LOGIN);
  deepEqual(findLogin(database, LOGIN.server), LOGIN);
  deepEqual(loginOfOwner(database, LOGIN.ownerId), LOGIN);
  const { expiresAtMs: _, ...rest } = LOGIN;
  const ended = { ...rest, scopes: [], isRenewable: false, hasEnded: true };
  putLogin(database, { ...ended, ownerId: "mcl-another" });
  deepEqual(findLogin(database, LOGIN.server), ended, "it keeps its owner");
  equal(deleteLogin(database, LOGIN.server), true);
  equal(deleteLogin(database, LOGIN.server), false);
});

Deno.test("a login that was begun ends once, and after ten minutes", () => {
  using store = openStore(":memory:", { host: fakeHost() });
  const { database } = store;
  const begin = (id: string, createdAtMs: number): void =>
    insertBegun(database, {
      id,
      server: LOGIN.server,
      identity: "ann",
      createdAtMs,
    });
  begin("mlb-1", NOW_MS);
  begin("mlb-2", NOW_MS - 9 * 60_000);
  begin("mlb-3", NOW_MS - 10 * 60_000);
  equal(countBegun(database, "ann"), 3);
  endOldBegun(database, NOW_MS);
  equal(findBegun(database, "mlb-3"), undefined);
  equal(findBegun(database, "mlb-2")?.identity, "ann");
  equal(countBegun(database, "bob"), 0);
  equal(endBegun(database, "mlb-1"), true);
  equal(endBegun(database, "mlb-1"), false);
});
