import assert from "node:assert/strict";
import {
  ImportResult_Outcome as Outcome,
  OnConflict,
  SecretMode,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { flowOf } from "../backend/flow.ts";
import {
  documentsOf,
  exportFrom,
  importInto,
  masterKey,
  openKeyed,
  WAYS,
} from "./homes.ts";
import { fillHome } from "./many_resources.ts";

const PASSPHRASE = "a passphrase that nobody knows";
const KEY = masterKey(1);
const MODES = [
  { secrets: SecretMode.OMIT, passphrase: "" },
  { secrets: SecretMode.SEALED, passphrase: "" },
  { secrets: SecretMode.REENCRYPT, passphrase: PASSPHRASE },
];

Deno.test("1,000 resources of all kinds come back as the same bytes, in every mode", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 1000, seed: 1 });
  for (const mode of MODES) {
    const before = await exportFrom(source.client, mode);
    const { counts } = before.summary;
    assert.deepEqual(Object.keys(counts).sort(), KINDS);
    assert.ok(before.records.length >= 1000);
    await using target = await openKeyed(KEY);
    const { passphrase } = mode;
    const answer = await importInto(target.client, before.records, {
      passphrase,
    });
    assert.ok(answer.committed);
    assert.ok(answer.results.every((it) => it.outcome === Outcome.CREATED));
    const after = await exportFrom(target.client, mode);
    assert.deepEqual(documentsOf(after.records), documentsOf(before.records));
    assert.equal(after.summary.checksum, before.summary.checksum);
  }
});

const KINDS = [
  "Agent",
  "AgentInstance",
  "Environment",
  "McpServer",
  "Schedule",
  "Skill",
  "Workflow",
  "WorkflowInstance",
];

for (const way of WAYS) {
  Deno.test(`${way}: what is imported twice is unchanged, and exports the same`, async () => {
    await using source = await openKeyed(KEY);
    await fillHome(source.client, { count: 60, seed: 2 });
    for (const withHistory of [false, true]) {
      for (const mode of MODES) {
        const request = { ...mode, withHistory };
        const before = await exportFrom(source.client, request);
        await using target = await openKeyed(KEY, way);
        const { passphrase } = mode;
        const first = await importInto(target.client, before.records, {
          passphrase,
        });
        assert.ok(first.committed);
        const again = await importInto(target.client, before.records, {
          passphrase,
        });
        assert.ok(again.committed);
        assert.deepEqual(
          new Set(again.results.map((it) => it.outcome)),
          new Set([Outcome.UNCHANGED]),
        );
        const after = await exportFrom(target.client, request);
        assert.deepEqual(
          documentsOf(after.records),
          documentsOf(before.records),
        );
      }
    }
  });

  Deno.test(`${way}: secrets work after they came under a passphrase or sealed`, async () => {
    await using source = await openKeyed(KEY);
    await fillHome(source.client, { count: 12, seed: 3 });
    const wanted = await source.client.revealSecrets({ environment: "env-1" });
    for (const mode of MODES.slice(1)) {
      const { records } = await exportFrom(source.client, mode);
      await using target = await openKeyed(KEY, way);
      const { passphrase } = mode;
      const answer = await importInto(target.client, records, { passphrase });
      assert.deepEqual(answer.missingSecrets, []);
      assert.deepEqual(
        (await target.client.revealSecrets({ environment: "env-1" })).secrets,
        wanted.secrets,
      );
      // They are used like any other afterwards.
      await target.client.rekeyEnvironment({ name: "env-1" });
      assert.deepEqual(
        (await target.client.revealSecrets({ environment: "env-1" })).secrets,
        wanted.secrets,
      );
    }
  });
}

Deno.test("a definition that names an id names it by its slug elsewhere", async () => {
  await using source = await openKeyed(KEY);
  const { agent } = await source.client.createAgent({
    agent: {
      metadata: { name: "Helper" },
      spec: { instructions: "Help whoever asks" },
    },
  });
  const id = agent?.metadata?.id ?? "";
  await source.client.createWorkflow({
    workflow: {
      metadata: { name: "by-id" },
      spec: {
        do: [{ ask: { call: "agent", with: { agent: id, message: id } } }],
      },
    },
  });
  const before = await exportFrom(source.client);
  await using target = await openKeyed(KEY);
  assert.ok((await importInto(target.client, before.records)).committed);
  const after = await exportFrom(target.client);
  assert.deepEqual(documentsOf(after.records), documentsOf(before.records));
  const text = before.records.find((it) => it.kind === "Workflow")?.document;
  assert.match(text ?? "", /"agent":"helper","message":"agt-/);
});

Deno.test("a workflow finds its MCP server where that has another id, and so does its history", async () => {
  await using source = await openKeyed(KEY);
  await using target = await openKeyed(KEY);
  const mcpServer = {
    metadata: { name: "Clock" },
    spec: { transport: { case: "catalog" as const, value: "time" } },
  };
  const { mcpServer: here } = await source.client.createMcpServer({
    mcpServer,
  });
  const { mcpServer: there } = await target.client.createMcpServer({
    mcpServer,
  });
  const ask = (server = "") => ({
    ask: { call: "mcp", with: { server, method: "tools/list" } },
  });
  await source.client.createWorkflow({ workflow: flowOf([ask("Clock")]) });
  const { execution: made } = await source.client.createExecution({
    kind: "Workflow",
    name: "flow",
  });
  const run = { id: made?.metadata?.id ?? "" };
  await source.client.cancelExecution(run);
  const { records } = await exportFrom(source.client, { withHistory: true });
  const answer = await importInto(target.client, records, {
    onConflict: OnConflict.REPLACE,
  });
  assert.ok(answer.committed, JSON.stringify(answer.results));
  const { execution } = await target.client.getExecution(run);
  const [pin] = execution?.spec?.mcpServers ?? [];
  const id = there?.metadata?.id;
  assert.deepEqual([pin?.name, pin?.resourceId], ["Clock", id]);
  // It is loaded at the version that it has pinned.
  const retry = await target.client.retryExecution(run);
  assert.deepEqual(retry.execution?.spec?.mcpServers, [pin]);
  // Without history there are no ids.
  await source.client.createWorkflow({
    workflow: flowOf([ask(here?.metadata?.id)], "by-id"),
  });
  const portable = await exportFrom(source.client);
  const { document } = portable.records.find((it) => it.name === "by-id") ??
    { document: "" };
  assert.match(document, /"server":"clock"/);
});

Deno.test("an agent finds its MCP server where that has another id, and so does its history", async () => {
  await using source = await openKeyed(KEY);
  await using target = await openKeyed(KEY);
  const mcpServer = {
    metadata: { name: "Clock" },
    spec: { transport: { case: "catalog" as const, value: "time" } },
  };
  await source.client.createMcpServer({ mcpServer });
  const { mcpServer: there } = await target.client.createMcpServer({
    mcpServer,
  });
  const id = there?.metadata?.id ?? "";
  await source.client.createAgent({
    agent: {
      metadata: { name: "clerk" },
      spec: {
        instructions: "Help whoever asks",
        mcpServers: [{ server: "Clock" }],
      },
    },
  });
  const { execution: made } = await source.client.createExecution({
    kind: "Agent",
    name: "clerk",
    message: "?",
  });
  const run = { id: made?.metadata?.id ?? "" };
  await source.client.cancelExecution(run);
  const { records } = await exportFrom(source.client, { withHistory: true });
  const agent = records.find((it) => it.kind === "Agent")?.document ?? "";
  assert.match(agent, /"name":"clock"/);
  assert.match(agent, /"server":"clock"/);
  const answer = await importInto(target.client, records, {
    onConflict: OnConflict.REPLACE,
  });
  assert.ok(answer.committed, JSON.stringify(answer.results));
  const stored = await target.client.getAgent({ name: "clerk" });
  assert.equal(stored.agent?.spec?.mcpServers[0]?.server, id);
  const { execution } = await target.client.getExecution(run);
  const [pin] = execution?.spec?.mcpServers ?? [];
  assert.deepEqual([pin?.name, pin?.resourceId], ["clock", id]);
});

Deno.test("an export shows one moment, whatever is written meanwhile", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 600, seed: 4 });
  const { summary } = await exportFrom(source.client);
  let isFirst = true;
  let count = 0;
  for await (const part of source.client.exportRecords({})) {
    count += part.records.length;
    if (!isFirst) continue;
    isFirst = false;
    await source.client.createWorkflow({
      workflow: {
        metadata: { name: "zz-new" },
        spec: { do: [{ a: { set: { b: 1 } } }] },
      },
    });
  }
  const expected = Object.values(summary.counts).reduce((a, b) => a + b, 0);
  assert.equal(count, expected);
  assert.equal((await exportFrom(source.client)).records.length, expected + 1);
});

Deno.test("kinds and names choose what is exported", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 30, seed: 5 });
  const { client } = source;
  const names = async (request: Parameters<typeof exportFrom>[1]) =>
    (await exportFrom(client, request)).records.map((it) =>
      `${it.kind}/${it.name}`
    );
  assert.deepEqual(await names({ kinds: ["wf"], names: ["flow-0"] }), [
    "Workflow/flow-0",
    "Schedule/flow-0",
  ]);
  assert.deepEqual(
    await names({ kinds: ["skills", "env"], names: ["skill-1", "env-2"] }),
    ["Environment/env-2", "Skill/skill-1"],
  );
  for (
    const [request, message] of [
      [{ names: ["flow-x"] }, /Cannot find resource "flow-x"/],
      [{ kinds: ["agnt"] }, /it is no kind/],
      [{ kinds: ["session"] }, /Cannot export sessions alone/],
      [{ kinds: ["agent"], withHistory: true }, /history of some/],
      [{ secrets: SecretMode.REENCRYPT, passphrase: "short" }, /8 characters/],
    ] as const
  ) await assert.rejects(names(request as never), message);
});

Deno.test("an import of all replaces nothing that is the same", async () => {
  await using source = await openKeyed(KEY);
  await fillHome(source.client, { count: 30, seed: 6 });
  const { records } = await exportFrom(source.client);
  const answer = await importInto(source.client, records, {
    onConflict: OnConflict.REPLACE,
  });
  assert.deepEqual(
    new Set(answer.results.map((it) => it.outcome)),
    new Set([Outcome.UNCHANGED]),
  );
});
