import assert from "node:assert/strict";
import {
  ImportResult_Outcome as Outcome,
  OnConflict,
  type PortableRecord,
  SecretMode,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { Backend, BackendClient } from "../../src/backend/open.ts";
import { sumOf, toRecord } from "../../src/backend/portable.ts";
import { toStigmerError } from "../../src/backend/errors.ts";
import { systemHost } from "../../src/host/system.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import type { ErrorCode } from "../../src/model/error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import {
  documentsOf,
  exportFrom,
  importInto,
  masterKey,
  openKeyed,
  SECRET,
  secretIn,
  WAYS,
  wordsOf,
} from "./homes.ts";
import { fillHome } from "./many_resources.ts";

const KEY = masterKey(2);

/** A home with one agent, and what it would be elsewhere. */
async function agentOf(
  client: BackendClient,
  instructions: string,
): Promise<void> {
  const { results } = await client.applyResources({
    resources: [{
      resource: {
        case: "agent",
        value: { metadata: { name: "helper" }, spec: { instructions } },
      },
    }],
  });
  assert.deepEqual(results.flatMap((it) => it.diagnostics), []);
}

/** A record of a document that a caller made. */
function made(
  kind: string,
  name: string,
  rest: JsonObject,
): Promise<PortableRecord> {
  const apiVersion = "agentic.stigmer.ai/v1";
  const metadata = { name, slug: name };
  return toRecord({
    kind,
    name,
    document: { apiVersion, kind, metadata, ...rest },
  });
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | "none"> {
  try {
    await work;
    return "none";
  } catch (error) {
    return toStigmerError(error).code;
  }
}

for (const way of WAYS) {
  Deno.test(`${way}: what differs is a conflict, is left or is replaced`, async () => {
    await using source = await openKeyed(KEY);
    await agentOf(source.client, "Help as the source does");
    await source.client.createWorkflow({
      workflow: {
        metadata: { name: "flow" },
        spec: { do: [{ a: { set: { b: 1 } } }] },
      },
    });
    const { records } = await exportFrom(source.client);
    await using target = await openKeyed(KEY, way);
    const { client } = target;
    await agentOf(client, "Help as the target does");
    const before = documentsOf((await exportFrom(client)).records);

    const refused = await importInto(client, records);
    assert.equal(refused.committed, false);
    assert.deepEqual(wordsOf(refused.results), [
      "Agent/helper CONFLICT",
      "Workflow/flow CREATED",
    ]);
    assert.deepEqual(documentsOf((await exportFrom(client)).records), before);

    for (const dryRun of [true, false]) {
      const skipped = await importInto(client, records, {
        onConflict: OnConflict.SKIP,
        dryRun,
      });
      assert.equal(skipped.committed, !dryRun);
      assert.deepEqual(wordsOf(skipped.results), [
        "Agent/helper SKIPPED",
        "Workflow/flow CREATED",
      ]);
      const now = documentsOf((await exportFrom(client)).records);
      assert.equal(now.length, dryRun ? 1 : 2);
      assert.equal(now[0], before[0]);
    }

    const replaced = await importInto(client, records, {
      onConflict: OnConflict.REPLACE,
    });
    assert.deepEqual(wordsOf(replaced.results), [
      "Agent/helper REPLACED",
      "Workflow/flow UNCHANGED",
    ]);
    assert.deepEqual(
      documentsOf((await exportFrom(client)).records),
      documentsOf(records),
    );
    const versions = await client.listResourceVersions({
      kind: "Agent",
      name: "helper",
    });
    assert.equal(versions.versions.length, 2);
  });

  Deno.test(`${way}: one that cannot be stored keeps all others out, with its reason`, async () => {
    await using target = await openKeyed(KEY, way);
    const { client } = target;
    const agent = { spec: { instructions: "Long enough to be taken" } };
    const cases: readonly [PortableRecord, RegExp][] = [
      [
        await made("AgentInstance", "bot", { spec: { agentId: "nobody" } }),
        /There is no agent "nobody"/,
      ],
      [
        await made("AgentInstance", "bot", {
          spec: { agentId: "a", environmentIds: ["nowhere"] },
        }),
        /There is no environment "nowhere"/,
      ],
      [await made("Agent", "bad", { spec: { instructions: "" } }), /nstruct/],
      [
        await made("Agent", "bad", { spec: { instrctions: "x" } }),
        /instrctions/,
      ],
      [await made("Robot", "bad", { spec: {} }), /Unknown kind "Robot"/],
      [
        await made("Schedule", "none", { spec: { paused: true } }),
        /There is no workflow "none"/,
      ],
      [await made("Skill", "bad", { spec: {}, files: [] }), /SKILL\.md/],
      [
        await made("Skill", "bad", {
          spec: { description: "d" },
          files: [{ path: "../SKILL.md", text: "x" }],
        }),
        /below the skill's folder/,
      ],
      [await made("Agent", "a", agent), /stands twice/],
      [{ ...await made("Agent", "b", agent), name: "c" }, /not of "c"/],
      [
        { ...await made("Agent", "b", agent), kind: "Workflow" },
        /another kind/,
      ],
    ];
    const good = await made("Agent", "a", agent);
    for (const [record, message] of cases) {
      const answer = await importInto(client, [good, record]);
      assert.equal(answer.committed, false);
      const [first, second] = answer.results;
      assert.equal(first?.outcome, Outcome.CREATED);
      assert.equal(second?.outcome, Outcome.INVALID, record.document);
      const told = second.problems.map((it) => it.message).join("\n");
      assert.match(told, message);
      assert.equal((await exportFrom(client)).records.length, 0);
    }
  });

  Deno.test(`${way}: staging refuses what is not what it says, and where it is not`, async () => {
    await using target = await openKeyed(KEY, way);
    const { client } = target;
    const agent = await made("Agent", "a", {
      spec: { instructions: "Long enough to be taken" },
    });
    const stage = (records: PortableRecord[], offset = 0, importId = "i") =>
      codeOf(client.stageRecords({ importId, offset, records }));
    const changed = { ...agent, document: agent.document.replace("a", "b") };
    assert.equal(await stage([changed]), "DATA_LOSS");
    assert.equal(await stage([agent], 1), "ABORTED");
    assert.equal(await stage([]), "INVALID_ARGUMENT");
    assert.equal(await stage([agent], 0, ""), "INVALID_ARGUMENT");
    assert.equal(await stage(Array(1001).fill(agent)), "INVALID_ARGUMENT");
    assert.equal(await stage([agent]), "none");
    // The same once more is fine, another one in its place is not.
    assert.equal(await stage([agent]), "none");
    const other = await made("Agent", "b", {});
    assert.equal(await stage([other]), "ABORTED");
    const state = await client.getImport({ importId: "i" });
    assert.equal(state.stagedCount, 1);
    assert.equal(state.checksum, await sumOf([agent.checksum]));

    const whole = {
      importId: "i",
      recordCount: 1,
      checksum: await sumOf([agent.checksum]),
    };
    const commit = (change: Partial<typeof whole>) =>
      codeOf(client.commitImport({ ...whole, ...change }));
    assert.equal(await commit({ importId: "other" }), "NOT_FOUND");
    assert.equal(await commit({ recordCount: 2 }), "DATA_LOSS");
    assert.equal(await commit({ checksum: "0".repeat(64) }), "DATA_LOSS");
    const first = await client.commitImport(whole);
    assert.ok(first.committed);
    // Whoever missed the answer is given it again.
    assert.deepEqual(await client.commitImport(whole), first);
    const after = await client.getImport({ importId: "i" });
    assert.deepEqual(after.committed, first);
    assert.equal(after.stagedCount, 0);
    assert.equal(await stage([agent]), "FAILED_PRECONDITION");
    await client.discardImport({ importId: "i" });
    assert.equal(await commit({}), "NOT_FOUND");
    assert.equal(await stage([agent]), "none");
  });

  Deno.test(`${way}: the wrong passphrase stores nothing, and no secret is ever in the database`, async () => {
    await using source = await openKeyed(KEY);
    await secretIn(source);
    const passphrase = "the right passphrase";
    const { records } = await exportFrom(source.client, {
      secrets: SecretMode.REENCRYPT,
      passphrase,
    });
    await using target = await openKeyed(masterKey(3), way);
    const { client } = target;
    for (const wrong of ["", "the wrong passphrase"]) {
      const code = await codeOf(
        importInto(client, records, { passphrase: wrong }),
      );
      assert.equal(code, "INVALID_ARGUMENT");
      assert.equal((await exportFrom(client)).records.length, 0);
    }
    assert.ok((await importInto(client, records, { passphrase })).committed);
    const { secrets } = await client.revealSecrets({ environment: "prod" });
    assert.deepEqual({ ...secrets }, { KEY: SECRET });

    const plain = await made("Environment", "leaky", {
      spec: { secrets: { KEY: SECRET } },
    });
    const stage = client.stageRecords({ importId: "p", records: [plain] });
    assert.equal(await codeOf(stage), "INVALID_ARGUMENT");
    for (const path of await filesOf(target, way)) {
      const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
      assert.ok(!text.includes(SECRET), path);
      assert.ok(!text.includes(passphrase), path);
    }
  });
}

Deno.test("schedules arrive as they were, or paused where that is asked for", async () => {
  await using source = await openKeyed(KEY);
  for (const name of ["held", "going"]) {
    await source.client.createWorkflow({
      workflow: {
        metadata: { name },
        spec: {
          schedule: { every: { hours: 1 } },
          do: [{ a: { set: { b: 1 } } }],
        },
      },
    });
  }
  await source.client.pauseSchedule({ workflow: "held" });
  for (const withHistory of [false, true]) {
    const { records } = await exportFrom(source.client, { withHistory });
    for (const pauseSchedules of [false, true]) {
      await using target = await openKeyed(KEY);
      await importInto(target.client, records, { pauseSchedules });
      const { schedules } = await target.client.listSchedules({});
      assert.deepEqual(
        schedules.map((it) => [it.workflowName, it.paused]),
        [["going", pauseSchedules], ["held", true]],
      );
    }
  }
});

Deno.test("with history an instance that is there takes the place of the default one", async () => {
  await using source = await openKeyed(KEY);
  await agentOf(source.client, "Help as the source does");
  const { records } = await exportFrom(source.client, { withHistory: true });
  await using target = await openKeyed(KEY);
  const { client } = target;
  await client.createAgent({
    agent: {
      metadata: { name: "other" },
      spec: { instructions: "Be another agent" },
    },
  });
  await client.createAgentInstance({
    agentInstance: {
      metadata: { name: "helper-default" },
      spec: { agentId: "other" },
    },
  });
  const skipped = await importInto(client, records, {
    onConflict: OnConflict.SKIP,
  });
  assert.equal(skipped.committed, false);
  const replaced = await importInto(client, records, {
    onConflict: OnConflict.REPLACE,
  });
  assert.ok(replaced.committed, wordsOf(replaced.results).join());
  const { agent } = await client.getAgent({ name: "helper" });
  const { agentInstance } = await client.getAgentInstance({
    name: "helper-default",
  });
  assert.equal(agent?.status?.defaultInstanceId, agentInstance?.metadata?.id);
  assert.equal(agentInstance?.spec?.agentId, agent?.metadata?.id);
});

Deno.test("others have their turn while much is exported and read", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 900, seed: 8 });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  try {
    await exportFrom(source.client);
    assert.ok(turns >= 5, `${turns} turns`);
  } finally {
    clearInterval(timer);
  }
});

Deno.test("who commits twice at once stores once, and is answered twice", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 30, seed: 10 });
  const { records, summary } = await exportFrom(source.client);
  await using target = await openKeyed(KEY, "server");
  const { client } = target;
  await client.stageRecords({ importId: "i", records: [...records] });
  const commit = () =>
    client.commitImport({
      importId: "i",
      recordCount: records.length,
      checksum: summary.checksum,
    });
  const [first, ...others] = await Promise.all([commit(), commit(), commit()]);
  assert.ok(first?.results.every((it) => it.outcome === Outcome.CREATED));
  for (const it of others) assert.deepEqual(it, first);
  const { events } = await client.listAuditEvents({});
  assert.equal(events.filter((it) => it.action === "import").length, 1);
});

Deno.test("exports and imports are in the audit, and rehearsals are not", async () => {
  await using source = await openKeyed(KEY);
  await agentOf(source.client, "Help as the source does");
  const { records } = await exportFrom(source.client, { kinds: ["agent"] });
  await using target = await openKeyed(KEY);
  await importInto(target.client, records, { dryRun: true });
  await importInto(target.client, records);
  const told = async ({ client }: Backend): Promise<readonly string[]> =>
    (await client.listAuditEvents({})).events.map((it) =>
      `${it.action} ${it.subject} (${it.detail})`
    );
  assert.deepEqual(await told(source), ["export agent (secrets omit)"]);
  const [only, ...others] = await told(target);
  assert.match(only ?? "", /^import test-\d+ \(1 created\)$/);
  assert.deepEqual(others, []);
});

Deno.test("who leaves in the middle of an export holds nothing up", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 900, seed: 9 });
  const leaving = new AbortController();
  const parts = source.client.exportRecords({}, { signal: leaving.signal })
    [Symbol.asyncIterator]();
  await parts.next();
  await parts.next();
  leaving.abort();
  using database = standardDriver().open(source.location, {
    busyTimeoutMs: 1,
  });
  const isHeld = (): boolean => {
    const row = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    return row?.busy !== 0;
  };
  const host = systemHost();
  for (let look = 0; isHeld(); look++) {
    assert.ok(look < 100, "the snapshot is still open");
    await host.clock.sleep(20);
  }
});

/** The files of a backend's database, and all that lies beside it. */
async function filesOf(
  { location }: Backend,
  way: typeof WAYS[number],
): Promise<readonly string[]> {
  const path = way === "local" ? location : location.replace(/^unix:/, "");
  const folder = path.slice(0, path.lastIndexOf("/"));
  const found: string[] = [];
  for await (const it of Deno.readDir(folder)) {
    if (it.isFile) found.push(`${folder}/${it.name}`);
  }
  assert.ok(found.some((it) => it.endsWith("stigmer.db")));
  return found;
}
