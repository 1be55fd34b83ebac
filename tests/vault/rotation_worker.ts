/**
 * A process that rotates the master key of a folder and dies at one of the
 * moments at which it has to do with the outside: before or after it asks the
 * database, the place of the keys, or chance.
 *
 * Usage: rotation_worker.ts FOLDER MOMENT, where 0 lets it live; then it says
 * how many moments there are.
 *
 * @module
 */

import { rotateMasterKey } from "../../src/backend/vault_rotation.ts";
import type { Database } from "../../src/store/driver.ts";
import type { KeySource } from "../../src/vault/key_source.ts";
import { openVaultHome } from "./rotation_home.ts";

const [folder = "", moment = "0"] = Deno.args;
let passed = 0;

/** Counts a moment, and dies at the one that was asked for. */
function pass(): void {
  passed++;
  if (passed === Number(moment)) Deno.kill(Deno.pid, "SIGKILL");
}

function around<T>(work: () => T): T {
  pass();
  const result = work();
  pass();
  return result;
}

async function aroundAsync<T>(work: () => Promise<T>): Promise<T> {
  pass();
  const result = await work();
  pass();
  return result;
}

function mortalDatabase(inner: Database): Database {
  return {
    path: inner.path,
    driver: inner.driver,
    prepare(sql) {
      const statement = inner.prepare(sql);
      return {
        run: (...values) => around(() => statement.run(...values)),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      };
    },
    execute: (sql) => inner.execute(sql),
    transaction: (work) => around(() => inner.transaction(work)),
    unsynced: (work) => around(() => inner.unsynced(work)),
    close: () => inner.close(),
    [Symbol.dispose]: () => inner.close(),
  };
}

function mortalSource(inner: KeySource): KeySource {
  return {
    ...inner,
    read: (id) => aroundAsync(() => inner.read(id)),
    write: (id, key) => aroundAsync(() => inner.write(id, key)),
    remove: (id) => aroundAsync(() => inner.remove(id)),
  };
}

using home = openVaultHome(folder);
const { host, store, keySources = [] } = home;
await rotateMasterKey({
  host: {
    ...host,
    random: {
      ...host.random,
      bytes: (length) => around(() => host.random.bytes(length)),
    },
  },
  store: { ...store, database: mortalDatabase(store.database) },
  keySources: keySources.map(mortalSource),
}, { forgetOld: true });
console.log(passed);
