import assert from "node:assert/strict";
import { openHome } from "../../tests/engine/fixture.ts";
import { systemHost } from "../host/system.ts";
import { standardDriver } from "../store/drivers.ts";
import { openRunStore } from "../store/runs.ts";
import { GroupCommit, type Mutation } from "./group_commit.ts";

const host = systemHost();

async function withDatabase(
  test: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-engine-" });
  try {
    using home = openHome(path);
    home.database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)");
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** Adds a mutation that inserts a number; says what came of it. */
function insert(
  commit: GroupCommit,
  write: (n: number) => boolean,
  n: number,
): Promise<string> {
  return new Promise((resolve) => {
    const mutation: Mutation = {
      write: () => write(n),
      settled: (written) => resolve(written ? "written" : "lost"),
      failed: (error) => resolve(error instanceof Error ? error.message : ""),
    };
    commit.add(mutation);
  });
}

function open(path: string) {
  const database = standardDriver().open(`${path}/stigmer.db`, {
    busyTimeoutMs: 0,
  });
  let commits = 0;
  const store = openRunStore(database);
  const commit = new GroupCommit({
    ...store,
    transaction(work) {
      commits++;
      return store.transaction(work);
    },
  }, host);
  const write = (n: number): boolean => {
    if (n < 0) return false;
    database.prepare("INSERT INTO t VALUES (?)").run(n);
    return true;
  };
  const rows = () =>
    database.prepare("SELECT n FROM t ORDER BY n").all().map((it) => it.n);
  return { database, commit, write, rows, commits: () => commits };
}

Deno.test("a group commit writes all of one turn in one transaction", async () => {
  await withDatabase(async (path) => {
    const { database, commit, write, rows, commits } = open(path);
    const done = await Promise.all(
      [1, 2, -1, 3].map((n) => insert(commit, write, n)),
    );
    assert.deepEqual(done, ["written", "written", "lost", "written"]);
    assert.deepEqual(rows(), [1, 2, 3]);
    assert.equal(commits(), 1);
    database.close();
  });
});

Deno.test("a group commit lets many not wait for the end of the turn", async () => {
  await withDatabase(async (path) => {
    const { database, commit, write, rows, commits } = open(path);
    const crowd = Array.from({ length: 31 }, (_, i) => i);
    let turns = 0;
    const few = crowd.map((n) => insert(commit, write, n));
    setImmediate(() => turns++);
    await Promise.all(few);
    assert.equal(turns, 0, "those of a turn are written at its end");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(turns, 1);

    const many = [...crowd, 31].map((n) => insert(commit, write, 100 + n));
    setImmediate(() => turns++);
    assert.equal(rows().length, 31, "who adds one may still be filling it");
    await Promise.resolve();
    assert.equal(rows().length, 63);
    await Promise.all(many);
    assert.equal(turns, 1);
    assert.equal(commits(), 2);
    database.close();
  });
});

Deno.test("a group commit lets many wait for another process's lock", async () => {
  await withDatabase(async (path) => {
    const { database, commit, write, rows, commits } = open(path);
    using other = standardDriver().open(`${path}/stigmer.db`);
    other.execute("BEGIN IMMEDIATE");
    const crowd = Array.from({ length: 40 }, (_, i) => i);
    const done = crowd.map((n) => insert(commit, write, n));
    await Promise.resolve();
    assert.equal(commits(), 1);
    done.push(insert(commit, write, 40));
    await Promise.resolve();
    assert.equal(commits(), 1, "it is not tried again for each that comes");
    other.execute("COMMIT");
    assert.ok((await Promise.all(done)).every((it) => it === "written"));
    assert.equal(rows().length, 41);
    database.close();
  });
});

Deno.test("a group commit keeps the others when one fails", async () => {
  await withDatabase(async (path) => {
    const { database, commit, write, rows } = open(path);
    const done = await Promise.all(
      [1, 2, 2, 3].map((n) => insert(commit, write, n)),
    );
    assert.deepEqual([done[0], done[1], done[3]], [
      "written",
      "written",
      "written",
    ]);
    assert.match(done[2] ?? "", /UNIQUE/);
    assert.deepEqual(rows(), [1, 2, 3]);
    database.close();
  });
});

Deno.test("a group commit waits for another process's lock, in order", async () => {
  await withDatabase(async (path) => {
    const { database, commit, write, rows } = open(path);
    using other = standardDriver().open(`${path}/stigmer.db`);
    other.execute("BEGIN IMMEDIATE");
    const order: number[] = [];
    const done = [1, 2, 3].map((n) =>
      insert(commit, write, n).then((it) => {
        order.push(n);
        return it;
      })
    );
    await host.clock.sleep(30);
    assert.deepEqual(order, []);
    assert.ok(commit.busy);
    other.execute("COMMIT");
    assert.deepEqual(await Promise.all(done), [
      "written",
      "written",
      "written",
    ]);
    assert.deepEqual(order, [1, 2, 3]);
    assert.deepEqual(rows(), [1, 2, 3]);
    database.close();
  });
});

Deno.test("close() fails what still waits for a lock", async () => {
  await withDatabase(async (path) => {
    const { database, commit, write } = open(path);
    using other = standardDriver().open(`${path}/stigmer.db`);
    other.execute("BEGIN IMMEDIATE");
    const done = insert(commit, write, 1);
    commit.flush();
    commit.close();
    assert.match(await done, /closed/);
    other.execute("ROLLBACK");
    database.close();
  });
});
