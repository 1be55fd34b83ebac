import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { type ExecutionId, newId, parseExecutionId } from "../model/id.ts";
import type { Database } from "./driver.ts";
import { insertExecution, writeStatus } from "./executions.ts";
import { openStore } from "./open.ts";
import { surfacedWait } from "./waits.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
/** Statements of one look at the most, whatever the family. */
const STATEMENTS_MAX = 1000;

function newWaiting(
  database: Database,
  waitingFor: string,
  parent?: ExecutionId,
): ExecutionId {
  const id = parseExecutionId(newId("wex", {
    now: () => NOW_MS,
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }));
  assert.ok(id !== undefined);
  insertExecution(database, {
    id,
    kind: "WorkflowExecution",
    name: "run",
    labels: {},
    spec: { resourceName: "run" },
    input: {},
    createdBy: "local-user",
    ...(parent === undefined
      ? {}
      : { parent: { executionId: parent, path: "/do/0/a" } }),
  }, { nowMs: NOW_MS });
  const status = { phase: "WAITING", waitingFor } as const;
  writeStatus(database, id, { status, nowMs: NOW_MS });
  return id;
}

/** Counts what is asked of a database. */
function counted(
  database: Database,
): { readonly database: Database; readonly statements: () => number } {
  let count = 0;
  const proxy = new Proxy(database, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (key === "prepare") count++;
      return value.bind(target);
    },
  });
  return { database: proxy, statements: () => count };
}

Deno.test("surfacedWait() looks at so many children and no more, however large the family", async () => {
  const path = await Deno.makeTempDir({ prefix: "stigmer-store-" });
  try {
    using store = openStore(`${path}/stigmer.db`, { host: systemHost() });
    const { database } = store;
    const waits = 'workflow "run" (wex-01k3v8z6q4m9d2c7r5t1w0x8yb)';
    const top = newWaiting(database, waits);
    for (let i = 0; i < 50; i++) {
      const child = newWaiting(database, waits, top);
      for (let j = 0; j < 50; j++) newWaiting(database, waits, child);
    }
    const asked = counted(database);
    assert.equal(surfacedWait(asked.database, top, waits), waits);
    assert.ok(
      asked.statements() <= STATEMENTS_MAX,
      `${asked.statements()} statements`,
    );
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
