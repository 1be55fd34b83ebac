import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { openStore } from "./open.ts";
import { resourcesBySlug } from "./portable_rows.ts";
import { insertResource, type ResourceRow } from "./resources.ts";
import { openSnapshot } from "./snapshot.ts";

/** More than two pages. */
const COUNT = 405;

Deno.test("openSnapshot() shows what there was, and cannot write", async () => {
  const folder = await Deno.makeTempDir();
  try {
    using store = openStore(`${folder}/stigmer.db`, { host: systemHost() });
    const { database } = store;
    for (let i = 0; i < COUNT; i++) {
      insertResource(database, "Agent", agent(i));
    }
    using snapshot = openSnapshot(store.database);
    insertResource(database, "Agent", agent(COUNT));
    const slugs = [...resourcesBySlug(snapshot, "Agent")].map((it) => it.slug);
    assert.equal(slugs.length, COUNT);
    assert.deepEqual(slugs, slugs.toSorted());
    assert.equal([...resourcesBySlug(database, "Agent")].length, COUNT + 1);
    assert.throws(() => insertResource(snapshot, "Agent", agent(COUNT + 1)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function agent(i: number): ResourceRow {
  return {
    id: `agt-${i}`,
    name: `Agent ${i}`,
    slug: `agent-${i}`,
    labels: {},
    annotations: {},
    tags: [],
    version: { id: `ver-${i}`, number: 1, message: "", previousVersionId: "" },
    spec: {},
    status: {},
    createdAtMs: 0,
    updatedAtMs: 0,
    createdBy: "local-user",
    updatedBy: "local-user",
  };
}
