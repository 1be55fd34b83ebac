import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { StigmerError } from "../model/error.ts";
import { checksum } from "./checksum.ts";
import { migrate } from "./migrate.ts";
import { type Migration, MIGRATIONS } from "./migrations.ts";
import { standardDriver } from "./drivers.ts";

const { clock } = systemHost();
const [FIRST] = MIGRATIONS;
assert.ok(FIRST);
const SECOND: Migration = {
  version: 2,
  description: "more",
  sql: "CREATE TABLE more (x); INSERT INTO more VALUES (1);",
};

Deno.test("MIGRATIONS count from 1 without gaps", () => {
  assert.deepEqual(
    MIGRATIONS.map((it) => it.version),
    MIGRATIONS.map((_, i) => i + 1),
  );
});

Deno.test("MIGRATIONS have the checksums of their statements", () => {
  for (const { sql, checksum: known } of MIGRATIONS) {
    assert.equal(known, checksum(sql));
  }
});

Deno.test("migrate() runs what is lacking, once, and records it", () => {
  using database = standardDriver().open(":memory:");
  const run = (migrations: readonly Migration[]) =>
    migrate(database, { migrations, clock });
  assert.equal(run([FIRST]), 1);
  assert.equal(run([FIRST, SECOND]), 2);
  assert.equal(run([FIRST, SECOND]), 2);
  const count = database.prepare("SELECT count(*) AS n FROM more").get()?.n;
  assert.equal(count, 1);
  const rows = database.prepare(
    "SELECT version, description, applied_at, checksum FROM schema_version",
  ).all();
  assert.deepEqual(rows.map((it) => it.description), [
    FIRST.description,
    SECOND.description,
  ]);
  for (const row of rows) {
    assert.match(String(row.applied_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.match(String(row.checksum), /^[0-9a-f]{16}$/);
  }
});

Deno.test("migrate() keeps nothing of a migration that fails", () => {
  using database = standardDriver().open(":memory:");
  const broken = { ...SECOND, sql: "CREATE TABLE half (x); SELECT nothing;" };
  assert.throws(
    () => migrate(database, { migrations: [FIRST, broken], clock }),
    (error) => error instanceof StigmerError && /nothing/.test(error.message),
  );
  assert.throws(() => database.prepare("SELECT * FROM half"), /half/);
  assert.equal(migrate(database, { migrations: [FIRST, SECOND], clock }), 2);
});

Deno.test("migrate() takes the line ends of Windows for the same", () => {
  using database = standardDriver().open(":memory:");
  migrate(database, { migrations: [FIRST], clock });
  const { checksum: _, ...first } = FIRST;
  const windows = { ...first, sql: first.sql.replaceAll("\n", "\r\n") };
  assert.equal(migrate(database, { migrations: [windows], clock }), 1);
});
