/**
 * Brings a database to the newest schema: each migration in one transaction
 * of its own, re-checked inside it, so that any number of processes may start
 * at once.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Clock } from "../host/host.ts";
import { checksum } from "./checksum.ts";
import type { Database } from "./driver.ts";
import type { Migration } from "./migrations.ts";
import { timeText } from "./time.ts";

/** What a migration needs besides the database. */
export interface MigrateOptions {
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
}

/** Marks a file as Stigmer's in its header: "STGM". */
export const APPLICATION_ID = 0x5354474d;

const HAS_VERSIONS =
  "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'";
const READ_VERSIONS =
  "SELECT version, checksum FROM schema_version ORDER BY version";
const INSERT_VERSION =
  `INSERT INTO schema_version (version, applied_at, description, checksum)
   VALUES (?, ?, ?, ?)`;

/**
 * Runs the migrations that the database lacks.
 *
 * @returns The version it has now.
 * @throws {StigmerError} when the database is of a newer release, or when a
 * migration that it has was another one; nothing is changed then.
 */
export function migrate(database: Database, options: MigrateOptions): number {
  for (const migration of pending(database, options.migrations)) {
    apply(database, migration, options);
  }
  return options.migrations.at(-1)?.version ?? 0;
}

/** Applies a migration unless another process was faster. */
function apply(
  database: Database,
  migration: Migration,
  { migrations, clock }: MigrateOptions,
): void {
  database.transaction(() => {
    if (!pending(database, migrations).includes(migration)) return;
    database.execute(migration.sql);
    database.execute(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.prepare(INSERT_VERSION).run(
      migration.version,
      timeText(clock.now()),
      migration.description,
      checksumOf(migration),
    );
  });
}

/** Says which migrations a database lacks, after a check of those it has. */
function pending(
  database: Database,
  migrations: readonly Migration[],
): readonly Migration[] {
  if (database.prepare(HAS_VERSIONS).get() === undefined) return migrations;
  const applied = new Map(
    database.prepare(READ_VERSIONS).all().map((row) => [
      Number(row.version),
      String(row.checksum),
    ]),
  );
  const newest = migrations.at(-1)?.version ?? 0;
  for (const version of applied.keys()) {
    if (version > newest) throw newerRelease(database.path, version, newest);
  }
  return migrations.filter((it) => {
    const recorded = applied.get(it.version);
    if (recorded === undefined) return true;
    if (recorded === checksumOf(it)) return false;
    throw otherMigration(database.path, it);
  });
}

function checksumOf(migration: Migration): string {
  return migration.checksum ?? checksum(migration.sql);
}

function newerRelease(
  path: string,
  found: number,
  known: number,
): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot open database "${path}": it has schema version ${found}, ` +
      `and this release of Stigmer knows ${known} at the most`,
    {
      hints: [
        "Install the newer release that wrote it, or choose another --home",
      ],
    },
  );
}

function otherMigration(path: string, migration: Migration): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot open database "${path}": its migration ${migration.version} ` +
      `(${migration.description}) is not the one of this release, ` +
      `as its checksum differs`,
    {
      hints: [
        "Use the release or build that made the database, or choose another --home",
      ],
    },
  );
}
