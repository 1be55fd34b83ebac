import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import {
  currentDataKey,
  dataKey,
  dropUnusedDataKey,
  insertDataKey,
  retireDataKeys,
} from "./data_keys.ts";
import type { Database } from "./driver.ts";
import { openStore } from "./open.ts";
import {
  copySealed,
  deleteSealed,
  putSealed,
  sealedNames,
  sealedOf,
  sealedVersion,
} from "./sealed_values.ts";
import { deleteVaultKey, insertVaultKey, vaultKeys } from "./vault_keys.ts";

const NOW = { nowMs: Date.UTC(2026, 0, 1) };

/** A database with a master key and a data key of each owner. */
function filled(owners: readonly string[]) {
  const store = openStore(":memory:", { host: fakeHost() });
  const { database } = store;
  insertVaultKey(database, {
    id: "key-1",
    state: "current",
    source: "key-file",
    location: "somewhere",
    checkValue: new Uint8Array([1]),
    createdAtMs: NOW.nowMs,
  });
  for (const owner of owners) {
    insertDataKey(database, dataKeyOf(owner), NOW);
    put(database, owner, { alias: "TOKEN" });
  }
  return { database, [Symbol.dispose]: () => store.close() };
}

function dataKeyOf(ownerId: string, id = `dky-${ownerId}`) {
  return { id, ownerId, keyId: "key-1", wrapped: new Uint8Array([2]) };
}

function put(
  database: Database,
  ownerId: string,
  options: { alias: string; version?: number; dataKeyId?: string },
): void {
  const { alias, version = 1, dataKeyId = `dky-${ownerId}` } = options;
  putSealed(database, {
    ownerId,
    alias,
    originId: ownerId,
    name: alias,
    version,
    dataKeyId,
    sealed: new Uint8Array([3, version]),
  }, NOW);
}

Deno.test("sealedOf() gives the values of an owner by name, with their data keys", () => {
  using it = filled(["env-1", "env-2"]);
  put(it.database, "env-1", { alias: "A" });
  const values = sealedOf(it.database, "env-1");
  deepStrictEqual(values.map(({ alias }) => alias), ["A", "TOKEN"]);
  deepStrictEqual(values[0]?.dataKey, dataKeyOf("env-1"));
  const some = sealedOf(it.database, "env-1", ["TOKEN", "UNKNOWN"]);
  deepStrictEqual(some.map(({ alias }) => alias), ["TOKEN"]);
  deepStrictEqual(sealedOf(it.database, "env-3"), []);
  deepStrictEqual(sealedNames(it.database, "env-1"), ["A", "TOKEN"]);
});

Deno.test("putSealed() takes the place of the value of its name", () => {
  using it = filled(["env-1"]);
  put(it.database, "env-1", { alias: "TOKEN", version: 2 });
  strictEqual(sealedVersion(it.database, "env-1", "TOKEN"), 2);
  strictEqual(sealedVersion(it.database, "env-1", "UNKNOWN"), 0);
  deepStrictEqual(
    sealedOf(it.database, "env-1").map(({ sealed }) => [...sealed]),
    [[3, 2]],
  );
});

Deno.test("copySealed() hands values on as they are, over those of the same name", () => {
  using it = filled(["env-1", "wex-1"]);
  copySealed(it.database, { from: "env-1", to: "wex-1", names: ["TOKEN"] });
  const [handed] = sealedOf(it.database, "wex-1");
  deepStrictEqual(
    [handed?.originId, handed?.dataKey?.ownerId],
    ["env-1", "env-1"],
  );
  throws(
    () =>
      copySealed(it.database, { from: "env-1", to: "wex-1", names: ["GONE"] }),
    { code: "ABORTED", message: /secret "GONE" of "env-1"/ },
  );
});

Deno.test("copySealed() hands on no value that was put into another's place", () => {
  for (const column of ["origin_id", "name"]) {
    using it = filled(["env-1", "env-2"]);
    it.database.prepare(
      `UPDATE sealed_values SET ${column} = 'env-2' WHERE owner_id = 'env-1'`,
    ).run();
    throws(
      () =>
        copySealed(it.database, {
          from: "env-1",
          to: "wex-1",
          names: ["TOKEN"],
        }),
      { code: "DATA_LOSS", message: /secret "TOKEN" of "env-1"/ },
    );
    deepStrictEqual(sealedOf(it.database, "wex-1"), []);
  }
});

Deno.test("deleteSealed() leaves a data key that others need, until they are gone", () => {
  using it = filled(["env-1", "wex-1"]);
  const { database } = it;
  copySealed(database, { from: "env-1", to: "wex-1", names: ["TOKEN"] });
  deleteSealed(database, "env-1");
  strictEqual(currentDataKey(database, "env-1"), undefined, "it is retired");
  deepStrictEqual(dataKey(database, "dky-env-1"), dataKeyOf("env-1"));
  deleteSealed(database, "wex-1");
  strictEqual(dataKey(database, "dky-env-1"), undefined);
  strictEqual(dataKey(database, "dky-wex-1"), undefined);
  // Nothing is in the way of the master key any more.
  deleteVaultKey(database, "key-1");
  deepStrictEqual(vaultKeys(database), []);
});

Deno.test("deleteSealed() of an owner that has nothing is fine", () => {
  using it = filled(["env-1"]);
  deleteSealed(it.database, "env-9");
  deleteSealed(it.database, "env-1", ["UNKNOWN"]);
  deepStrictEqual(sealedNames(it.database, "env-1"), ["TOKEN"]);
});

Deno.test("a data key is dropped only when nothing is sealed under it", () => {
  using it = filled(["env-1"]);
  const { database } = it;
  dropUnusedDataKey(database, "dky-env-1");
  deepStrictEqual(currentDataKey(database, "env-1"), dataKeyOf("env-1"));
  retireDataKeys(database, "env-1");
  insertDataKey(database, dataKeyOf("env-1", "dky-new"), NOW);
  strictEqual(currentDataKey(database, "env-1")?.id, "dky-new");
  // A second one in use is refused.
  throws(() => insertDataKey(database, dataKeyOf("env-1", "dky-other"), NOW));
  put(database, "env-1", { alias: "TOKEN", dataKeyId: "dky-new" });
  dropUnusedDataKey(database, "dky-env-1");
  strictEqual(dataKey(database, "dky-env-1"), undefined);
});
