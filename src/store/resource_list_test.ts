import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { Database, SqlValue } from "./driver.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { standardDriver } from "./drivers.ts";
import { listResources, type ResourceListQuery } from "./resource_list.ts";
import {
  insertResource,
  type ResourceKind,
  type ResourceRow,
} from "./resources.ts";

function migrated(): Database {
  const database = standardDriver().open(":memory:");
  migrate(database, { migrations: MIGRATIONS, clock: systemHost().clock });
  return database;
}

function rowOf(
  id: string,
  createdAtMs: number,
  given: Partial<ResourceRow> = {},
): ResourceRow {
  return {
    id,
    name: id,
    slug: id,
    labels: {},
    annotations: {},
    tags: [],
    version: { id: "ver-1", number: 1, message: "", previousVersionId: "" },
    spec: {},
    status: {},
    createdAtMs,
    updatedAtMs: createdAtMs,
    createdBy: "someone",
    updatedBy: "someone",
    ...given,
  };
}

/** Says how SQLite looks for the rows of a list. */
function planOf(
  database: Database,
  kind: ResourceKind,
  query: ResourceListQuery,
): string {
  const plans: string[] = [];
  const spy: Database = {
    ...database,
    path: database.path,
    prepare: (sql) => ({
      ...database.prepare(sql),
      all(...values: readonly SqlValue[]) {
        const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(
          ...values,
        );
        plans.push(rows.map((it) => String(it.detail)).join("; "));
        return database.prepare(sql).all(...values);
      },
    }),
    execute: (sql) => database.execute(sql),
    transaction: (work) => database.transaction(work),
    unsynced: (work) => database.unsynced(work),
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  };
  listResources(spy, kind, query);
  return plans.join("\n");
}

Deno.test("listResources() is newest first, and by id within a moment", () => {
  using database = migrated();
  const rows = [
    rowOf("env-b", 2000),
    rowOf("env-c", 1000),
    rowOf("env-a", 2000),
    rowOf("env-d", 3000),
  ];
  for (const row of rows) insertResource(database, "Environment", row);
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = listResources(database, "Environment", {
      pageSize: 1,
      pageToken,
    });
    seen.push(...page.items.map((it) => it.id));
    pageToken = page.nextToken;
  } while (pageToken !== "");
  assert.deepEqual(seen, ["env-d", "env-b", "env-a", "env-c"]);
});

Deno.test("listResources() gives a row back as it was", () => {
  using database = migrated();
  const row = rowOf("env-b", Date.UTC(2026, 0, 31, 12, 0, 0, 7), {
    name: "naïve ☃",
    labels: { k: "v", '"': "\\" },
    annotations: { nul: "\0" },
    tags: ["b", "a"],
    spec: { deep: [{ nul: "\0", number: 1.5, big: 2 ** 53 - 1 }] },
    version: {
      id: "ver-2",
      number: 2,
      message: "m",
      previousVersionId: "ver-1",
    },
  });
  insertResource(database, "Environment", row);
  const { items } = listResources(database, "Environment", {
    pageSize: 0,
    pageToken: "",
  });
  assert.deepEqual(items, [row]);
});

Deno.test("listResources() matches labels exactly", () => {
  using database = migrated();
  const labels = [
    { team: "x" },
    { team: "xx" },
    { 'x"team': "x" },
    { a: '"team":"x"' },
    { "te": 'am":"x' },
    {},
  ];
  labels.forEach((it, i) =>
    insertResource(database, "Agent", rowOf(`agt-${i}`, 1000, { labels: it }))
  );
  for (const [i, match] of labels.entries()) {
    const { items } = listResources(database, "Agent", {
      pageSize: 0,
      pageToken: "",
      labels: match,
    });
    const expected = Object.keys(match).length === 0 ? labels.length : 1;
    assert.equal(items.length, expected, JSON.stringify(match));
    if (expected === 1) assert.equal(items[0]?.id, `agt-${i}`);
  }
});

Deno.test("listResources() reads by an index and sorts nothing", () => {
  using database = migrated();
  insertResource(database, "Environment", rowOf("env-a", 1000));
  insertResource(database, "Environment", rowOf("env-b", 2000));
  const { nextToken: pageToken } = listResources(database, "Environment", {
    pageSize: 1,
    pageToken: "",
  });
  const cases: readonly (readonly [ResourceKind, ResourceListQuery, string])[] =
    [
      ["Environment", { pageSize: 1, pageToken: "" }, "_by_created"],
      ["Environment", { pageSize: 1, pageToken }, "_by_created"],
      [
        "AgentInstance",
        { pageSize: 1, pageToken: "", templateId: "agt-1" },
        "_by_agent",
      ],
      [
        "WorkflowInstance",
        { pageSize: 1, pageToken: "", templateId: "wfl-1" },
        "_by_workflow",
      ],
    ];
  for (const [kind, query, index] of cases) {
    const plan = planOf(database, kind, query);
    assert.match(plan, new RegExp(`USING INDEX \\w+${index}`));
    assert.doesNotMatch(plan, /TEMP B-TREE/);
  }
});
