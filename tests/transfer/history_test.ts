import assert from "node:assert/strict";
import {
  historyRecords,
  stayedBehindCount,
} from "../../src/backend/history_export.ts";
import { createHistoryImport } from "../../src/backend/history_import.ts";
import { SKIPPED } from "../../src/backend/history_specs.ts";
import type { HistoryConflict } from "../../src/backend/history_outcome.ts";
import type {
  HistoryRecord,
  HistoryResult,
} from "../../src/backend/history_records.ts";
import { openBackend } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import { systemHost } from "../../src/host/system.ts";
import { type ErrorCode, StigmerError } from "../../src/model/error.ts";
import { parseExecutionId } from "../../src/model/id.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { sha256Hex } from "../../src/model/sha256.ts";
import type { Database } from "../../src/store/driver.ts";
import { runNumber } from "../../src/store/executions.ts";
import { removeEvents } from "../../src/store/garbage.ts";
import { lastSequence as lastSequenceOf } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/open.ts";
import { temporaryHome } from "../backend/suite.ts";
import {
  fillHome,
  type HistoryScene,
  toldOf,
  toldOfSession,
} from "./history_scene.ts";

/** A home, filled once: making it is what takes time. */
interface Filled {
  readonly home: string;
  readonly scene: HistoryScene;
  readonly records: readonly HistoryRecord[];
}

let filling: Promise<Filled> | undefined;
const filled = (): Promise<Filled> => filling ??= fill();

async function fill(): Promise<Filled> {
  const home = await Deno.makeTempDir();
  globalThis.addEventListener(
    "unload",
    () => Deno.removeSync(home, { recursive: true }),
  );
  const scene = await fillHome(home, { quickCount: 5 });
  return { home, scene, records: recordsOf(home) };
}

function withDatabase<T>(home: string, work: (database: Database) => T): T {
  using store = openStore(`${home}/stigmer.db`, { host: systemHost() });
  return work(store.database);
}

function recordsOf(home: string): readonly HistoryRecord[] {
  return withDatabase(home, (database) => [...historyRecords(database)]);
}

/** Imports records into a home, and gives what became of each. */
function importInto(
  home: string,
  records: readonly HistoryRecord[],
  options: {
    readonly onConflict?: HistoryConflict;
    readonly idOf?: (id: string) => string | undefined;
  } = {},
): readonly HistoryResult[] {
  const { onConflict = "fail", idOf = () => undefined } = options;
  return withDatabase(home, (database) =>
    database.transaction(() => {
      const taking = createHistoryImport({
        database,
        sha256Hex,
        onConflict,
        idOf,
      });
      for (const it of records) taking.foresee(it);
      const results = records.map((it) => taking.take(it));
      taking.finish();
      return results;
    }));
}

function outcomes(results: readonly HistoryResult[]): readonly string[] {
  return [...new Set(results.map((it) => it.outcome))];
}

/** A record with other members in its spec. */
function edited(
  record: HistoryRecord,
  changes: Readonly<Record<string, JsonObject[string]>>,
): HistoryRecord {
  const spec = record.document["spec"];
  assert.ok(typeof spec === "object" && spec !== null);
  const document = { ...record.document, spec: { ...spec, ...changes } };
  return { ...record, document };
}

function refusedWith(code: ErrorCode, text: RegExp) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof StigmerError, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, text);
    return true;
  };
}

Deno.test("history comes back to the byte, and is exported the same again", async () => {
  const { records } = await filled();
  await using home = temporaryHome();
  assert.deepEqual(outcomes(importInto(home.path, records)), ["created"]);
  assert.equal(
    JSON.stringify(recordsOf(home.path)),
    JSON.stringify(records),
  );
  const kinds = records.map((it) => it.kind);
  for (
    const kind of [
      "ResourceVersion",
      "Session",
      "AgentExecution",
      "WorkflowExecution",
      "Journal",
      "Artifact",
      "SkillContent",
      "StoredValue",
    ] as const
  ) assert.ok(kinds.includes(kind), kind);
});

Deno.test("what ended answers the same elsewhere", async () => {
  const { home, scene, records } = await filled();
  await using other = temporaryHome();
  importInto(other.path, records);
  await using here = await openBackend({ home, execute: "none" });
  await using there = await openBackend({ home: other.path, execute: "none" });
  const ids = scene.ended;
  const told = await toldOf(here.client, ids);
  assert.ok(told.size > 10);
  assert.deepEqual(await toldOf(there.client, ids), told);
  assert.equal(
    await toldOfSession(there.client, scene.session),
    await toldOfSession(here.client, scene.session),
  );
});

Deno.test("what goes on stays behind with what it started", async () => {
  const { home, scene, records } = await filled();
  const names = records.map((it) => it.name);
  for (const id of scene.behind) {
    assert.ok(id !== "");
    assert.ok(!names.some((it) => it.startsWith(id)), id);
  }
  assert.equal(withDatabase(home, stayedBehindCount), 2);
});

Deno.test("records are in the order of their kinds and names, each in bounds", async () => {
  const { records } = await filled();
  for (const [i, record] of records.entries()) {
    const before = records[i - 1];
    if (before?.kind === record.kind) assert.ok(before.name < record.name);
    assert.ok(JSON.stringify(record.document).length < 1.5 * 1024 * 1024);
  }
  const kinds = records.map((it) => it.kind);
  const changes = kinds.filter((it, i) => it !== kinds[i - 1]);
  assert.equal(new Set(changes).size, changes.length);
});

Deno.test("the same history a second time changes nothing", async () => {
  const { records } = await filled();
  await using home = temporaryHome();
  importInto(home.path, records);
  for (const onConflict of ["fail", "skip", "replace"] as const) {
    const results = importInto(home.path, records, { onConflict });
    assert.deepEqual(outcomes(results), ["unchanged"]);
  }
});

Deno.test("an execution that is another one here conflicts, is skipped or is replaced", async () => {
  const { scene, records } = await filled();
  await using home = temporaryHome();
  importInto(home.path, records);
  const id = scene.ended[0] ?? "";
  const changed = records.map((it) =>
    it.name === id ? edited(it, { name: "another name" }) : it
  );
  const about = records.flatMap((it, i) =>
    it.name === id || it.name.startsWith(`${id}/`) ||
      it.kind === "Artifact" && it.document["spec"] !== undefined &&
        JSON.stringify(it.document).includes(id)
      ? [i]
      : []
  );
  const of = (results: readonly HistoryResult[]) =>
    about.map((i) => results[i]?.outcome);
  const [first, ...rest] = of(importInto(home.path, changed));
  assert.equal(first, "conflict");
  assert.deepEqual([...new Set(rest)], ["skipped"]);
  const skipped = importInto(home.path, changed, { onConflict: "skip" });
  assert.deepEqual([...new Set(of(skipped))], ["skipped"]);
  assert.deepEqual(recordsOf(home.path), records);
  const replaced = importInto(home.path, changed, { onConflict: "replace" });
  assert.deepEqual([...new Set(of(replaced))], ["replaced"]);
  assert.deepEqual(recordsOf(home.path), changed);
});

Deno.test("the history of a skipped resource is skipped with it", async () => {
  const { scene, records } = await filled();
  const version = records.find((it) => it.kind === "ResourceVersion");
  const spec = JSON.parse(JSON.stringify(version?.document["spec"]));
  const resourceId: string = spec.resourceId;
  const ofIt = `resourceId\\*":\\*"${resourceId}`;
  await using home = temporaryHome();
  const results = importInto(home.path, records, {
    onConflict: "skip",
    idOf: (id) => id === resourceId ? SKIPPED : id,
  });
  for (const [i, record] of records.entries()) {
    const isOfIt = new RegExp(ofIt).test(JSON.stringify(record.document));
    if (isOfIt) assert.equal(results[i]?.outcome, "skipped", record.name);
  }
  assert.ok(recordsOf(home.path).length < records.length);
  assert.ok(scene.ended.length > 0);
});

Deno.test("what a skipped execution started is skipped with it", async () => {
  const { records } = await filled();
  const textOf = (it: HistoryRecord): string => JSON.stringify(it.document);
  const parentIn = (it: HistoryRecord): string =>
    /parentExecutionId\\*":\\*"([\w-]+)/.exec(textOf(it))?.[1] ?? "";
  const child = records.find((it) =>
    it.kind === "AgentExecution" && parentIn(it) !== ""
  );
  assert.ok(child !== undefined);
  const parent = records.find((it) =>
    it.kind === "WorkflowExecution" && it.name === parentIn(child)
  );
  assert.ok(parent !== undefined);
  const resourceId = /resourceId\\*":\\*"([\w-]+)/.exec(textOf(parent))?.[1];
  await using home = temporaryHome();
  const idOf = (id: string) => id === resourceId ? SKIPPED : id;
  const skipping = { onConflict: "skip", idOf } as const;
  const results = importInto(home.path, records, skipping);
  assert.deepEqual(results[records.indexOf(child)], {
    outcome: "skipped",
    detail: "its parent was skipped",
  });
  const here = recordsOf(home.path);
  const names = new Set(here.map((it) => it.name));
  assert.ok(!names.has(child.name));
  for (const it of here) {
    const leadsTo = parentIn(it);
    if (/Execution$/.test(it.kind) && leadsTo !== "") {
      assert.ok(names.has(leadsTo), it.name);
    }
  }
  // Where the parent is already, its children come.
  await using whole = temporaryHome();
  importInto(whole.path, records.filter((it) => it.name !== child.name));
  const come = importInto(whole.path, records, skipping);
  assert.equal(come[records.indexOf(child)]?.outcome, "created");
});

Deno.test("history of a resource that has another id here is that one's", async () => {
  const { scene, records } = await filled();
  const id = scene.ended[0] ?? "";
  const specOf = (of: readonly HistoryRecord[]): Record<string, string> => {
    const record = of.find((it) => it.name === id);
    const spec = JSON.parse(JSON.stringify(record?.document["spec"]));
    return JSON.parse(spec.spec);
  };
  const before = specOf(records);
  const otherId = "wfl-00000000000000000000000000";
  await using home = temporaryHome();
  const idOf = (it: string) => it === before.resourceId ? otherId : it;
  importInto(home.path, records, { onConflict: "replace", idOf });
  const after = specOf(recordsOf(home.path));
  assert.deepEqual(after, { ...before, resourceId: otherId });
  const again = importInto(home.path, records, { onConflict: "replace", idOf });
  assert.deepEqual(outcomes(again), ["unchanged"]);
});

Deno.test("an execution whose pinned tool server stays another one here is skipped", async () => {
  const { scene, records } = await filled();
  const id = scene.ended[0] ?? "";
  const resourceId = "mcp-00000000000000000000000000";
  const pin = { name: "desk", resourceId, resourceVersionId: "ver-elsewhere" };
  const pinned = records.map((it) => {
    if (it.name !== id) return it;
    const row = JSON.parse(JSON.stringify(it.document["spec"]));
    const spec = { ...JSON.parse(row.spec), mcpServers: [pin] };
    return edited(it, { spec: JSON.stringify(spec) });
  });
  const at = pinned.findIndex((it) => it.name === id);
  await using home = temporaryHome();
  const skipping = {
    onConflict: "skip",
    idOf: (it: string) => it === resourceId ? SKIPPED : it,
  } as const;
  assert.deepEqual(importInto(home.path, pinned, skipping)[at], {
    outcome: "skipped",
    detail: "its MCP server was skipped",
  });
  assert.ok(!recordsOf(home.path).some((it) => it.name.startsWith(id)));
  // Where that version is here, it can be loaded.
  const [known] = records.filter((it) => it.kind === "ResourceVersion");
  const version = known?.name ?? "";
  const own = pinned.map((it) =>
    JSON.parse(
      JSON.stringify(it).replaceAll(pin.resourceVersionId, version),
    )
  );
  assert.equal(importInto(home.path, own, skipping)[at]?.outcome, "created");
});

Deno.test("a version whose number is taken conflicts, or comes after the others", async () => {
  const { records } = await filled();
  await using home = temporaryHome();
  importInto(home.path, records);
  const version = records.find((it) => it.kind === "ResourceVersion");
  assert.ok(version);
  const name = "ver-00000000000000000000000000";
  const other = { ...version, name };
  const [refused] = importInto(home.path, [other]);
  assert.equal(refused?.outcome, "conflict");
  assert.match(refused?.detail ?? "", new RegExp(version.name));
  const [skipped] = importInto(home.path, [other], { onConflict: "skip" });
  assert.equal(skipped?.outcome, "skipped");
  const [kept] = importInto(home.path, [other], { onConflict: "replace" });
  assert.equal(kept?.outcome, "created");
  const found = recordsOf(home.path).find((it) => it.name === name);
  assert.ok(found);
  const [again] = importInto(home.path, [other], { onConflict: "replace" });
  assert.equal(again?.outcome, "unchanged");
});

Deno.test("a version is never replaced under a run that goes on, nor in another resource", async () => {
  const { home, scene, records } = await filled();
  await using other = temporaryHome();
  await Deno.copyFile(`${home}/stigmer.db`, `${other.path}/stigmer.db`);
  const [id] = scene.behind;
  const pinned = withDatabase(
    other.path,
    (database) =>
      String(
        database.prepare(
          `SELECT json_extract(spec, '$.resourceVersionId') AS version
           FROM workflow_executions WHERE id = ?`,
        ).get(id)?.version,
      ),
  );
  const version = records.find(({ name }) => name === pinned);
  assert.ok(version);
  const before = recordsOf(other.path);
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ snapshot: "{}" }, /has not ended runs it/],
    [{ resourceId: "wfl-00000000000000000000000000" }, /is a version of/],
  ];
  for (const [changes, text] of cases) {
    const [result] = importInto(other.path, [edited(version, changes)], {
      onConflict: "replace",
    });
    assert.equal(result?.outcome, "conflict");
    assert.match(result?.detail ?? "", text);
  }
  assert.deepEqual(recordsOf(other.path), before);
});

Deno.test("an idempotency key that another execution has here conflicts", async () => {
  const { scene, records } = await filled();
  const id = scene.ended[0] ?? "";
  const execution = records.find((it) => it.name === id);
  assert.ok(execution);
  await using home = temporaryHome();
  importInto(home.path, records);
  const name = "wex-00000000000000000000000000";
  const other = edited({ ...execution, name }, { eventCount: 0 });
  for (const onConflict of ["fail", "replace"] as const) {
    const [result] = importInto(home.path, [other], { onConflict });
    assert.equal(result?.outcome, "conflict");
    assert.match(result?.detail ?? "", new RegExp(`idempotency key.*${id}`));
  }
});

Deno.test("an execution whose journal was removed travels as it is", async () => {
  const { scene, records } = await filled();
  const id = parseExecutionId(scene.ended[0] ?? "");
  assert.ok(id !== undefined);
  await using here = temporaryHome();
  importInto(here.path, records);
  withDatabase(here.path, (database) => {
    const run = runNumber(database, id) ?? 0;
    const lastSequence = lastSequenceOf(database, run);
    while (removeEvents(database, { run, lastSequence }, 1_700_000_000_000));
  });
  const removed = recordsOf(here.path);
  assert.notDeepEqual(removed, records);
  await using there = temporaryHome();
  assert.deepEqual(outcomes(importInto(there.path, removed)), ["created"]);
  assert.deepEqual(recordsOf(there.path), removed);
  // Whoever has the whole one gives nothing to who let it go.
  const again = importInto(here.path, records, { onConflict: "fail" });
  const result = again[records.findIndex((it) => it.name === id)];
  assert.equal(result?.outcome, "skipped");
  assert.match(result?.detail ?? "", /past its retention/);
  assert.deepEqual(recordsOf(here.path), removed);
});

Deno.test("history of which a part is missing is refused whole", async () => {
  const { records } = await filled();
  for (const kind of ["Journal", "StoredValue"] as const) {
    await using home = temporaryHome();
    const last = records.findLastIndex((it) => it.kind === kind);
    const rest = records.toSpliced(last, 1);
    assert.throws(
      () => importInto(home.path, rest),
      refusedWith("DATA_LOSS", /not all of it is in the export/),
    );
    assert.deepEqual(recordsOf(home.path), []);
  }
});

/** Documents that no export writes, with what is said of them. */
const REFUSED: readonly {
  readonly kind: HistoryRecord["kind"];
  readonly changes: Readonly<Record<string, JsonObject[string]>>;
  readonly text: RegExp;
}[] = [
  {
    kind: "WorkflowExecution",
    changes: { status: '{"phase":"RUNNING"}' },
    text: /has not ended/,
  },
  { kind: "WorkflowExecution", changes: { spec: "{" }, text: /"spec" is not/ },
  { kind: "WorkflowExecution", changes: { epoch: -1 }, text: /"epoch" is not/ },
  // Each of these would keep every list that it stands in from being read.
  {
    kind: "WorkflowExecution",
    changes: { spec: '{"workingDirectory":7}' },
    text: /"spec" is not that of an execution/,
  },
  { kind: "WorkflowExecution", changes: { spec: "null" }, text: /"spec" is/ },
  {
    kind: "AgentExecution",
    changes: { status: '{"phase":"COMPLETED","startedAt":"x"}' },
    text: /"status" is not/,
  },
  {
    kind: "AgentExecution",
    changes: { createdAt: "2026-99-99T99:99:99.999Z" },
    text: /"createdAt" is not a time/,
  },
  {
    kind: "WorkflowExecution",
    changes: { labels: "[1]" },
    text: /"labels" is not an object of texts/,
  },
  {
    kind: "WorkflowExecution",
    changes: { variables: '{"a":1}' },
    text: /"variables" is not/,
  },
  {
    kind: "Session",
    changes: { spec: '{"agentInstanceId":7}' },
    text: /"spec" is not that of a session/,
  },
  { kind: "Session", changes: { tags: "{}" }, text: /"tags" is not a list/ },
  {
    kind: "Session",
    changes: { status: "null" },
    text: /"status" is not an object/,
  },
  {
    kind: "ResourceVersion",
    changes: { snapshot: "null" },
    text: /"snapshot" is not an object/,
  },
  { kind: "Journal", changes: { events: [] }, text: /first event/ },
  { kind: "Artifact", changes: { name: "../../x" }, text: /without "\.\."/ },
  { kind: "SkillContent", changes: { path: "/etc/x" }, text: /no path below/ },
  { kind: "StoredValue", changes: { content: "*" }, text: /not base64/ },
  { kind: "Session", changes: { createdAt: "now" }, text: /"createdAt"/ },
  {
    kind: "ResourceVersion",
    changes: { resourceKind: "Thing" },
    text: /one of/,
  },
];

for (const { kind, changes, text } of REFUSED) {
  Deno.test(`${kind} with ${JSON.stringify(changes)} is refused`, async () => {
    const { records } = await filled();
    await using home = temporaryHome();
    const bad = records.map((it) =>
      it.kind === kind ? edited(it, changes) : it
    );
    assert.throws(
      () => importInto(home.path, bad),
      refusedWith("INVALID_ARGUMENT", text),
    );
  });
}

Deno.test("a journal of a newer release is refused", async () => {
  const { records } = await filled();
  for (const [what, other] of [["format", 2], ["type", "TASK_ADMIRED"]]) {
    await using home = temporaryHome();
    const newer = records.map((record) => {
      if (record.kind !== "Journal") return record;
      const spec = JSON.parse(JSON.stringify(record.document["spec"]));
      spec.events[0][what ?? ""] = other;
      return edited(record, spec);
    });
    assert.throws(
      () => importInto(home.path, newer),
      refusedWith("FAILED_PRECONDITION", /a newer release/),
    );
  }
});

Deno.test("events that come twice are refused by their number", async () => {
  const { records } = await filled();
  await using home = temporaryHome();
  const twice = records.flatMap((it) =>
    it.kind === "Journal" ? [it, it] : [it]
  );
  assert.throws(
    () => importInto(home.path, twice),
    refusedWith("INVALID_ARGUMENT", /event 1 comes after event \d+/),
  );
});

Deno.test("bytes that are not those of their name are refused", async () => {
  const { records } = await filled();
  for (const kind of ["StoredValue", "SkillContent"] as const) {
    await using home = temporaryHome();
    const bad = records.map((it) =>
      it.kind === kind ? edited(it, { content: btoa("other") }) : it
    );
    assert.throws(
      () => importInto(home.path, bad),
      refusedWith("DATA_LOSS", /not all of it/),
    );
  }
});

Deno.test("a retry elsewhere begins with what was recorded here", async () => {
  const { scene, records } = await filled();
  await using home = temporaryHome();
  importInto(home.path, records);
  await using backend = await openBackend({ home: home.path });
  const { execution, reusedCount } = await backend.client.retryExecution({
    id: scene.ended[1] ?? "",
    from: "pause",
  });
  const id = execution?.metadata?.id ?? "";
  for await (const _ of backend.client.watchExecution({ id }));
  const ended = await backend.client.getExecution({ id });
  const output = jsonOfValue(ended.execution?.status?.output, {
    absent: null,
    what: "the output",
  });
  assert.deepEqual(output, { times: "1" });
  assert.equal(reusedCount, 0);
});
