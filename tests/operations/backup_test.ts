import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { valueMessage } from "../../src/backend/proto_json.ts";
import { systemHost } from "../../src/host/system.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { fails, suite } from "../backend/suite.ts";
import { until } from "../until.ts";
import {
  furnish,
  LARGE,
  newHome,
  openHere,
  runFlow,
  wrongIn,
} from "./keeping.ts";

/** Bytes of a part at the most. */
const PART_BYTES_MAX = 1024 * 1024;

/** Takes a whole backup into a file. */
async function backUp(client: BackendClient, path: string): Promise<void> {
  const hash = createHash("sha256");
  const parts: Uint8Array[] = [];
  let [sizeBytes, checksum] = [0n, ""];
  for await (const part of client.backUpDatabase({})) {
    assert.ok(part.chunk.length <= PART_BYTES_MAX);
    if (parts.length === 0) {
      sizeBytes = part.sizeBytes;
      assert.equal(part.schemaVersion, MIGRATIONS.at(-1)?.version);
    }
    hash.update(part.chunk);
    parts.push(part.chunk);
    checksum = part.checksum;
  }
  assert.equal(hash.digest("hex"), checksum);
  const content = await new Blob(parts.map((it) => it.slice())).bytes();
  assert.equal(BigInt(content.length), sizeBytes);
  await Deno.writeFile(path, content);
}

/** Stores some executions with large inputs, which nobody runs. */
async function fill(client: BackendClient, count: number): Promise<void> {
  await client.createWorkflow({
    workflow: {
      metadata: { name: "flow" },
      spec: {
        document: { dsl: "1.0.0", namespace: "t", name: "a", version: "1.0.0" },
        do: [{ a: { set: { b: 1 } } }],
      },
    },
  });
  for (let i = 0; i < count; i++) {
    const input = valueMessage({ text: `${i}${LARGE}` });
    await client.createExecution({ kind: "Workflow", name: "flow", input });
  }
}

/** What of a home is left of a copy. */
function leftIn(home: string): readonly string[] {
  return [...Deno.readDirSync(home)].map((it) => it.name)
    .filter((it) => it.includes("backup"));
}

/** Waits until nothing is left of a copy: who made it hears of it later. */
async function gone(home: string): Promise<void> {
  await until(() => leftIn(home).length === 0);
  // Its lock is let go of last.
  await until(() => {
    const lock = systemHost().files.lock(`${home}/workers/backup.lock`);
    lock?.release();
    return lock !== undefined;
  });
}

suite("BackUpDatabase gives a sound copy of it all", async (client, home) => {
  await fill(client, 1);
  await using folder = newHome();
  const path = `${folder.path}/copy.db`;
  await backUp(client, path);
  assert.deepEqual(leftIn(home), []);
  assert.deepEqual(wrongIn(path), []);
  using copy = standardDriver().open(path);
  const row = copy.prepare("SELECT slug FROM workflows").get();
  assert.equal(row?.slug, "flow");
});

suite("a reader that leaves leaves no copy behind", async (client, home) => {
  await fill(client, 40);
  const left = new AbortController();
  const { signal } = left;
  for await (const part of client.backUpDatabase({}, { signal })) {
    assert.ok(part.chunk.length > 0);
    left.abort();
    break;
  }
  await gone(home);
});

Deno.test("what a killed backup left goes with the next one", async () => {
  await using home = newHome();
  await using backend = openHere(home.path, systemHost());
  const stale = `${home.path}/stigmer.db.backup.tmp`;
  await Deno.writeTextFile(stale, "half of a copy");
  await Deno.writeTextFile(`${stale}-wal`, "and its log");
  await using folder = newHome();
  await backUp(backend.client, `${folder.path}/copy.db`);
  assert.deepEqual(leftIn(home.path), []);
});

Deno.test("two backups at once are one, and a refusal", async () => {
  await using home = newHome();
  await using backend = openHere(home.path, systemHost());
  const left = new AbortController();
  const first = backend.client.backUpDatabase({}, { signal: left.signal });
  await first[Symbol.asyncIterator]().next();
  const second = backend.client.backUpDatabase({})[Symbol.asyncIterator]();
  await fails(second.next(), "UNAVAILABLE", /another backup/);
  left.abort();
  await gone(home.path);
});

Deno.test("a copy that is taken while 64 runs write is of one moment", async () => {
  await using home = newHome();
  await using backend = openHere(home.path, systemHost());
  await furnish(backend);
  const runs = Array.from(
    { length: 64 },
    (_, i) =>
      runFlow(backend, i % 4 === 0 ? "parent" : "flow", {
        input: { text: `${i}${LARGE}` },
      }),
  );
  await using folder = newHome();
  let isOver = false;
  const over = Promise.all(runs).finally(() => isOver = true);
  let count = 0;
  do {
    const path = `${folder.path}/${count++}.db`;
    await backUp(backend.client, path);
    assert.deepEqual(wrongIn(path), []);
  } while (!isOver && count < 10);
  await over;
});
