import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { completeEvent } from "../model/cloud_event.ts";
import type { CloudEvent } from "../model/durable.ts";
import {
  eventsAfter,
  insertEvent,
  lastEventSequence,
  listEvents,
} from "./events.ts";
import { openStore } from "./open.ts";

function event(id: string, more: CloudEvent = {}): CloudEvent {
  return completeEvent({ type: "test.a", ...more }, {
    id,
    source: "/test",
    nowMs: 0,
  });
}

function withStore(
  work: (database: ReturnType<typeof openStore>["database"]) => void,
): void {
  const folder = Deno.makeTempDirSync({ prefix: "stigmer-events-" });
  const store = openStore(`${folder}/stigmer.db`, { host: systemHost() });
  try {
    work(store.database);
  } finally {
    store.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("insertEvent() keeps an event once for its source and id", () => {
  withStore((database) => {
    const first = insertEvent(database, event("1"), { nowMs: 5 });
    const again = insertEvent(database, event("1", { type: "test.b" }), {
      nowMs: 9,
      executionId: "wex-x",
    });
    assert.equal(first.duplicate, false);
    assert.deepEqual(again, { ...first, duplicate: true });
    const other = insertEvent(database, event("1", { source: "/else" }), {
      nowMs: 9,
    });
    assert.equal(other.duplicate, false);
    assert.equal(lastEventSequence(database), other.sequence);
  });
});

Deno.test("eventsAfter() gives events of any, one or several types in order", () => {
  withStore((database) => {
    for (const [i, type] of ["a", "b", "a", "c"].entries()) {
      insertEvent(database, event(`${i}`, { type }), { nowMs: i });
    }
    const ids = (sequence: number, types?: string[], limit = 10) =>
      eventsAfter(database, sequence, {
        limit,
        ...(types === undefined ? {} : { types }),
      }).map((it) => it.event.id);
    assert.deepEqual(ids(0), ["0", "1", "2", "3"]);
    assert.deepEqual(ids(0, undefined, 2), ["0", "1"]);
    assert.deepEqual(ids(1, ["a"]), ["2"]);
    assert.deepEqual(ids(0, ["c", "a"]), ["0", "2", "3"]);
    assert.deepEqual(ids(0, ["c", "a"], 2), ["0", "2"]);
    assert.deepEqual(ids(1, ["a", "c", "a"]), ["2", "3"]);
    assert.deepEqual(ids(0, []), []);
  });
});

Deno.test("eventsAfter() reads past the events of other types, however many", () => {
  withStore((database) => {
    database.transaction(() => {
      for (let i = 0; i < 50_000; i++) {
        insertEvent(database, event(`${i}`, { type: "other" }), { nowMs: i });
      }
    });
    const start = performance.now();
    for (let i = 0; i < 100; i++) {
      const found = eventsAfter(database, 0, { limit: 50, types: ["a", "b"] });
      assert.deepEqual(found, []);
    }
    assert.ok(performance.now() - start < 200);
  });
});

Deno.test("listEvents() gives pages, newest first, by type, source and time", () => {
  withStore((database) => {
    for (let i = 0; i < 5; i++) {
      insertEvent(
        database,
        event(`${i}`, {
          type: i % 2 === 0 ? "even" : "odd",
          source: i < 3 ? "/low" : "/high",
        }),
        { nowMs: i * 10 },
      );
    }
    const list = (
      filter: Parameters<typeof listEvents>[1],
      page: Partial<Parameters<typeof listEvents>[2]> = {},
    ) => listEvents(database, filter, { size: 0, token: "", ...page });
    const ids = (page: ReturnType<typeof list>) =>
      page.items.map((it) => it.event.id);
    assert.deepEqual(ids(list({})), ["4", "3", "2", "1", "0"]);
    assert.deepEqual(ids(list({ type: "odd" })), ["3", "1"]);
    assert.deepEqual(ids(list({ source: "/high" })), ["4", "3"]);
    assert.deepEqual(ids(list({ receivedAfterMs: 20 })), ["4", "3", "2"]);
    const first = list({}, { size: 2 });
    assert.deepEqual(ids(first), ["4", "3"]);
    const second = list({}, { size: 2, token: first.nextToken });
    assert.deepEqual(ids(second), ["2", "1"]);
    const last = list({}, { size: 2, token: second.nextToken });
    assert.deepEqual([ids(last), last.nextToken], [["0"], ""]);
    assert.throws(
      () => list({ type: "odd" }, { token: first.nextToken }),
      /page token/,
    );
  });
});

Deno.test("listEvents() ends a page early when its events are very large", () => {
  withStore((database) => {
    const data = "x".repeat(900_000);
    for (let i = 0; i < 40; i++) {
      insertEvent(database, event(`${i}`, { data }), { nowMs: i });
    }
    const page = listEvents(database, {}, { size: 100, token: "" });
    assert.ok(page.items.length < 40 && page.items.length > 30);
    const rest = listEvents(database, {}, { size: 100, token: page.nextToken });
    assert.equal(page.items.length + rest.items.length, 40);
  });
});
