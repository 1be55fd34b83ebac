import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import {
  findResult,
  IDEMPOTENCY_KEPT_MS,
  keepResult,
  type KeyedRequest,
} from "./idempotency.ts";
import { openStore } from "./open.ts";

const REQUEST: KeyedRequest = {
  identity: "token:ci",
  method: "CreateAgent",
  key: "k",
};

Deno.test("a kept result is found by identity, method and key together", () => {
  using store = openStore(":memory:", { host: fakeHost() });
  const { database } = store;
  const kept = { requestHash: "h", result: { id: "agt-1", tags: [] } };
  keepResult(database, REQUEST, { ...kept, nowMs: 0 });
  assert.deepEqual(findResult(database, REQUEST, 1), kept);
  for (const other of ["identity", "method", "key"]) {
    assert.equal(
      findResult(database, { ...REQUEST, [other]: "another" }, 1),
      undefined,
    );
  }
});

Deno.test("a key that has ended can be taken anew", () => {
  using store = openStore(":memory:", { host: fakeHost() });
  const { database } = store;
  keepResult(database, REQUEST, { requestHash: "a", result: 1, nowMs: 0 });
  const nowMs = IDEMPOTENCY_KEPT_MS;
  assert.ok(findResult(database, REQUEST, nowMs - 1));
  assert.equal(findResult(database, REQUEST, nowMs), undefined);
  keepResult(database, REQUEST, { requestHash: "b", result: 2, nowMs });
  assert.equal(findResult(database, REQUEST, nowMs)?.result, 2);
});
