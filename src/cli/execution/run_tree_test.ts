import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Execution,
  ExecutionSchema,
  Phase,
  type TaskStatusSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { styleOf } from "../style.ts";
import { widthOf } from "../width.ts";
import { type RunNode, treeOf } from "./run_tree.ts";
import { treeLines } from "./tree_lines.ts";
import { rowsOf } from "./tree_rows.ts";

const NOW_MS = Date.UTC(2026, 0, 1, 12);

type Task = Omit<MessageInitShape<typeof TaskStatusSchema>, "$typeName">;

/** A task that began ten seconds ago, and took four if it is over. */
function task(path: string, phase: Phase, more: Task = {}): Task {
  const isOver = phase >= Phase.COMPLETED && phase <= Phase.CANCELLED;
  return {
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    kind: "run shell",
    phase,
    attempts: 1,
    ...(phase === Phase.PENDING
      ? {}
      : { startedAt: timestampFromMs(NOW_MS - 10_000) }),
    ...(isOver ? { completedAt: timestampFromMs(NOW_MS - 6000) } : {}),
    ...more,
  };
}

function execution(
  name: string,
  tasks: readonly Task[],
  status: Omit<MessageInitShape<typeof ExecutionSchema>["status"], ""> = {},
): Execution {
  return create(ExecutionSchema, {
    metadata: { id: `id-${name}` },
    spec: { resourceName: name },
    status: { phase: Phase.RUNNING, ...status, tasks: [...tasks] },
  });
}

function drawn(
  run: Execution,
  how: {
    readonly children?: readonly Execution[];
    readonly dueAtMs?: ReadonlyMap<string, number>;
    readonly width?: number;
    readonly rowsMax?: number;
    readonly isColored?: boolean;
  } = {},
): readonly string[] {
  const children = new Map(
    (how.children ?? []).map((it) => [it.metadata?.id ?? "", it]),
  );
  const dueAtMs = how.dueAtMs ?? new Map<string, number>();
  const tree = treeOf({ execution: run, children, dueAtMs });
  return treeLines(rowsOf(tree, how.rowsMax ?? 100), {
    width: how.width ?? 79,
    style: styleOf(how.isColored ?? false),
    nowMs: NOW_MS,
    spinner: "*",
  });
}

Deno.test("a tree shows tasks, the agent of one, its turns and its calls", () => {
  const agent = execution("scribe", [
    task("/turn/1", Phase.COMPLETED, {
      name: "turn 1",
      kind: "model turn",
      usage: { inputTokens: 1204, outputTokens: 96, costUsd: 0.0123 },
    }),
    task("/turn/1/tool/a", Phase.COMPLETED, {
      kind: "tool call",
      call: "files_read(path=notes.txt)",
    }),
    task("/turn/2", Phase.RUNNING, { name: "turn 2", kind: "model turn" }),
  ], {
    usage: { inputTokens: 1204, outputTokens: 96, costUsd: 0.0123 },
  });
  const run = execution("flow", [
    task("/do/0/first", Phase.COMPLETED, { attempts: 3 }),
    task("/do/1/loop", Phase.RUNNING, { kind: "for" }),
    task("/do/1/loop/for/1/do/0/order", Phase.RUNNING, {
      kind: "agent",
      childExecutionId: "id-scribe",
    }),
    task("/do/2/last", Phase.SKIPPED, {}),
  ], { startedAt: timestampFromMs(NOW_MS - 60_000) });
  deepStrictEqual(drawn(run, { children: [agent] }), [
    "* flow  1 m 0 s · id-flow",
    "  ✓ first  try 3 · 4.0 s",
    "  * loop  10.0 s",
    "    * [1] order  scribe · 10.0 s · 1,204 + 96 tokens · $0.0123",
    "      ✓ turn 1  4.0 s · 1,204 + 96 tokens · $0.0123",
    "        ✓ files_read(path=notes.txt)  4.0 s",
    "      * turn 2  model turn · 10.0 s",
    "  - last  10.0 s",
  ]);
  // An agent that nobody has looked into yet is at work all the same.
  deepStrictEqual(drawn(run).slice(3), [
    "    * [1] order  agent · 10.0 s",
    "  - last  10.0 s",
  ]);
});

Deno.test("a tree says what is waited for: a timer, an answer, an approval, an event", () => {
  const run = execution("flow", [
    task("/do/0/nap", Phase.WAITING, { kind: "wait" }),
    task("/do/1/tell", Phase.WAITING, {
      human: {
        prompt: "Ship\n it?",
        outcomes: ["yes", "no"],
        dueAt: timestampFromMs(NOW_MS + 90_000),
      },
    }),
    task("/do/2/order", Phase.RUNNING, { childExecutionId: "id-scribe" }),
    task("/do/3/hear", Phase.RUNNING, { childExecutionId: "id-ear" }),
  ], {
    phase: Phase.WAITING,
    waitingFor: 'timer of "nap"',
    dueAt: timestampFromMs(NOW_MS + 4000),
  });
  const children = [
    execution("scribe", [
      task("/turn/1/tool/a", Phase.WAITING, {
        kind: "tool call",
        call: "workspace_write(path=a)",
        human: { toolCall: { server: "workspace", tool: "write" } },
      }),
    ], { phase: Phase.WAITING, waitingFor: "approval of workspace_write" }),
    execution("ear", [], { phase: Phase.WAITING, waitingFor: "event a.b" }),
  ];
  const dueAtMs = new Map([["/do/0/nap", NOW_MS + 4000]]);
  deepStrictEqual(drawn(run, { children, dueAtMs, width: 120 }), [
    '~ flow  WAITING · for timer of "nap" · in 4.0 s, at 12:00:04Z · id-flow',
    "  ~ nap  in 4.0 s, at 12:00:04Z · 10.0 s",
    "  ? tell  asks: Ship it? (yes, no) · in 1 m 30 s, at 12:01:30Z · 10.0 s",
    "  ~ order  scribe · waits for approval of workspace_write · 10.0 s",
    "    ? workspace_write(path=a)  asks to call workspace:write · 10.0 s",
    "  ~ hear  ear · waits for event a.b · 10.0 s",
  ]);
});

Deno.test("the first line of a narrow tree leaves out its id, its cost, and what it waits for", () => {
  const run = execution("flow", [], {
    phase: Phase.WAITING,
    waitingFor: 'answer to "Ship it?"',
    usage: { inputTokens: 1200, outputTokens: 34, costUsd: 0.01 },
  });
  const cases = [
    [120, " · id-flow"],
    [70, ""],
  ] as const;
  const waits = '? flow  WAITING · for answer to "Ship it?"';
  for (const [width, rest] of cases) {
    deepStrictEqual(drawn(run, { width }), [
      `${waits.replace("?", "~")} · 1,200 + 34 tokens · $0.01${rest}`,
    ]);
  }
  deepStrictEqual(drawn(run, { width: 50 }), [waits.replace("?", "~")]);
  deepStrictEqual(drawn(run, { width: 40 }), ["~ flow  WAITING"]);
  deepStrictEqual(drawn(run, { width: 12 }), ["~ flow  WAI…"]);
});

Deno.test("a tree says how late a timer is that nobody acted on", () => {
  const dueOf = (ms: number) => ({ dueAt: timestampFromMs(NOW_MS + ms) });
  const run = (ms: number) =>
    execution("flow", [task("/do/0/nap", Phase.WAITING)], {
      phase: Phase.WAITING,
      waitingFor: 'timer of "nap"',
      ...dueOf(ms),
    });
  const lateMs = (ms: number) => ({
    dueAtMs: new Map([["/do/0/nap", NOW_MS + ms]]),
    width: 120,
  });
  deepStrictEqual(drawn(run(-8000), lateMs(-8000)), [
    '~ flow  WAITING · for timer of "nap" · overdue by 8.0 s · id-flow',
    "  ~ nap  overdue by 8.0 s · 10.0 s",
  ]);
  deepStrictEqual(drawn(run(-500), lateMs(-500)), [
    '~ flow  WAITING · for timer of "nap" · in 0 ms, at 11:59:59Z · id-flow',
    "  ~ nap  in 0 ms, at 11:59:59Z · 10.0 s",
  ]);
});

Deno.test("a tree says why something failed, and that it is tried again", () => {
  const error = { detail: "no answer\nfrom host" };
  const run = execution("flow", [
    task("/do/0/get", Phase.RUNNING, { attempts: 2, error }),
    task("/do/1/put", Phase.FAILED, { error }),
  ], { phase: Phase.FAILED });
  deepStrictEqual(drawn(run), [
    "✗ flow  FAILED · id-flow",
    "  * get  run shell · try 2 · no answer from host, trying again · 10.0 s",
    "  ✗ put  no answer from host · 4.0 s",
  ]);
});

const LONG = execution("flow", [
  ...Array.from(
    { length: 12 },
    (_, i) => task(`/do/${i}/done${i}`, Phase.COMPLETED),
  ),
  task("/do/12/bad", Phase.FAILED),
  task("/do/13/over", Phase.COMPLETED),
  task("/do/13/over/do/0/part", Phase.COMPLETED),
  task("/do/13/over/do/1/part", Phase.COMPLETED),
  task("/do/14/now", Phase.RUNNING),
  ...Array.from(
    { length: 5 },
    (_, i) => task(`/do/${20 + i}/next${i}`, Phase.PENDING),
  ),
]);

Deno.test("a tree is folded to its room: first inside what ended, then what ended", () => {
  const withoutFacts = (lines: readonly string[]): readonly string[] =>
    lines.map((it) => it.replace(/(?<=[^ ]) {2}[^ ].*/, ""));
  strictEqual(drawn(LONG, { rowsMax: 23 }).length, 23);
  const inside = drawn(LONG, { rowsMax: 22 });
  strictEqual(inside.length, 21);
  ok(!inside.some((it) => it.includes("part")));
  deepStrictEqual(withoutFacts(drawn(LONG, { rowsMax: 12 })), [
    "* flow",
    "  … 12 done",
    "  ✗ bad",
    "  ✓ over",
    "  * now",
    ...[0, 1, 2, 3, 4].map((i) => `  · next${i}`),
  ]);
  deepStrictEqual(withoutFacts(drawn(LONG, { rowsMax: 6 })), [
    "* flow",
    "  … 13 done, 1 failed",
    "  * now",
    "  … 5 more",
  ]);
  for (let rowsMax = 1; rowsMax < 23; rowsMax++) {
    const { length } = drawn(LONG, { rowsMax });
    ok(length <= rowsMax && length > 0, `${length} of ${rowsMax}`);
  }
});

Deno.test("a tree of which all is at work shows its begin and its end", () => {
  const run = execution(
    "flow",
    Array.from({ length: 50 }, (_, i) => task(`/do/${i}/t${i}`, Phase.RUNNING)),
  );
  const lines = drawn(run, { rowsMax: 6 });
  strictEqual(lines.length, 6);
  ok(lines.includes("  … 46 more"), lines.join("\n"));
  ok(lines.at(-1)?.includes("t49"));
});

Deno.test("no line of a tree is wider than it may be, whatever is in it", () => {
  const nasty = "日本語\x1b[2J\x9b1A\u202e\u200b\r\n👩‍👩‍👧‍👦 ".repeat(40);
  const deep = Array.from(
    { length: 30 },
    (_, i) => task("/do/0/x".repeat(i + 1), Phase.RUNNING, { name: nasty }),
  );
  const run = execution(nasty, [
    ...deep,
    task("/do/1/b", Phase.FAILED, { error: { detail: nasty } }),
    task("/do/2/c", Phase.WAITING, {
      human: { prompt: nasty, outcomes: [nasty] },
    }),
  ], { phase: Phase.WAITING, waitingFor: nasty });
  for (const width of [1, 2, 5, 20, 39, 79, 200]) {
    for (const isColored of [false, true]) {
      for (const line of drawn(run, { width, isColored })) {
        ok(widthOf(line) <= width, `${width}: ${JSON.stringify(line)}`);
        // deno-lint-ignore no-control-regex -- what may dress a line
        const plain = line.replaceAll(/\x1b\[\d+m/g, "");
        ok(!/\p{Cc}/u.test(plain), JSON.stringify(line));
      }
    }
  }
});

Deno.test("a tree of any number of tasks is cut to the terminal", () => {
  const part = (phase: Phase): RunNode => ({ label: "one", phase, parts: [] });
  const many = (phase: Phase): RunNode => ({
    label: "many",
    phase: Phase.RUNNING,
    parts: Array.from({ length: 200_000 }, () => part(phase)),
  });
  for (const phase of [Phase.RUNNING, Phase.COMPLETED, Phase.FAILED]) {
    const tree = { label: "run", phase: Phase.RUNNING, parts: [many(phase)] };
    const rows = rowsOf(tree, 10);
    ok(rows.length <= 10, `${rows.length} lines`);
    const folded = rows.flatMap((it) => it.kind === "folded" ? [it] : []);
    const shown = rows.length - folded.length;
    const hidden = folded.map((it) => it.done + it.failed + it.more);
    // The run and what holds them are no part of them.
    strictEqual(shown - 2 + hidden.reduce((a, b) => a + b, 0), 200_000);
  }
});
