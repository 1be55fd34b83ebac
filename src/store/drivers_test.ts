import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import type { Database, Driver, SqlValue } from "./driver.ts";
import { sqliteCode } from "./sqlite_error.ts";
import { overDrivers } from "../../tests/drivers.ts";

function memory(driver: Driver): Database {
  const database = driver.open(":memory:");
  database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x, u TEXT UNIQUE)");
  return database;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StigmerError, String(error));
    return error.code;
  }
  return "nothing";
}

overDrivers("Statement keeps a value as what it is", (driver) => {
  using database = memory(driver);
  const cases: readonly (readonly [SqlValue, string, SqlValue])[] = [
    [2, "integer", 2],
    [-0.5, "real", -0.5],
    [1e300, "real", 1e300],
    [Number.MAX_SAFE_INTEGER, "integer", Number.MAX_SAFE_INTEGER],
    [7n, "integer", 7],
    [null, "null", null],
    ["naïve ☃ 👩‍🚀", "text", "naïve ☃ 👩‍🚀"],
    ["", "text", ""],
    [new Uint8Array([0, 1, 255]), "blob", new Uint8Array([0, 1, 255])],
  ];
  for (const [value, type, expected] of cases) {
    const row = database.prepare("SELECT ? AS value, typeof(?) AS type")
      .get(value, value);
    assert.deepEqual({ ...row }, { value: expected, type });
  }
});

overDrivers(
  "Statement keeps an integer in JSON without a fraction",
  (driver) => {
    using database = memory(driver);
    const row = database.prepare("SELECT json_set('{}', '$.n', ?) AS json").get(
      2,
    );
    assert.equal(row?.json, '{"n":2}');
  },
);

overDrivers(
  "Statement refuses what SQLite would take for something else",
  (driver) => {
    using database = memory(driver);
    const insert = database.prepare("INSERT INTO t (x, u) VALUES (?, ?)");
    assert.equal(codeOf(() => insert.run("a\0b", "u")), "INVALID_ARGUMENT");
    assert.equal(codeOf(() => insert.run(NaN, "u")), "INTERNAL");
    assert.equal(codeOf(() => insert.run("one value")), "INTERNAL");
    assert.equal(codeOf(() => insert.run("a", "b", "c")), "INTERNAL");
    const odd: unknown[] = [undefined, true, new Date(0), { x: 1 }, () => 1];
    for (const value of odd) {
      assert.equal(
        codeOf(() => insert.run(value as SqlValue, "u")),
        "INTERNAL",
      );
    }
    assert.equal(database.prepare("SELECT count(*) AS n FROM t").get()?.n, 0);
  },
);

overDrivers("prepare() counts only the parameters that are some", (driver) => {
  using database = memory(driver);
  const cases: readonly (readonly [string, readonly SqlValue[]])[] = [
    ["SELECT '?' AS x, ? AS y -- ?", [1]],
    ["SELECT 1 AS \"?\", 'it''s ?' AS z", []],
    ["SELECT ?1 AS x, ?2 AS y, ?1 AS z", [1, 2]],
  ];
  for (const [sql, values] of cases) {
    assert.ok(database.prepare(sql).get(...values), sql);
  }
});

overDrivers(
  "prepare() keeps statements, and a bounded number of them",
  (driver) => {
    using database = memory(driver);
    const first = database.prepare("SELECT 0 AS x");
    assert.equal(database.prepare("SELECT 0 AS x"), first);
    for (let i = 0; i < 300; i++) database.prepare(`SELECT ${i} AS y`).get();
    assert.notEqual(database.prepare("SELECT 0 AS x"), first);
    assert.equal(first.get()?.x, 0);
  },
);

overDrivers("transaction() keeps all or nothing", (driver) => {
  using database = memory(driver);
  const insert = database.prepare("INSERT INTO t (id) VALUES (?)");
  const count = () => database.prepare("SELECT count(*) AS n FROM t").get()?.n;
  assert.equal(database.transaction(() => insert.run(1).changes), 1);
  assert.throws(() =>
    database.transaction(() => {
      insert.run(2);
      throw new RangeError("no");
    }), RangeError);
  assert.equal(count(), 1);
  database.transaction(() => database.transaction(() => insert.run(3)));
  assert.throws(() =>
    database.transaction(() => {
      database.transaction(() => insert.run(4));
      throw new RangeError("no");
    }), RangeError);
  assert.equal(count(), 2);
});

overDrivers("transaction() refuses an asynchronous function", (driver) => {
  using database = memory(driver);
  const insert = database.prepare("INSERT INTO t (id) VALUES (?)");
  assert.equal(
    codeOf(() =>
      database.transaction(() => {
        insert.run(1);
        return Promise.resolve();
      })
    ),
    "INTERNAL",
  );
  assert.equal(database.prepare("SELECT count(*) AS n FROM t").get()?.n, 0);
});

overDrivers("errors of SQLite have codes", (driver) => {
  using database = memory(driver);
  const insert = database.prepare("INSERT INTO t (id, u) VALUES (?, ?)");
  insert.run(1, "a");
  assert.equal(codeOf(() => insert.run(1, "b")), "ALREADY_EXISTS");
  assert.equal(codeOf(() => insert.run(2, "a")), "ALREADY_EXISTS");
  assert.equal(codeOf(() => database.prepare("SELECT")), "INTERNAL");
  assert.equal(codeOf(() => database.execute("SELECT")), "INTERNAL");
  try {
    insert.run(2, "a");
  } catch (error) {
    assert.equal(sqliteCode(error), 2067);
  }
});

overDrivers("a full database says so, rolls back and goes on", (driver) => {
  using database = memory(driver);
  const { page_count } = { ...database.prepare("PRAGMA page_count").get() };
  database.execute(`PRAGMA max_page_count = ${Number(page_count) + 2}`);
  const insert = database.prepare("INSERT INTO t (x) VALUES (?)");
  const fill = () => {
    for (let i = 0; i < 20; i++) insert.run("x".repeat(4000));
  };
  assert.equal(codeOf(() => database.transaction(fill)), "RESOURCE_EXHAUSTED");
  assert.equal(database.prepare("SELECT count(*) AS n FROM t").get()?.n, 0);
  assert.equal(insert.run("small").changes, 1);
});

overDrivers("close() can be called twice, and use after it fails", (driver) => {
  const database = memory(driver);
  database.close();
  database.close();
  assert.equal(codeOf(() => database.prepare("SELECT 1")), "INTERNAL");
});

overDrivers(
  "a lock that another connection holds is waited for, then said",
  async (driver) => {
    const directory = await Deno.makeTempDir();
    try {
      const path = `${directory}/x.db`;
      using first = driver.open(path);
      using second = driver.open(path, { busyTimeoutMs: 1 });
      first.execute("CREATE TABLE t (x)");
      first.transaction(() => {
        const code = codeOf(() => second.transaction(() => 1));
        assert.equal(code, "UNAVAILABLE");
      });
      assert.equal(second.transaction(() => 1), 1);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);
