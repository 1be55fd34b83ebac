/**
 * A process that opens the store of a home and says what it got, or the code
 * and message of the error.
 *
 * @module
 */

import "../../standard_driver.ts";
import { systemHost } from "../../../src/host/system.ts";
import { messageOf, StigmerError } from "../../../src/model/error.ts";
import type { Database } from "../../../src/store/driver.ts";
import { openStore } from "../../../src/store/open.ts";

/** Writes megabytes in one transaction until it is done or the disk is full. */
function fill(database: Database, megabytes: number): void {
  const insert = database.prepare(
    "INSERT INTO skill_files (content_hash, path, content) VALUES (?, ?, ?)",
  );
  database.transaction(() => {
    for (let i = 0; i < megabytes; i++) {
      insert.run("fill", String(i), new Uint8Array(1024 * 1024));
    }
  });
}

const [path = "", megabytes = "0", startAtMs = "0"] = Deno.args;
// Processes that are given one moment open at once, however long they took.
const waitMs = Number(startAtMs) - Date.now();
await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
try {
  using store = openStore(path, { host: systemHost() });
  fill(store.database, Number(megabytes));
  console.log(`ok ${store.schemaVersion}`);
} catch (error) {
  const code = error instanceof StigmerError ? error.code : "UNCAUGHT";
  const hints = error instanceof StigmerError ? error.hints : [];
  console.log(`${code} ${messageOf(error)} | ${hints.join("; ")}`);
}
