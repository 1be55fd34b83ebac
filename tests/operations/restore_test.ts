import assert from "node:assert/strict";
import { systemHost } from "../../src/host/system.ts";
import { restoreDatabase } from "../../src/backend/restore.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import type { Driver } from "../../src/store/driver.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { openStore } from "../../src/store/open.ts";
import { fails } from "../backend/suite.ts";
import { createPlace, type Place } from "../cli/program.ts";
import { newHome, wrongIn } from "./keeping.ts";
import { PROGRAM_ARGS } from "../stigmer_program.ts";

const FLOW = `apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: { name: NAME }
`;

/** Keeps an environment of a name in a home. */
async function keep(place: Place, name: string): Promise<void> {
  await place.write("a.yaml", FLOW.replace("NAME", name));
  const { code, stderr } = await place.run(["apply", "-f", "a.yaml"]);
  assert.equal(code, 0, stderr);
}

/** Waits until a worker is among the workers of the database. */
async function entered(place: Place): Promise<void> {
  using database = standardDriver().open(`${place.home}/stigmer.db`);
  for (let i = 0; i < 500; i++) {
    if (database.prepare("SELECT 1 FROM workers").get() !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("no worker came");
}

async function namesIn(place: Place): Promise<string> {
  return (await place.run(["env", "list", "-o", "name"])).stdout.trim();
}

Deno.test("restoreDatabase() leaves alone what another driver has open", async () => {
  await using home = await newHome();
  const databasePath = `${home.path}/stigmer.db`;
  const host = systemHost();
  openStore(`${home.path}/kept.db`, { host }).close();
  const driver: Driver = { ...standardDriver(), library: "/opt/sqlite.so" };
  using _open = openStore(databasePath, { host, driver });
  await assert.rejects(
    restoreDatabase({
      host,
      databasePath,
      file: `${home.path}/kept.db`,
      force: true,
      discard: true,
      signal: AbortSignal.timeout(10_000),
    }),
    /this process has it open with driver/,
  );
});

Deno.test("what is backed up comes back with restore", async () => {
  await using place = await createPlace();
  await keep(place, "before");
  const first = await place.run(["backup", "a.db"]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /Checksum: {2}[0-9a-f]{64} \(SHA-256\)/);
  const path = `${place.folder}/a.db`;
  if (Deno.build.os !== "windows") {
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }
  const again = await place.run(["backup", "a.db"]);
  assert.equal(again.code, 5);
  assert.match(again.stderr, /is there already[^]*--force/);
  const forced = await place.run(["backup", "a.db", "--force", "-o", "json"]);
  assert.equal(JSON.parse(forced.stdout).path, path);
  await keep(place, "after");
  const unasked = await place.run(["restore", "a.db"]);
  assert.equal(unasked.code, 5);
  assert.match(unasked.stderr, /there is something in it[^]*--force/);
  const { code, stderr } = await place.run(["restore", "a.db", "--force"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /before-restore-1/);
  assert.equal(await namesIn(place), "before");
  const kept = `${place.home}/stigmer.db.before-restore-1`;
  assert.deepEqual(wrongIn(kept), []);
  using database = standardDriver().open(kept);
  assert.equal(database.prepare("SELECT 1 FROM environments").all().length, 2);
});

Deno.test("a backup in a pipe is the same, and goes into a new home", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM_ARGS, "backup", "-"],
    env: { STIGMER_HOME: place.home, STIGMER_KEY_SOURCE: "key-file" },
  }).output();
  assert.match(new TextDecoder().decode(stderr), /^Copied/);
  await Deno.writeFile(`${place.folder}/b.db`, stdout);
  const env = { STIGMER_HOME: `${place.folder}/new/home` };
  const { code } = await place.run(["restore", "b.db"], { env });
  assert.equal(code, 0);
  const listed = await place.run(["env", "list", "-o", "name"], { env });
  assert.equal(listed.stdout.trim(), "a");
});

Deno.test("a fresh backup of a database with a worker is restored again and again", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  {
    using database = standardDriver().open(`${place.home}/stigmer.db`);
    database.prepare(
      `INSERT INTO workers (id, pid, hostname, started_at_ms, lease_until_ms)
       VALUES ('wrk-gone', 1, ?, 0, ?)`,
    ).run(systemHost().platform.hostname, Date.now() + 600_000);
  }
  await place.run(["backup", "a.db"]);
  const home = `${place.folder}/new`;
  const env = { STIGMER_HOME: home };
  const first = await place.run(["restore", "a.db"], { env });
  assert.equal(first.code, 0, first.stderr);
  // As of one who restored by an earlier release, or cleaned up.
  await Deno.remove(`${home}/workers`, { recursive: true });
  const unasked = await place.run(["restore", "a.db"], { env });
  assert.equal(unasked.code, 5, unasked.stderr);
  assert.match(unasked.stderr, /there is something in it/);
  assert.deepEqual(left(home), ["stigmer.db"]);
  const { code, stderr } = await place.run(["restore", "a.db", "--force"], {
    env,
  });
  assert.equal(code, 0, stderr);
});

Deno.test("a file that is missing is named, and not the backup that is there", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  await place.run(["backup", "a.db"]);
  await Deno.symlink(`${place.folder}/nowhere/x`, `${place.folder}/link`);
  const env = { STIGMER_HOME: `${place.folder}/link/home` };
  const { code, stderr } = await place.run(["restore", "a.db"], { env });
  assert.notEqual(code, 0);
  assert.match(stderr, /link/);
  assert.doesNotMatch(stderr, /Cannot restore "a.db": no such file/);
});

/** What of a database and its logs is in a home. */
function left(home: string): string[] {
  return [...Deno.readDirSync(home)].map((it) => it.name)
    .filter((it) => it.startsWith("stigmer.db")).sort();
}

Deno.test("restore refuses what is no backup, and changes nothing", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  await place.run(["backup", "good.db"]);
  const good = await Deno.readFile(`${place.folder}/good.db`);
  await place.write("text.db", "no database at all");
  await Deno.writeFile(`${place.folder}/short.db`, good.slice(0, 8192));
  const broken = good.slice();
  broken.fill(0xff, 4096 * 3, 4096 * 9);
  await Deno.writeFile(`${place.folder}/broken.db`, broken);
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["missing.db", 3, /Cannot find backup/],
    ["text.db", 5, /it is no database of Stigmer's/],
    ["short.db", 1, /damaged|corrupt|malformed/],
    ["broken.db", 1, /damaged|corrupt|malformed/],
  ];
  for (const [file, code, words] of cases) {
    const ran = await place.run(["restore", file, "--force"]);
    assert.equal(ran.code, code, `${file}: ${ran.stderr}`);
    assert.match(ran.stderr, words);
  }
  assert.equal(await namesIn(place), "a");
  const left = [...Deno.readDirSync(place.home)].map((it) => it.name)
    .filter((it) => it.includes("restor"));
  assert.deepEqual(left, []);
});

Deno.test("restore refuses while a worker has the database, and names it", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  await place.run(["backup", "a.db"]);
  const worker = place.start(["worker"]);
  await worker.said("Working on");
  await entered(place);
  const { code, stderr } = await place.run(["restore", "a.db", "--force"]);
  assert.equal(code, 5);
  assert.match(stderr, new RegExp(`process ${worker.pid} has it open`));
  worker.kill("SIGKILL");
  await worker.ended;
  const after = await place.run(["restore", "a.db", "--force"]);
  assert.equal(after.code, 0, after.stderr);
});

Deno.test("of two restores at once one is refused, and no half copy is put in place", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  await place.run(["backup", "a.db"]);
  const host = systemHost();
  const restore = () =>
    restoreDatabase({
      host,
      databasePath: `${place.home}/stigmer.db`,
      file: `${place.folder}/a.db`,
      force: true,
      discard: true,
      signal: new AbortController().signal,
    });
  const ended = await Promise.allSettled([restore(), restore()]);
  assert.deepEqual(
    ended.map((it) => it.status).sort(),
    ["fulfilled", "rejected"],
  );
  const [refused] = ended.filter((it) => it.status === "rejected");
  assert.match(String(refused?.reason), /another restore is under way/);
  assert.equal(await namesIn(place), "a");
});

Deno.test("an older backup is migrated, a newer one is refused", async () => {
  await using home = newHome();
  const host = systemHost();
  const older = `${home.path}/older.db`;
  openStore(older, { host, migrations: MIGRATIONS.slice(0, 5) }).close();
  const restore = (file: string) =>
    restoreDatabase({
      host,
      databasePath: `${home.path}/home/stigmer.db`,
      file,
      force: true,
      discard: true,
      signal: new AbortController().signal,
    });
  const restored = await restore(older);
  const newest = MIGRATIONS.at(-1)?.version;
  assert.deepEqual(restored, { fromSchemaVersion: 5, schemaVersion: newest });
  const newer = `${home.path}/newer.db`;
  {
    using store = openStore(newer, { host });
    store.database.prepare(
      "INSERT INTO schema_version VALUES (999, '', '', '')",
    ).run();
  }
  await fails(restore(newer), "FAILED_PRECONDITION", /schema version 999/);
  assert.deepEqual(
    [...Deno.readDirSync(`${home.path}/home`)].map((it) => it.name).sort(),
    ["stigmer.db", "workers"],
  );
});

Deno.test("a restore that is killed leaves the old database or the new one", async () => {
  await using place = await createPlace();
  await keep(place, "new");
  await place.run(["backup", "a.db"]);
  await place.run(["env", "delete", "new", "--yes"]);
  await keep(place, "old");
  const path = `${place.home}/stigmer.db`;
  const seen = new Set<string>();
  for (const delayMs of [150, 250, 300, 350, 400, 450, 500, 600, 800]) {
    const restoring = place.start(["restore", "a.db", "--force", "--discard"]);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      restoring.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await restoring.ended;
    openStore(path, { host: systemHost() }).close();
    assert.deepEqual(wrongIn(path), []);
    using database = standardDriver().open(path);
    const rows = database.prepare("SELECT slug FROM environments").all();
    assert.equal(rows.length, 1);
    seen.add(String(rows[0]?.slug));
  }
  assert.ok([...seen].every((it) => it === "old" || it === "new"));
});

Deno.test("a database that is damaged is replaced, and kept with its log", async () => {
  await using place = await createPlace();
  await keep(place, "a");
  await place.run(["backup", "a.db"]);
  const path = `${place.home}/stigmer.db`;
  const head = (await Deno.readFile(path)).slice(0, 4096);
  await Deno.writeFile(path, head);
  await Deno.writeTextFile(`${path}-wal`, "what was newest");
  const unasked = await place.run(["restore", "a.db"]);
  assert.equal(unasked.code, 5, unasked.stderr);
  const { code, stderr } = await place.run(["restore", "a.db", "--force"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(wrongIn(path), []);
  assert.equal(await namesIn(place), "a");
  const kept = await Deno.readFile(`${path}.before-restore-1`);
  assert.equal(kept.length, head.length);
});

Deno.test("restore says when the key of the secrets is not here", async () => {
  await using place = await createPlace();
  const made = await place.run(
    ["env", "create", "a", "--secret", "KEY=-"],
    {
      stdin: "correct horse battery",
    },
  );
  assert.equal(made.code, 0, made.stderr);
  const backup = await place.run(["backup", "a.db"]);
  assert.match(
    backup.stderr,
    /Warning: The master key is not in it: secrets need key key-[0-9a-f]+, it is in ".*master.key"/,
  );
  const copy = await Deno.readFile(`${place.folder}/a.db`);
  assert.ok(!new TextDecoder().decode(copy).includes("correct horse"));
  const env = { STIGMER_HOME: `${place.folder}/new` };
  const away = await place.run(["restore", "a.db"], { env });
  assert.equal(away.code, 0);
  assert.match(away.stderr, /Warning: Master key "key-.*" is needed/);
  await Deno.copyFile(
    `${place.home}/master.key`,
    `${place.folder}/new/master.key`,
  );
  const here = await place.run(["restore", "a.db", "--force"], { env });
  assert.doesNotMatch(here.stderr, /Warning/);
});

Deno.test("restore on a server says that it is done there", async () => {
  await using place = await createPlace();
  const env = { STIGMER_ENDPOINT: "http://127.0.0.1:9" };
  await place.write("a.db", "");
  const { code, stderr } = await place.run(["restore", "a.db"], { env });
  assert.equal(code, 1);
  assert.match(stderr, /Cannot restore a backup[^]*Hint: /);
});
