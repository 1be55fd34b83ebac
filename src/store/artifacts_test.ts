import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { parseExecutionId } from "../model/id.ts";
import {
  getArtifact,
  listArtifacts,
  readArtifact,
  storeArtifact,
} from "./artifacts.ts";
import type { Database } from "./driver.ts";
import { openStore } from "./open.ts";

const EXECUTION_ID = parseExecutionId("wex-01m8283br6qq4qck0dthp47b4x");

async function withDatabase(test: (database: Database) => void): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-store-" });
  try {
    using store = openStore(`${path}/stigmer.db`, { host: systemHost() });
    test(store.database);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function store(database: Database, name: string, content: string, id = name) {
  assert.ok(EXECUTION_ID !== undefined);
  return storeArtifact(database, {
    id: `art-${id}`,
    executionId: EXECUTION_ID,
    name,
    contentType: "",
    content: new TextEncoder().encode(content),
    nowMs: 5,
  });
}

Deno.test("storeArtifact() keeps bytes once, and gives them back whole", async () => {
  await withDatabase((database) => {
    const first = store(database, "out/a.txt", "same");
    store(database, "b.txt", "same");
    assert.equal(first.sizeBytes, 4);
    assert.equal(first.contentType, "application/octet-stream");
    assert.equal(
      new TextDecoder().decode(readArtifact(database, first)),
      "same",
    );
    const count = database.prepare("SELECT count(*) AS n FROM stored_values")
      .get();
    assert.equal(count?.n, 1);
    assert.deepEqual(getArtifact(database, { id: first.id }), first);
    assert.deepEqual(
      getArtifact(database, {
        executionId: first.executionId,
        name: "out/a.txt",
      }),
      first,
    );
    assert.equal(getArtifact(database, { id: "art-none" }), undefined);
  });
});

Deno.test("storeArtifact() replaces a name and keeps its id", async () => {
  await withDatabase((database) => {
    store(database, "a", "one", "first");
    const again = store(database, "a", "two", "second");
    assert.equal(again.id, "art-first");
    assert.equal(
      new TextDecoder().decode(readArtifact(database, again)),
      "two",
    );
  });
});

Deno.test("storeArtifact() refuses names that lead out, and too many bytes", async () => {
  await withDatabase((database) => {
    for (
      const name of [
        "",
        "/etc/x",
        "../x",
        "a/../b",
        "a//b",
        "c:x",
        "a\\..\\b",
        "x\n",
        "y".repeat(256),
      ]
    ) {
      assert.throws(
        () => store(database, name, ""),
        /a name is relative/,
        name,
      );
    }
    assert.throws(
      () => store(database, "big", "x".repeat(32 * 1024 * 1024 + 1)),
      /33554432 are allowed/,
    );
  });
});

Deno.test("listArtifacts() pages by name", async () => {
  await withDatabase((database) => {
    for (const name of ["c", "a", "é", "b"]) store(database, name, name);
    const first = listArtifacts(database, EXECUTION_ID ?? "", {
      size: 3,
      token: "",
    });
    assert.deepEqual(first.items.map((it) => it.name), ["a", "b", "c"]);
    const second = listArtifacts(database, EXECUTION_ID ?? "", {
      size: 3,
      token: first.nextToken,
    });
    assert.deepEqual(second.items.map((it) => it.name), ["é"]);
    assert.equal(second.nextToken, "");
  });
});
