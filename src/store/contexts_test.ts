import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { newExecution } from "../../tests/engine/fixture.ts";
import {
  deleteContext,
  insertContext,
  readReferences,
  sweepContexts,
} from "./contexts.ts";
import { insertDataKey } from "./data_keys.ts";
import type { Database } from "./driver.ts";
import { insertExecution, writeStatus } from "./executions.ts";
import { openStore } from "./open.ts";
import { putSealed, sealedNames } from "./sealed_values.ts";
import { insertVaultKey } from "./vault_keys.ts";

const NOW = { nowMs: 1 };
const BYTES = new Uint8Array([1, 2, 3]);

/** A store in which an environment has the secret A. */
async function withStore(work: (database: Database) => void): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-contexts-" });
  try {
    using store = openStore(`${path}/stigmer.db`, { host: systemHost() });
    const { database } = store;
    insertVaultKey(database, {
      id: "key-1",
      state: "current",
      source: "key-file",
      location: "",
      checkValue: BYTES,
      createdAtMs: 1,
    });
    insertDataKey(database, {
      id: "dky-1",
      ownerId: "env-1",
      keyId: "key-1",
      wrapped: BYTES,
    }, NOW);
    putSealed(database, {
      ownerId: "env-1",
      alias: "A",
      originId: "env-1",
      name: "A",
      version: 1,
      dataKeyId: "dky-1",
      sealed: BYTES,
    }, NOW);
    work(database);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("a context is handed what is sealed as it is, and takes it along", async () => {
  await withStore((database) => {
    const execution = newExecution("it");
    const references = {
      B: { kind: "env", place: "VAR", origin: "env-1" },
    } as const;
    const copies = new Map([["env-1", ["A"]]]);
    insertContext(database, execution.id, { copies, references, nowMs: 1 });
    deepStrictEqual(sealedNames(database, execution.id), ["A"]);
    deepStrictEqual(readReferences(database, execution.id), references);
    deleteContext(database, execution.id);
    deepStrictEqual(sealedNames(database, execution.id), []);
    deepStrictEqual(readReferences(database, execution.id), {});
    deepStrictEqual(sealedNames(database, "env-1"), ["A"]);
  });
});

Deno.test("what was deleted meanwhile cannot be handed on", async () => {
  await withStore((database) => {
    const { id } = newExecution("it");
    const copies = new Map([["env-1", ["A", "GONE"]]]);
    throws(
      () =>
        database.transaction(() =>
          insertContext(database, id, { copies, references: {}, nowMs: 1 })
        ),
      /Cannot hand on secret "GONE" of "env-1": it was deleted meanwhile/,
    );
    deepStrictEqual(sealedNames(database, id), []);
  });
});

Deno.test("sweepContexts() deletes the contexts of what has ended, and no other", async () => {
  await withStore((database) => {
    const [live, ended, gone] = [0, 1, 2].map(() => newExecution("it"));
    if (!live || !ended || !gone) throw new Error("none");
    const copies = new Map([["env-1", ["A"]]]);
    for (const it of [live, ended, gone]) {
      if (it !== gone) insertExecution(database, it, NOW);
      insertContext(database, it.id, { copies, references: {}, nowMs: 1 });
    }
    writeStatus(database, ended.id, {
      status: { phase: "COMPLETED" },
      nowMs: 2,
    });
    strictEqual(sweepContexts(database), 2);
    deepStrictEqual(
      [live, ended, gone].map((it) => sealedNames(database, it.id).length),
      [1, 0, 0],
    );
    strictEqual(sweepContexts(database), 0);
  });
});
