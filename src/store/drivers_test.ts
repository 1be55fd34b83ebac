import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import type { Database, Driver, SqlValue } from "./driver.ts";
import { standardDriver } from "./drivers.ts";
import { sqliteCode } from "./sqlite_error.ts";
import { compareDrivers, DRIVERS, overDrivers } from "../../tests/drivers.ts";
import { type Random, randomFrom } from "../../tests/manifest/random.ts";

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
    const used = database.prepare("SELECT 1 AS x");
    for (let i = 0; i < 300; i++) {
      database.prepare(`SELECT ${i} AS z`).get();
      assert.equal(database.prepare("SELECT 1 AS x"), used);
    }
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

overDrivers("unsynced() is a transaction that waits for no disk", (driver) => {
  using database = memory(driver);
  const insert = database.prepare("INSERT INTO t (id) VALUES (?)");
  const count = () => database.prepare("SELECT count(*) AS n FROM t").get()?.n;
  const level = () => {
    // The level is read when it is prepared: each time anew.
    const sql = `PRAGMA synchronous -- ${++asked}`;
    return database.prepare(sql).get()?.synchronous;
  };
  let asked = 0;
  for (const id of [1, 2]) {
    assert.equal(database.unsynced(() => (insert.run(id), level())), 1);
    assert.equal(level(), 2);
  }
  assert.throws(() =>
    database.unsynced(() => {
      insert.run(3);
      throw new RangeError("no");
    }), RangeError);
  assert.equal(count(), 2);
  assert.equal(level(), 2);
  const within = database.transaction(() => database.unsynced(level));
  assert.equal(within, 2, "what is part of a transaction is synced with it");
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

overDrivers("a text is cut at its first NUL, as it always was", (driver) => {
  using database = memory(driver);
  const row = database.prepare(
    "SELECT 'a' || char(0) || 'b' AS short, 'é' || char(0) || 'b' AS other, " +
      "printf('%.*c', 2000, 'x') || char(0) || 'y' AS long",
  ).get();
  assert.deepEqual({ ...row }, {
    short: "a",
    other: "é",
    long: "x".repeat(2000),
  });
});

overDrivers("a number is whole or refused, in and out", (driver) => {
  using database = memory(driver);
  const read = database.prepare("SELECT ? AS x, typeof(?) AS type");
  const outOfReach: readonly (number | bigint)[] = [
    2n ** 53n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    1n - 2n ** 63n,
  ];
  for (const value of outOfReach) {
    assert.equal(codeOf(() => read.get(value, 1)), "INTERNAL", String(value));
    // The statement is none the worse for it.
    assert.deepEqual({ ...read.get(1, 1) }, { x: 1, type: "integer" });
  }
  assert.equal(codeOf(() => read.get(2n ** 64n, 1)), "INTERNAL");
  const kept = database.prepare("SELECT ? || '' AS x");
  assert.equal(kept.get(2n ** 63n - 1n)?.x, "9223372036854775807");
  const numbers = [0, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1];
  for (const value of numbers) {
    assert.deepEqual({ ...read.get(value, value) }, {
      x: value,
      type: "integer",
    });
  }
  assert.equal(Number(read.get(-0, 1)?.x), 0);
  for (const value of [Infinity, -Infinity, 2 ** 53, 0.1]) {
    assert.deepEqual({ ...read.get(value, value) }, { x: value, type: "real" });
  }
});

overDrivers("a blob is its bytes and nothing beside them", (driver) => {
  using database = memory(driver);
  const read = database.prepare("SELECT ? AS x, typeof(?) AS type");
  const whole = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7 % 251);
  const cases = [
    new Uint8Array(0),
    new Uint8Array([0]),
    whole.subarray(5, 70),
    whole.subarray(1, 16 * 1024),
    whole.subarray(0, 16 * 1024),
    whole.subarray(3),
  ];
  for (const bytes of cases) {
    const row = read.get(bytes, bytes);
    assert.equal(row?.type, "blob");
    assert.deepEqual(row?.x, new Uint8Array(bytes), `${bytes.length} bytes`);
  }
  const insert = database.prepare("INSERT INTO t (id, x) VALUES (1, ?)");
  const changed = new Uint8Array(64 * 1024).fill(1);
  insert.run(changed);
  changed.fill(2);
  const kept = database.prepare("SELECT x FROM t WHERE id = 1").get()?.x;
  assert.deepEqual(kept, new Uint8Array(64 * 1024).fill(1));
});

overDrivers(
  "texts come back as they went in, wherever they stand",
  (driver) => {
    using database = memory(driver);
    const read = database.prepare("SELECT ? AS a, ? AS b, ? AS c, ? AS d");
    const texts = [
      "",
      "plain",
      "é",
      "☃",
      "👩‍🚀",
      "\ufeffmark",
      "x".repeat(48),
      "x".repeat(49),
      "é".repeat(600),
      "x".repeat(1024),
      "x".repeat(1025),
      "☃".repeat(16 * 1024),
      "☃".repeat(16 * 1024 + 1),
      "y".repeat(200_000),
    ];
    for (let i = 0; i < texts.length; i++) {
      const row = [0, 1, 2, 3].map((by) =>
        texts[(i + by) % texts.length] ?? ""
      );
      const [a = "", b = "", c = "", d = ""] = row;
      assert.deepEqual({ ...read.get(a, b, c, d) }, { a, b, c, d });
    }
    // Half a character is none; what is no UTF-8 is replaced, each for itself.
    assert.equal(read.get("\ud800", "", "", "")?.a, "\ufffd");
    const broken = database.prepare(
      "SELECT CAST(x'c3' AS TEXT) AS a, CAST(x'a9' AS TEXT) AS b",
    ).get();
    assert.deepEqual({ ...broken }, { a: "\ufffd", b: "\ufffd" });
  },
);

overDrivers("of columns with one name the last is what counts", (driver) => {
  using database = memory(driver);
  const cases: readonly (readonly [string, SqlValue])[] = [
    ["'a' AS x, 1 AS x", 1],
    ["'a' AS x, NULL AS x", null],
    ["'a' AS x, 'b' AS x", "b"],
    ["'a' AS x, '' AS x", ""],
    ["'a' AS x, printf('%.*c', 2000, 'y') AS x", "y".repeat(2000)],
    ["printf('%.*c', 2000, 'y') AS x, 'a' AS x", "a"],
  ];
  for (const [columns, x] of cases) {
    const row = database.prepare(`SELECT 'z' AS z, ${columns}`).get();
    assert.deepEqual({ ...row }, { z: "z", x }, columns);
  }
});

overDrivers("a parameter that has a name is refused", (driver) => {
  using database = memory(driver);
  for (const name of [":a", "@a", "$a", "?, :a"]) {
    const sql = `SELECT 1 AS one, ${name}`;
    for (const values of [[], [1], [1, 2]]) {
      const code = codeOf(() => database.prepare(sql).get(...values));
      assert.equal(code, "INTERNAL", `${name} of ${values.length}`);
    }
  }
});

overDrivers("what only looks like a name is no parameter", (driver) => {
  using database = memory(driver);
  const row = database.prepare(
    "SELECT json_extract('{\"a\":7}', '$.a') AS \":x\", /* :b */ ? AS [@y], " +
      "'it''s :c' AS `$z` -- :d",
  ).get(1);
  assert.deepEqual({ ...row }, { ":x": 7, "@y": 1, "$z": "it's :c" });
});

overDrivers("a statement sees the columns that there are now", (driver) => {
  using database = memory(driver);
  database.execute("CREATE TABLE s (a); INSERT INTO s VALUES (1)");
  const read = database.prepare("SELECT * FROM s");
  assert.deepEqual({ ...read.get() }, { a: 1 });
  database.execute("ALTER TABLE s ADD COLUMN b");
  assert.deepEqual({ ...read.get() }, { a: 1, b: null });
  assert.deepEqual(read.all().map((it) => ({ ...it })), [{ a: 1, b: null }]);
});

overDrivers("SQLite's own result codes are kept", async (driver) => {
  await using folder = temporaryFolder();
  const path = `${folder.path}/x.db`;
  using database = driver.open(path);
  database.execute(
    "CREATE TABLE p (id INTEGER PRIMARY KEY);" +
      "CREATE TABLE c (id TEXT PRIMARY KEY, u UNIQUE, n NOT NULL, " +
      "p REFERENCES p, CHECK (n > 0)) WITHOUT ROWID;" +
      "INSERT INTO c VALUES ('a', 1, 1, NULL)",
  );
  const insert = database.prepare("INSERT INTO c VALUES (?, ?, ?, ?)");
  const rows: readonly (readonly [number, readonly SqlValue[]])[] = [
    [1555, ["a", 2, 1, null]],
    [2067, ["b", 1, 1, null]],
    [1299, ["b", 2, null, null]],
    [787, ["b", 2, 1, 7]],
    [275, ["b", 2, 0, null]],
  ];
  for (const [code, values] of rows) {
    assert.equal(sqliteCodeOf(() => insert.run(...values)), code);
  }
  using reader = driver.open(path, { readonly: true });
  const write = reader.prepare("DELETE FROM c");
  assert.equal(sqliteCodeOf(() => write.run()), 8);
  assert.equal(codeOf(() => write.run()), "FAILED_PRECONDITION");
  await Deno.writeTextFile(`${folder.path}/y.db`, "no database at all, this");
  assert.equal(
    codeOf(() => driver.open(`${folder.path}/y.db`).prepare("DELETE FROM x")),
    "FAILED_PRECONDITION",
  );
  const cannot = () => driver.open(`${folder.path}/none/x.db`);
  assert.equal(codeOf(cannot), "FAILED_PRECONDITION");
});

overDrivers("a rollback that has happened already hides no error", (driver) => {
  using database = memory(driver);
  assert.throws(() =>
    database.transaction(() => {
      database.prepare("INSERT INTO t (id) VALUES (1)").run();
      database.execute("ROLLBACK");
      throw new RangeError("the first");
    }), /the first/);
  assert.equal(database.transaction(() => 7), 7);
});

overDrivers("a statement that failed can be run again", (driver) => {
  using database = memory(driver);
  const insert = database.prepare("INSERT INTO t (id, u) VALUES (?, ?)");
  const long = "z".repeat(100_000);
  assert.equal(insert.run(1, long).changes, 1);
  assert.equal(codeOf(() => insert.run(1, long)), "ALREADY_EXISTS");
  assert.equal(insert.run(2, "b").changes, 1);
  assert.equal(codeOf(() => insert.run(3, NaN)), "INTERNAL");
  assert.equal(insert.run(3, "c").changes, 1);
  const rows = database.prepare("SELECT u FROM t ORDER BY id").all();
  assert.deepEqual(rows.map(({ u }) => u), [long, "b", "c"]);
});

overDrivers("a closed database lets go of its file", async (driver) => {
  await using folder = temporaryFolder();
  const path = `${folder.path}/x.db`;
  const database = driver.open(path);
  database.prepare("PRAGMA journal_mode = WAL").get();
  database.execute("CREATE TABLE t (x)");
  const first = database.prepare("SELECT count(*) AS n FROM t");
  for (let i = 0; i < 300; i++) {
    database.prepare(`SELECT ${i} AS y FROM t`).all();
    // Of those that were let go, one is used all along.
    assert.equal(first.get()?.n, 0);
  }
  database.close();
  assert.equal(codeOf(() => first.get()), "INTERNAL");
  assert.equal(codeOf(() => first.run()), "INTERNAL");
  assert.equal(codeOf(() => database.execute("SELECT 1")), "INTERNAL");
  // Whoever closes last takes the log along, and nobody else is there.
  assert.deepEqual([...Deno.readDirSync(folder.path)].map((it) => it.name), [
    "x.db",
  ]);
  using next = driver.open(path, { busyTimeoutMs: 1 });
  const mode = next.prepare("PRAGMA journal_mode = DELETE").get();
  assert.equal(mode?.journal_mode, "delete");
});

overDrivers("copy() gives what there was when it began", async (driver) => {
  await using folder = temporaryFolder();
  const [from, to] = [`${folder.path}/from.db`, `${folder.path}/to.db`];
  using database = driver.open(from);
  database.prepare("PRAGMA journal_mode = WAL").get();
  database.execute("CREATE TABLE t (x)");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  database.transaction(() => {
    for (let i = 0; i < 1000; i++) insert.run("x".repeat(12_000));
  });
  let pauses = 0;
  await driver.copy(from, to, () => {
    pauses++;
    insert.run("later");
    return Promise.resolve();
  });
  using copy = driver.open(to);
  assert.equal(copy.prepare("SELECT count(*) AS n FROM t").get()?.n, 1000);
  assert.equal(
    copy.prepare("PRAGMA integrity_check").get()?.integrity_check,
    "ok",
  );
  // One that knows no pieces makes no pause.
  assert.ok(driver.name === "node" || pauses > 0);
  await assert.rejects(
    driver.copy(`${folder.path}/none.db`, to, () => Promise.resolve()),
    StigmerError,
  );
});

overDrivers("values that were bound and read are not kept", (driver) => {
  using database = memory(driver);
  const read = database.prepare("SELECT ? AS text, ? AS bytes");
  const bytes = new Uint8Array(512 * 1024).fill(7);
  const turn = (): void => {
    for (let i = 0; i < 100; i++) {
      const text = `${i}`.padEnd(512 * 1024, "é");
      const row = read.get(text, bytes);
      assert.equal(row?.bytes instanceof Uint8Array, true);
    }
  };
  turn();
  const beforeBytes = Deno.memoryUsage().rss;
  for (let i = 0; i < 4; i++) turn();
  // 600 MiB went through meanwhile.
  assert.ok(Deno.memoryUsage().rss - beforeBytes < 300 * 1024 * 1024);
});

Deno.test("the tests run over the driver that they are meant to", () => {
  const meant = Deno.env.get("STIGMER_TESTED_DRIVER") ?? "node";
  assert.equal(standardDriver().name, meant);
});

compareDrivers("both drivers say the same of whatever they are given", () => {
  const random = randomFrom(20);
  const kept = DRIVERS.map((driver) => memory(driver));
  try {
    for (let i = 0; i < 300; i++) {
      const values = Array.from({ length: 3 }, () => randomValue(random));
      const [first, ...others] = kept.map((database) => {
        const row = database.prepare(
          "SELECT ?1 AS a, ?2 AS b, ?3 AS c, typeof(?1) AS type, " +
            // How a fraction is written is the version's own.
            "iif(typeof(?2) = 'real', 0, length(?2)) AS length, " +
            "iif(typeof(?3) = 'real', 0, hex(?3)) AS hex",
        ).get(...values);
        return { ...row };
      });
      for (const other of others) assert.deepEqual(other, first);
    }
  } finally {
    for (const database of kept) database.close();
  }
});

function randomValue({ below, pick }: Random): SqlValue {
  const length = pick([0, 1, 5, 47, 48, 49, 300, 1023, 1024, 1025, 20_000]);
  switch (below(6)) {
    case 0:
      return below(2 ** 32) * 2 ** below(21) * pick([-1, 1]);
    case 1:
      return below(2 ** 32) / 7 * 10 ** (below(600) - 300);
    case 2:
      return Uint8Array.from({ length }, () => below(256));
    case 3:
      return pick(["a", "é", "☃", "👩", "\ud800"]).repeat(length);
    case 4:
      return BigInt(below(2 ** 32)) * 1000n;
    default:
      return null;
  }
}

function sqliteCodeOf(work: () => unknown): number | undefined {
  try {
    work();
  } catch (error) {
    return sqliteCode(error);
  }
  return undefined;
}

function temporaryFolder(): { readonly path: string } & AsyncDisposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
