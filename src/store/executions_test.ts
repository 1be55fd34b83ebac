import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { NewExecution } from "../model/execution.ts";
import { failureOf } from "../model/failure.ts";
import { type ExecutionId, newId, parseExecutionId } from "../model/id.ts";
import type { PhaseName } from "../model/phase.ts";
import type { Database } from "./driver.ts";
import {
  countExecutions,
  type ExecutionFilter,
  findByIdempotencyKey,
  getExecution,
  insertExecution,
  listExecutions,
  writeStatus,
} from "./executions.ts";
import { openStore } from "./open.ts";

const START_MS = Date.UTC(2026, 0, 1);

async function withDatabase(
  test: (database: Database) => void | Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-store-" });
  try {
    using store = openStore(`${path}/stigmer.db`, { host: systemHost() });
    await test(store.database);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function execution(more: Partial<NewExecution> = {}): NewExecution {
  const kind = more.kind ?? "WorkflowExecution";
  const prefix = kind === "AgentExecution" ? "aex" : "wex";
  return {
    id: idOf(prefix),
    kind,
    name: "run",
    labels: { team: "é" },
    spec: { resourceId: "wfl-1", input: { ignored: true } },
    input: { n: 1 },
    createdBy: "local-user",
    ...more,
  };
}

function idOf(prefix: string): ExecutionId {
  const id = parseExecutionId(newId(prefix, {
    now: () => START_MS,
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }));
  assert.ok(id !== undefined);
  return id;
}

function all(
  database: Database,
  filter: ExecutionFilter,
  size: number,
): string[] {
  const names: string[] = [];
  let token = "";
  do {
    const page = listExecutions(database, filter, { size, token });
    assert.ok(page.items.length <= size);
    names.push(...page.items.map((it) => it.name));
    token = page.nextToken;
  } while (token !== "");
  return names;
}

Deno.test("insertExecution() keeps all that it is given, the input once", async () => {
  await withDatabase((database) => {
    const parent = { executionId: idOf("wex"), path: "/do/0/a" };
    const it = execution({ parent, idempotencyKey: "key" });
    insertExecution(database, it, { nowMs: START_MS });
    const record = getExecution(database, it.id);
    assert.deepEqual(record, {
      ...it,
      spec: {
        resourceId: "wfl-1",
        parentExecutionId: parent.executionId,
        parentPath: parent.path,
        idempotencyKey: "key",
        input: { n: 1 },
      },
      phase: "PENDING",
      createdAtMs: START_MS,
      updatedAtMs: START_MS,
      lastSequence: 1,
    });
    const row = database.prepare("SELECT spec FROM workflow_executions").get();
    assert.ok(!String(row?.spec).includes("input"));
    assert.equal(getExecution(database, idOf("wex")), undefined);
  });
});

Deno.test("insertExecution() with a known key gives the first one, of either kind", async () => {
  await withDatabase((database) => {
    const first = execution({ kind: "AgentExecution", idempotencyKey: "k" });
    const options = { nowMs: START_MS };
    assert.equal(insertExecution(database, first, options).inserted, true);
    const second = execution({ idempotencyKey: "k" });
    const again = insertExecution(database, second, options);
    assert.deepEqual([again.inserted, again.executionId], [false, first.id]);
    assert.equal(getExecution(database, second.id), undefined);
    assert.equal(findByIdempotencyKey(database, "other"), undefined);
  });
});

Deno.test("writeStatus() keeps each part of a status, small outputs and large", async () => {
  await withDatabase((database) => {
    const { id } = execution();
    insertExecution(database, execution({ id }), { nowMs: START_MS });
    for (const output of [{ a: null }, "x".repeat(100_000), null]) {
      const status = {
        phase: "COMPLETED",
        output,
        failure: failureOf("runtime", "why"),
        startedAtMs: START_MS + 1,
        completedAtMs: START_MS + 2,
      } as const;
      writeStatus(database, id, { status, nowMs: START_MS + 3 });
      const record = getExecution(database, id);
      assert.deepEqual(
        {
          phase: record?.phase,
          output: record?.output,
          failure: record?.failure,
          startedAtMs: record?.startedAtMs,
          completedAtMs: record?.completedAtMs,
        },
        status,
      );
      assert.equal(record?.updatedAtMs, START_MS + 3);
    }
  });
});

Deno.test("listExecutions() pages through both kinds, newest first, by every filter", async () => {
  await withDatabase((database) => {
    const phases: readonly PhaseName[] = ["PENDING", "COMPLETED", "FAILED"];
    const parent = { executionId: idOf("wex"), path: "/p" };
    for (let i = 0; i < 30; i++) {
      const agent = i % 2 === 0;
      const it = execution({
        kind: agent ? "AgentExecution" : "WorkflowExecution",
        name: `n${i}`,
        spec: {
          resourceId: i % 3 === 0 ? "res-a" : "res-b",
          ...(agent ? { sessionId: "ses-1" } : {}),
        },
        ...(i < 4 ? { parent } : {}),
      });
      const nowMs = START_MS + i * 1000;
      insertExecution(database, it, { nowMs });
      const phase = phases[i % 3] ?? "PENDING";
      writeStatus(database, it.id, { status: { phase }, nowMs });
    }
    const expected = (keep: (i: number) => boolean) =>
      Array.from({ length: 30 }, (_, i) => 29 - i).filter(keep)
        .map((i) => `n${i}`);
    const cases: readonly [ExecutionFilter, (i: number) => boolean][] = [
      [{}, () => true],
      [{ kind: "AgentExecution" }, (i) => i % 2 === 0],
      [{ resourceId: "res-a" }, (i) => i % 3 === 0],
      [{ sessionId: "ses-1" }, (i) => i % 2 === 0],
      [{ parentExecutionId: parent.executionId }, (i) => i < 4],
      [{ isTopLevel: true }, (i) => i >= 4],
      [{ isTopLevel: true, phases: ["FAILED"] }, (i) => i >= 4 && i % 3 === 2],
      [{ phases: ["FAILED", "PENDING"] }, (i) => i % 3 !== 1],
      [{ createdAfterMs: START_MS + 10_000 }, (i) => i >= 10],
      [{ createdBeforeMs: START_MS + 10_000 }, (i) => i < 10],
      [
        { kind: "WorkflowExecution", phases: ["COMPLETED"] },
        (i) => i % 2 === 1 && i % 3 === 1,
      ],
    ];
    for (const [filter, keep] of cases) {
      for (const size of [1, 7, 100]) {
        assert.deepEqual(
          all(database, filter, size),
          expected(keep),
          JSON.stringify(filter),
        );
      }
    }
    assert.deepEqual(countExecutions(database), {
      PENDING: 10,
      COMPLETED: 10,
      FAILED: 10,
    });
    const { nextToken } = listExecutions(database, {}, { size: 2, token: "" });
    assert.throws(
      () =>
        listExecutions(database, { resourceId: "res-a" }, {
          size: 2,
          token: nextToken,
        }),
      /page token/,
    );
  });
});

Deno.test("listExecutions() ends a page early rather than to carry too much", async () => {
  await withDatabase((database) => {
    const large = "x".repeat(15 * 1024 * 1024);
    for (let i = 0; i < 5; i++) {
      insertExecution(
        database,
        execution({ name: `n${i}`, input: `${i}${large}` }),
        {
          nowMs: START_MS + i,
        },
      );
    }
    const page = listExecutions(database, {}, { size: 5, token: "" });
    assert.equal(page.items.length, 2);
    assert.deepEqual(all(database, {}, 5), ["n4", "n3", "n2", "n1", "n0"]);
  });
});
