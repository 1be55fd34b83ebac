import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import {
  type AuditEventRow,
  insertAuditEvent,
  insertRefusals,
  listAuditEvents,
  trimRefusals,
} from "./audit_events.ts";
import type { Database } from "./driver.ts";
import { openStore } from "./open.ts";

const EVENT: AuditEventRow = {
  timeMs: 1_000_000,
  identity: "token:ci",
  tokenId: "tok-1",
  action: "refuse",
  subject: "CreateAgent",
  code: "PERMISSION_DENIED",
  detail: "Its role is not enough",
  remoteAddress: "10.0.0.1",
  requestId: "r1",
  count: 1,
};
const ALL = { size: 0, token: "" };

function withDatabase(work: (database: Database) => void): void {
  using store = openStore(":memory:", { host: fakeHost() });
  work(store.database);
}

Deno.test("an event comes back as it was noted", () =>
  withDatabase((database) => {
    insertAuditEvent(database, EVENT);
    deepStrictEqual(listAuditEvents(database, {}, ALL).items, [EVENT]);
  }));

Deno.test("insertRefusals() counts on what is the same, and tells apart what is not", () =>
  withDatabase((database) => {
    const others: readonly Partial<AuditEventRow>[] = [
      { identity: "" },
      { tokenId: "tok-2" },
      { subject: "ListAgents" },
      { code: "UNAUTHENTICATED" },
      { detail: "else" },
      { remoteAddress: "10.0.0.2" },
      { timeMs: EVENT.timeMs + 60_000 },
    ];
    insertRefusals(database, [EVENT, { ...EVENT, requestId: "r2" }], 100);
    insertRefusals(database, others.map((it) => ({ ...EVENT, ...it })), 100);
    const { items } = listAuditEvents(database, {}, ALL);
    strictEqual(items.length, 1 + others.length);
    deepStrictEqual(items.map((it) => it.count).toSorted(), [
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      2,
    ]);
  }));

Deno.test("insertRefusals() counts what is past the rows of a minute by its code alone", () =>
  withDatabase((database) => {
    const from = (i: number, code: string): AuditEventRow => ({
      ...EVENT,
      code,
      remoteAddress: `10.0.0.${i}`,
    });
    const many = Array.from({ length: 10 }, (_, i) => [
      from(i, "UNAUTHENTICATED"),
      from(i, "RESOURCE_EXHAUSTED"),
    ]).flat();
    insertRefusals(database, many, 4);
    const { items } = listAuditEvents(database, {}, ALL);
    deepStrictEqual(
      items.map((it) => `${it.identity} ${it.remoteAddress} ${it.count}`),
      [
        "  8",
        "  8",
        "token:ci 10.0.0.1 1",
        "token:ci 10.0.0.1 1",
        "token:ci 10.0.0.0 1",
        "token:ci 10.0.0.0 1",
      ],
    );
    // The next minute has rows of its own.
    const timeMs = EVENT.timeMs + 60_000;
    insertRefusals(database, [{ ...EVENT, timeMs }], 4);
    strictEqual(
      listAuditEvents(database, {}, ALL).items[0]?.identity,
      "token:ci",
    );
  }));

Deno.test("trimRefusals() removes the oldest refusals and nothing else", () =>
  withDatabase((database) => {
    for (let i = 0; i < 10; i++) {
      const action = i % 2 === 0 ? "refuse" : "token.create";
      insertAuditEvent(database, { ...EVENT, action, subject: `${i}` });
    }
    strictEqual(trimRefusals(database, 2), 3);
    const left = listAuditEvents(database, {}, ALL).items;
    strictEqual(left.map((it) => it.subject).join(), "9,8,7,6,5,3,1");
    strictEqual(trimRefusals(database, 2), 0);
  }));
