import { deepEqual, equal, rejects } from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  type PortableRecord,
  PortableRecordSchema,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { type BackendClient, openBackend } from "../backend/open.ts";
import { sha256, sumOf } from "../backend/portable.ts";
import { stageRecords } from "./staging.ts";

const IMPORT_ID = "an-import";

async function withBackend(
  work: (client: BackendClient) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await using backend = await openBackend({ home, execute: "none" });
    await work(backend.client);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Records that are told apart by a word. */
async function recordsOf(
  words: readonly string[],
): Promise<readonly PortableRecord[]> {
  return await Promise.all(words.map(async (word) => {
    const document = JSON.stringify({ kind: "Agent", word });
    const checksum = await sha256(document);
    return create(PortableRecordSchema, {
      kind: "Agent",
      name: word,
      document,
      checksum,
    });
  }));
}

/** Stages words, and breaks off after some of them where it is told to. */
async function stage(
  client: BackendClient,
  words: readonly string[],
  breakAfter = Infinity,
): ReturnType<typeof stageRecords> {
  const records = await recordsOf(words);
  return await stageRecords(client, {
    importId: IMPORT_ID,
    signal: new AbortController().signal,
    async *records() {
      for (const [i, record] of records.entries()) {
        if (i === breakAfter) throw new Error("broken off");
        yield await Promise.resolve(record);
      }
    },
  });
}

/** More than one call takes. */
const MANY: readonly string[] = Array.from({ length: 1500 }, (_, i) => `w${i}`);

Deno.test("stageRecords() stages all, and says what they add up to", async () => {
  await withBackend(async (client) => {
    const staged = await stage(client, ["a", "b"]);
    const records = await recordsOf(["a", "b"]);
    const checksum = await sumOf(records.map((it) => it.checksum));
    deepEqual(staged, { count: 2, checksum, resumedCount: 0 });
    const { stagedCount } = await client.getImport({ importId: IMPORT_ID });
    equal(stagedCount, 2);
  });
});

Deno.test("stageRecords() goes on where it was broken off", async () => {
  await withBackend(async (client) => {
    await rejects(stage(client, MANY, 1200), /broken off/);
    const staged = await stage(client, MANY);
    equal(staged.resumedCount, 1000);
    equal(staged.count, MANY.length);
    equal((await stage(client, MANY)).resumedCount, MANY.length);
  });
});

Deno.test("stageRecords() begins anew when what it left is another", async () => {
  await withBackend(async (client) => {
    await stage(client, MANY);
    const other = ["other", ...MANY.slice(1)];
    for (const words of [other, ["a"], []]) {
      const { count, resumedCount, checksum } = await stage(client, words);
      deepEqual([count, resumedCount], [words.length, 0]);
      const there = await client.getImport({ importId: IMPORT_ID });
      deepEqual([there.stagedCount, there.checksum], [count, checksum]);
    }
  });
});

Deno.test("stageRecords() gives up where another stages under its id all the time", async () => {
  await withBackend(async (client) => {
    const [other] = await recordsOf(["other"]);
    if (other === undefined) throw new Error("no record");
    const busy: BackendClient = {
      ...client,
      async discardImport(...call) {
        const answer = await client.discardImport(...call);
        await client.stageRecords({ importId: IMPORT_ID, records: [other] });
        return answer;
      },
    };
    await client.stageRecords({ importId: IMPORT_ID, records: [other] });
    await rejects(stage(busy, ["a"]), /changes all the time/);
  });
});
