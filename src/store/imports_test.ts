import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import {
  deleteImport,
  finishImport,
  importById,
  insertStaged,
  stagedChecksum,
  stagedChecksums,
  stagedRecords,
  touchImport,
} from "./imports.ts";
import { openStore, type Store } from "./open.ts";

const COUNT = 450;

Deno.test("records that are staged come back in order, page by page", async () => {
  await withStore(({ database }) => {
    stage(database, "a", COUNT);
    stage(database, "b", 1);
    assert.deepEqual(importById(database, "a"), {
      id: "a",
      stagedCount: COUNT,
    });
    const positions = [...stagedRecords(database, "a")].map((it) =>
      it.position
    );
    assert.deepEqual(positions, Array.from({ length: COUNT }, (_, i) => i));
    assert.equal([...stagedChecksums(database, "a")].length, COUNT);
    assert.equal(stagedChecksum(database, "a", 7), "sum-7");
    assert.equal(stagedChecksum(database, "a", COUNT), undefined);
    assert.equal(importById(database, "c"), undefined);
  });
});

Deno.test("a finished import keeps its answer alone, a deleted one nothing", async () => {
  await withStore(({ database }) => {
    stage(database, "a", 3);
    const committed = { results: [], committed: true };
    finishImport(database, "a", { committed, nowMs: 2 });
    assert.deepEqual(importById(database, "a"), {
      id: "a",
      stagedCount: 0,
      committed,
    });
    assert.deepEqual([...stagedRecords(database, "a")], []);
    deleteImport(database, "a");
    assert.equal(importById(database, "a"), undefined);
    // What nobody knows is forgotten as well.
    deleteImport(database, "a");
  });
});

function stage(
  database: Store["database"],
  id: string,
  count: number,
): void {
  touchImport(database, { id, identity: "local-user", nowMs: 1 });
  for (let position = 0; position < count; position++) {
    insertStaged(database, id, {
      position,
      kind: "Agent",
      name: `agent-${position}`,
      checksum: `sum-${position}`,
      document: "{}",
    });
  }
}

async function withStore(work: (store: Store) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using store = openStore(`${folder}/stigmer.db`, { host: systemHost() });
    work(store);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
