import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { openStore, type Store } from "./open.ts";
import { insertSkillFiles } from "./skill_files.ts";

const FILE_SIZE_BYTES = 64 * 1024;

/** Opens the store, does something with it and closes it. */
function withStore<T>(folder: string, work: (store: Store) => T): T {
  using store = openStore(`${folder}/stigmer.db`, { host: systemHost() });
  return work(store);
}

async function inFolder(work: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Stores some files and deletes all but one. */
function fillAndDelete({ database }: Store, count: number): void {
  const content = new Uint8Array(FILE_SIZE_BYTES);
  const files = Array.from(
    { length: count },
    (_, i) => ({ path: `f${i}`, content }),
  );
  insertSkillFiles(database, "hash", files);
  database.prepare("DELETE FROM skill_files WHERE path <> 'f0'").run();
}

Deno.test("Store.close() gives back what large deletes left free", async () => {
  await inFolder((folder) => {
    const full = withStore(folder, (store) => {
      fillAndDelete(store, 100);
      return store.sizeBytes();
    });
    const after = withStore(folder, (store) => store.sizeBytes());
    assert.ok(full > 100 * FILE_SIZE_BYTES);
    assert.ok(after < full / 4, `${after} of ${full} bytes are left`);
    withStore(folder, ({ database }) => {
      const [integrity] = database.prepare("PRAGMA integrity_check").all();
      assert.equal(integrity?.integrity_check, "ok");
      const row = database.prepare("SELECT path FROM skill_files").get();
      assert.equal(row?.path, "f0");
    });
  });
});

Deno.test("Store.close() leaves small gaps to be used again", async () => {
  await inFolder((folder) => {
    const full = withStore(folder, (store) => {
      fillAndDelete(store, 8);
      return store.sizeBytes();
    });
    assert.equal(withStore(folder, (store) => store.sizeBytes()), full);
  });
});

Deno.test("Store.close() does not wait for another process that writes", async () => {
  await inFolder((folder) => {
    withStore(folder, (writer) => {
      const store = openStore(`${folder}/stigmer.db`, { host: systemHost() });
      fillAndDelete(store, 100);
      writer.database.transaction(() => store.close());
    });
  });
});
