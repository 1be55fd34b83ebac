import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Execution,
  ExecutionSchema,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Gathered,
  type Overview,
  overviewOf,
  sorted,
  SORTS,
  worthALook,
} from "./overview.ts";
import { overviewJson, summaryLines, tableLines } from "./overview_lines.ts";
import { styleOf } from "./style.ts";
import { widthOf } from "./width.ts";

const NOW_MS = Date.UTC(2026, 0, 1, 12);
const BACKEND = {
  type: "cloud",
  location: "https://stigmer.example",
  version: "1.2.3",
  workerSlots: 8,
};

type Status = NonNullable<MessageInitShape<typeof ExecutionSchema>["status"]>;

function execution(
  id: string,
  phase: Phase,
  more: Omit<Status, "$typeName"> & {
    readonly ageMs?: number;
    readonly parent?: string;
  } = {},
): Execution {
  const { ageMs = 60_000, parent = "", ...status } = more;
  return create(ExecutionSchema, {
    metadata: { id },
    spec: { resourceName: `name-${id}`, parentExecutionId: parent },
    status: {
      ...status,
      phase,
      audit: { createdAt: timestampFromMs(NOW_MS - ageMs) },
    },
  });
}

function overview(of: Partial<Gathered>): Overview {
  return overviewOf({
    open: [],
    ended: [],
    detailed: new Map(),
    nowMs: NOW_MS,
    isPartial: false,
    ...of,
  });
}

const RUNNING = execution("wex-1", Phase.RUNNING, {
  tasks: [
    { path: "/do/0/a", name: "a", phase: Phase.COMPLETED },
    {
      path: "/do/1/b",
      name: "b",
      phase: Phase.RUNNING,
      childExecutionId: "aex-2",
    },
  ],
  usage: { inputTokens: 1000, outputTokens: 50, costUsd: 0.5 },
});
const INNER = execution("aex-2", Phase.RUNNING, {
  parent: "wex-1",
  tasks: [
    { path: "/turn/1", kind: "model turn", phase: Phase.COMPLETED },
    {
      path: "/turn/1/tool/x",
      name: "files_read",
      call: "files_read(path=a)",
      kind: "tool call",
      phase: Phase.RUNNING,
    },
  ],
  usage: { inputTokens: 1000, outputTokens: 50, costUsd: 0.5 },
});
const SCENE = overview({
  open: [
    RUNNING,
    INNER,
    execution("wex-3", Phase.WAITING, { waitingFor: "event a.b" }),
    execution("wex-4", Phase.PENDING, { ageMs: 2000 }),
    execution("wex-5", Phase.PAUSED, { ageMs: 9 * 3_600_000 }),
    execution("wex-6", Phase.RUNNING, {
      waitingFor: "a worker, its own ended",
      ageMs: 2 * 3_600_000,
      usage: { inputTokens: 7, outputTokens: 7 },
    }),
  ],
  ended: [
    execution("aex-7", Phase.FAILED, { error: { detail: "no answer" } }),
    execution("aex-8", Phase.COMPLETED, {
      usage: { inputTokens: 234, outputTokens: 6, costUsd: 0.0123 },
    }),
    execution("aex-9", Phase.CANCELLED),
  ],
  detailed: new Map([["wex-1", RUNNING], ["aex-2", INNER]]),
});

Deno.test("an overview counts what stands where, without what is inside of others", () => {
  const { rows, ...counts } = SCENE;
  deepStrictEqual(counts, {
    running: 2,
    waiting: 1,
    pending: 1,
    paused: 1,
    left: 1,
    toolsInFlight: 1,
    isPartial: false,
    lastHour: {
      completed: 1,
      failed: 1,
      cancelled: 1,
      // Those of the inner one are part of the outer one's, and what is older
      // than an hour is none of it.
      inputTokens: 1234,
      outputTokens: 56,
      costUsd: 0.5123,
    },
  });
  deepStrictEqual(rows.map(({ id, task }) => [id, task]), [
    ["wex-1", "b › files_read(path=a)"],
    ["wex-3", "for event a.b"],
    ["wex-4", ""],
    ["wex-5", ""],
    ["wex-6", "for a worker, its own ended"],
    ["aex-7", "no answer"],
  ]);
});

Deno.test("an overview is sorted by each of its columns, and turned round", () => {
  const ids = (by: typeof SORTS[number], isTurned = false) =>
    sorted(SCENE.rows, by, isTurned).map(({ id }) => id);
  deepStrictEqual(ids("age").at(0), "wex-4");
  deepStrictEqual(ids("age").at(-1), "wex-5");
  deepStrictEqual(ids("age", true).at(0), "wex-5");
  deepStrictEqual(ids("name").at(0), "aex-7");
  deepStrictEqual(ids("phase").slice(0, 2), ["aex-7", "wex-5"]);
  deepStrictEqual(ids("tokens").slice(0, 2), ["wex-1", "wex-6"]);
  deepStrictEqual(ids("cost").at(0), "wex-1");
  for (const by of SORTS) strictEqual(ids(by).length, SCENE.rows.length);
});

Deno.test("an overview looks into what is at work before what waits, and no further", () => {
  const open = [
    execution("a", Phase.WAITING),
    execution("b", Phase.PENDING),
    execution("c", Phase.RUNNING),
    execution("d", Phase.WAITING),
  ];
  deepStrictEqual(worthALook(open, 2), ["c", "a"]);
  deepStrictEqual(worthALook(open, 10), ["c", "a", "d"]);
});

Deno.test("an overview is text that fits, and JSON with all of it", async () => {
  const style = styleOf(false);
  const look = { backend: BACKEND, nowMs: NOW_MS, style };
  deepStrictEqual(summaryLines(SCENE, { ...look, columns: undefined }), [
    "Stigmer 1.2.3 cloud https://stigmer.example 12:00:00Z",
    "Now: 2 running, 1 waiting, 1 pending, 1 paused, 1 without a worker, " +
    "1 tool in flight, 8 worker slots",
    "Last hour: 1 completed, 1 failed, 1 cancelled, 1,234 + 56 tokens, $0.5123",
  ]);
  const partial = summaryLines({ ...SCENE, isPartial: true }, {
    ...look,
    columns: undefined,
  });
  ok(partial.every((it, i) => i === 0 || it.endsWith("newest 1,000)")));
  for (const columns of [79, 39]) {
    const lines = [
      ...summaryLines(SCENE, { ...look, columns }),
      ...await tableLines(SCENE.rows, { columns, style }),
    ];
    ok(lines.every((it) => widthOf(it) <= columns), lines.join("\n"));
  }
  const [header, first] = await tableLines(SCENE.rows, {
    columns: undefined,
    style,
  });
  strictEqual(
    header?.split(/ {2,}/).join(" "),
    "ID NAME PHASE TASK AGE TOKENS COST",
  );
  strictEqual(
    first?.split(/ {2,}/).join("|"),
    "wex-1|name-wex-1|RUNNING|b › files_read(path=a)|60s|1,000 + 50|$0.50",
  );
  const json = JSON.parse(
    JSON.stringify(overviewJson(SCENE, { backend: BACKEND, nowMs: NOW_MS })),
  );
  strictEqual(json.executions.length, 6);
  strictEqual(json.executions[0].costUsd, 0.5);
  strictEqual(json.lastHour.costUsd, 0.5123);
  strictEqual(json.backend.workerSlots, 8);
});

Deno.test("an overview writes nothing that steers a terminal", async () => {
  const nasty = "\x1b[2J\x9b1A\r\nx";
  const rows = overview({
    open: [execution("wex-1", Phase.WAITING, { waitingFor: nasty })],
  }).rows;
  const lines = [
    ...await tableLines(rows, { columns: 60, style: styleOf(false) }),
    ...summaryLines(overview({}), {
      backend: { ...BACKEND, location: nasty },
      nowMs: NOW_MS,
      columns: 60,
      style: styleOf(false),
    }),
  ];
  ok(lines.every((it) => !/\p{Cc}/u.test(it)), JSON.stringify(lines));
});
