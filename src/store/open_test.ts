import assert from "node:assert/strict";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import { StigmerError } from "../model/error.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Driver } from "./driver.ts";
import { standardDriver } from "./drivers.ts";
import { NODE_DRIVER } from "./node_driver.ts";
import { openStore } from "./open.ts";

const host = systemHost();

/** A folder that is removed with what is in it. */
function temporaryFolder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** Opens what must not open, and checks code, message and hints. */
function refuses(
  path: string,
  expected: { readonly code: string; readonly text: RegExp },
  options: { readonly host?: Host; readonly driver?: Driver } = {},
): void {
  try {
    openStore(path, { host, ...options }).close();
  } catch (error) {
    assert.ok(error instanceof StigmerError, String(error));
    assert.equal(error.code, expected.code, error.message);
    assert.match(error.message, expected.text);
    assert.ok(error.message.includes(path), error.message);
    assert.ok(error.hints.length > 0, "has a way out");
    return;
  }
  assert.fail("it opened");
}

/** Checks that a file is refused and stays as it is, alone in its folder. */
function refusesUntouched(
  path: string,
  expected: { readonly code: string; readonly text: RegExp },
): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const names = () => [...Deno.readDirSync(folder)].map((it) => it.name).sort();
  const before = { bytes: Deno.readFileSync(path), names: names() };
  refuses(path, expected);
  assert.deepEqual({ bytes: Deno.readFileSync(path), names: names() }, before);
}

Deno.test("openStore() makes a private file in a private folder", () => {
  using folder = temporaryFolder();
  const home = `${folder.path}/a/home`;
  using store = openStore(`${home}/stigmer.db`, { host });
  assert.equal(store.schemaVersion, MIGRATIONS.at(-1)?.version);
  assert.match(store.engine, /^SQLite 3\.\d+\.\d+$/);
  assert.ok(store.sizeBytes() > 0);
  if (Deno.build.os === "windows") return;
  const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
  assert.equal(mode(home), 0o700);
  for (const { name } of Deno.readDirSync(home)) {
    assert.equal(mode(`${home}/${name}`), 0o600, name);
  }
});

Deno.test("openStore() sets what the file must have", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/stigmer.db`, { host });
  const pragma = (name: string) =>
    store.database.prepare(`PRAGMA ${name}`).get()?.[name];
  assert.equal(pragma("journal_mode"), "wal");
  assert.equal(pragma("synchronous"), 2);
  assert.equal(pragma("auto_vacuum"), 2);
  assert.equal(pragma("foreign_keys"), 1);
});

Deno.test("openStore() makes the twelve tables with checked JSON", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/stigmer.db`, { host });
  const { database } = store;
  const tables = [
    "agents",
    "agent_instances",
    "workflows",
    "workflow_instances",
    "sessions",
    "agent_executions",
    "workflow_executions",
    "environments",
    "execution_contexts",
    "skills",
    "mcp_servers",
  ];
  for (const table of [...tables, "api_resource_versions", "schema_version"]) {
    assert.ok(database.prepare(`SELECT count(*) FROM ${table}`).get(), table);
  }
  for (const table of tables) {
    const slug = table.endsWith("_executions") ? "" : ", slug";
    const insert = database.prepare(
      `INSERT INTO ${table} (id, name${slug}, spec, status, created_at, updated_at)
       VALUES ('x-1', 'n'${slug && ", 's'"}, ?, ?, 't', 't')`,
    );
    assert.throws(() => insert.run("{", "{}"), /CHECK|malformed JSON/);
    assert.throws(() => insert.run("{}", "no"), /CHECK|malformed JSON/);
    assert.equal(insert.run("{}", "{}").changes, 1);
  }
});

Deno.test("an execution's columns follow its spec and status", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/stigmer.db`, { host });
  const { database } = store;
  const spec = JSON.stringify({
    instanceId: "win-1",
    resourceId: "wfl-1",
    parentExecutionId: "wex-0",
  });
  database.prepare(
    `INSERT INTO workflow_executions
       (id, name, spec, status, created_at, updated_at)
     VALUES ('wex-1', 'n', ?, '{"phase":"PENDING"}', 't', 't')`,
  ).run(spec);
  const select = database.prepare("SELECT * FROM workflow_executions");
  const row = select.get();
  assert.equal(row?.workflow_instance_id, "win-1");
  assert.equal(row?.resource_id, "wfl-1");
  assert.equal(row?.parent_execution_id, "wex-0");
  assert.equal(row?.slug, "wex-1");
  assert.equal(row?.phase, "PENDING");
  database.prepare(`UPDATE workflow_executions SET status = ?`)
    .run('{"phase":"RUNNING"}');
  assert.equal(select.get()?.phase, "RUNNING");
});

Deno.test("openStore() opens again what it made, and changes nothing", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  openStore(path, { host }).close();
  const before = Deno.readFileSync(path);
  openStore(path, { host }).close();
  assert.deepEqual(Deno.readFileSync(path), before);
});

/** Another copy of SQLite, as far as it can be told from the outside. */
const OTHER_DRIVER: Driver = {
  ...NODE_DRIVER,
  name: "ffi",
  library: "/opt/sqlite/libsqlite3.so",
};

Deno.test("openStore() lets no two drivers at one file in one process", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  const expected = {
    code: "FAILED_PRECONDITION",
    text: /with driver "ffi" .*has it open with driver "node"$/,
  };
  const other = { driver: OTHER_DRIVER };
  const first = openStore(path, { host, driver: NODE_DRIVER });
  refuses(path, expected, other);
  const second = openStore(path, { host, driver: { ...NODE_DRIVER } });
  first.close();
  first.close();
  refuses(path, expected, other);
  if (Deno.build.os !== "windows") {
    const linked = `${folder.path}/linked.db`;
    Deno.symlinkSync(path, linked);
    refuses(linked, expected, other);
  }
  openStore(`${folder.path}/next.db`, { host, ...other }).close();
  second.close();
  openStore(path, { host, ...other }).close();
});

Deno.test("openStore() of one library leaves no room for another one", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  using _first = openStore(path, { host, driver: OTHER_DRIVER });
  refuses(path, {
    code: "FAILED_PRECONDITION",
    text: /driver "ffi" \("\/usr\/b\.so"\).*driver "ffi" \("\/opt\/.*\.so"\)$/,
  }, { driver: { ...OTHER_DRIVER, library: "/usr/b.so" } });
});

Deno.test("openStore() that failed leaves the file to any driver", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  Deno.writeTextFileSync(path, "Some notes\n".repeat(1000));
  assert.throws(() => openStore(path, { host, driver: NODE_DRIVER }));
  Deno.writeTextFileSync(path, "");
  openStore(path, { host, driver: OTHER_DRIVER }).close();
});

Deno.test("openStore() takes an empty file for a new database", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  Deno.writeTextFileSync(path, "");
  using store = openStore(path, { host });
  assert.ok(store.schemaVersion > 0);
});

Deno.test("openStore() leaves a database of another application alone", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/other.db`;
  const other = standardDriver().open(path);
  other.execute("CREATE TABLE songs (title); INSERT INTO songs VALUES ('x')");
  other.close();
  refusesUntouched(path, {
    code: "FAILED_PRECONDITION",
    text: /another application/,
  });
});

Deno.test("openStore() leaves a file alone that is no database", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/notes.txt`;
  Deno.writeTextFileSync(path, "Some notes\n".repeat(1000));
  refusesUntouched(path, {
    code: "FAILED_PRECONDITION",
    text: /not an SQLite database/,
  });
});

Deno.test("openStore() says when the database is of a newer release", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  const store = openStore(path, { host });
  store.database.prepare(
    "INSERT INTO schema_version VALUES (999, 't', 'from the future', 'x')",
  ).run();
  store.close();
  refusesUntouched(path, {
    code: "FAILED_PRECONDITION",
    text: /schema version 999, and this release of Stigmer knows \d+/,
  });
});

Deno.test("openStore() says when a migration was another one", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  const store = openStore(path, { host });
  store.database.prepare(
    "UPDATE schema_version SET checksum = 'other' WHERE version = 1",
  ).run();
  store.close();
  refusesUntouched(path, {
    code: "FAILED_PRECONDITION",
    text: /migration 1 .* checksum differs/,
  });
});

Deno.test("openStore() says when the file is corrupt", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/stigmer.db`;
  openStore(path, { host }).close();
  const bytes = Deno.readFileSync(path);
  // The schema is on the first page, past the header that stays right.
  bytes.fill(0xa5, 100, 4096);
  Deno.writeFileSync(path, bytes);
  refusesUntouched(path, { code: "DATA_LOSS", text: /corrupt/ });
});

Deno.test("openStore() says when the path is a folder", () => {
  using folder = temporaryFolder();
  refuses(folder.path, { code: "INVALID_ARGUMENT", text: /is a folder/ });
});

Deno.test("openStore() says when a part of the path is a file", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "x");
  refuses(`${folder.path}/file/home/stigmer.db`, {
    code: "INVALID_ARGUMENT",
    text: /is a file/,
  });
});

Deno.test("openStore() says what the file system refuses", () => {
  const cases: readonly (readonly [Error, string, RegExp])[] = [
    [new Deno.errors.PermissionDenied("no"), "PERMISSION_DENIED", /denied/],
    [new Deno.errors.NotCapable("no"), "PERMISSION_DENIED", /may not/],
    [
      new Deno.errors.NotCapable(
        'Requires all access to "/proc/x", run again with the --allow-all flag',
      ),
      "PERMISSION_DENIED",
      /place is one of the system, where nothing can be kept/,
    ],
    [withCode("EROFS"), "FAILED_PRECONDITION", /read-only/],
    [withCode("ENOSPC"), "RESOURCE_EXHAUSTED", /full/],
    [withCode("EDQUOT"), "RESOURCE_EXHAUSTED", /quota/],
  ];
  for (const [error, code, text] of cases) {
    const files = {
      ...host.files,
      stat: () => undefined,
      makeDirectory: () => {
        throw error;
      },
    };
    refuses("/nowhere/home/stigmer.db", { code, text }, {
      host: { ...host, files },
    });
  }
});

function withCode(code: string): Error {
  return Object.assign(new Error(`${code} (os error)`), { code });
}
