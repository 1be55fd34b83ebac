import { match, strictEqual } from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { standardDriver } from "./drivers.ts";
import { openStore } from "./open.ts";
import { countPending, writeTrouble } from "./probe.ts";

async function inFile(body: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    body(`${folder}/stigmer.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeTrouble() has none where one can write", async () => {
  await inFile((path) => {
    using store = openStore(path, { host: systemHost() });
    strictEqual(writeTrouble(store.database), undefined);
    // And leaves the wait for others as it was.
    strictEqual(
      store.database.prepare("PRAGMA busy_timeout").get()?.timeout,
      5000,
    );
  });
});

Deno.test("writeTrouble() does not wait for another who writes", async () => {
  await inFile((path) => {
    using store = openStore(path, { host: systemHost() });
    using other = standardDriver().open(path);
    other.prepare("BEGIN IMMEDIATE").run();
    const startedMs = performance.now();
    strictEqual(writeTrouble(store.database), undefined);
    strictEqual(performance.now() - startedMs < 1000, true);
    other.prepare("ROLLBACK").run();
  });
});

Deno.test("writeTrouble() names what keeps one from writing", async () => {
  await inFile((path) => {
    openStore(path, { host: systemHost() }).close();
    using database = standardDriver().open(path, { readonly: true });
    match(writeTrouble(database) ?? "", /cannot be written/);
  });
});

Deno.test("countPending() of an empty store is none", async () => {
  await inFile((path) => {
    using store = openStore(path, { host: systemHost() });
    strictEqual(countPending(store.database), 0);
  });
});
