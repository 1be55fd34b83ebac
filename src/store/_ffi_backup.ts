/**
 * Copies a database by SQLite's own backup, a piece at a time.
 *
 * @module
 */

import { toCString } from "./_ffi_binding.ts";
import { type Connection, openConnection } from "./_ffi_connection.ts";
import { CODE, NULL } from "./_ffi_functions.ts";
import type { SqliteLibrary } from "./_ffi_library.ts";
import { FfiStatement } from "./_ffi_statement.ts";

/** Pages of one piece: some milliseconds, in which nothing else is done. */
const PIECE_PAGES = 2048;

/** Copies all pages of a file into another. */
export async function copyPages(
  library: SqliteLibrary,
  { from, to, pause }: {
    readonly from: string;
    readonly to: string;
    readonly pause: () => Promise<void>;
  },
): Promise<void> {
  const source = openConnection(library, { path: from, readonly: true });
  try {
    // What it sees stands still, so that no piece is begun anew.
    source.execute("BEGIN");
    const look = new FfiStatement(
      source,
      "SELECT count(*) AS count FROM sqlite_schema",
    );
    look.get();
    const copy = openConnection(library, { path: to });
    try {
      await step({ library, source, copy, pause });
    } finally {
      copy.close();
    }
  } finally {
    source.close();
  }
}

async function step(
  { library: { sqlite }, source, copy, pause }: {
    readonly library: SqliteLibrary;
    readonly source: Connection;
    readonly copy: Connection;
    readonly pause: () => Promise<void>;
  },
): Promise<void> {
  const main = toCString("main");
  const backup = sqlite.sqlite3_backup_init(
    copy.handle,
    main,
    source.handle,
    main,
  );
  if (backup === NULL) throw copy.errorOf(CODE.error);
  let code: number = CODE.ok;
  try {
    while (code === CODE.ok) {
      code = sqlite.sqlite3_backup_step(backup, PIECE_PAGES);
      if (code === CODE.ok) await pause();
    }
  } finally {
    const end = sqlite.sqlite3_backup_finish(backup);
    if (code === CODE.done) code = end === CODE.ok ? CODE.done : end;
  }
  if (code !== CODE.done) throw copy.errorOf(code);
}
