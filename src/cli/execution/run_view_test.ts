import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Execution,
  ExecutionEvent_Type as Type,
  ExecutionEventSchema,
  ExecutionSchema,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { type FakeHost, fakeHost } from "../../host/fake.ts";
import { styleOf } from "../style.ts";
import { openRunView, type RunView } from "./run_view.ts";

const LOOK = {
  width: 79,
  style: styleOf(false),
  nowMs: Date.UTC(2026, 0, 1),
  spinner: "*",
};
const EVENT = create(ExecutionEventSchema, {
  sequence: 2,
  type: Type.TASK_STARTED,
  time: timestampFromMs(LOOK.nowMs),
});

function run(id: string, phase: Phase, childId = ""): Execution {
  return create(ExecutionSchema, {
    metadata: { id },
    spec: { resourceName: id },
    status: {
      phase,
      tasks: [{
        path: "/do/0/a",
        name: `task of ${id}`,
        phase,
        attempts: 1,
        childExecutionId: childId,
      }],
    },
  });
}

interface Scene {
  readonly host: FakeHost;
  readonly view: RunView;
  /** Ids that were asked for, since it was looked at last. */
  asked(): readonly string[];
  /** Lets time pass, and what was asked for be answered. */
  pass(ms: number): Promise<void>;
}

function scene(
  answer: (id: string) => Execution,
  { answerMs = 0 }: { readonly answerMs?: number } = {},
): Scene {
  const host = fakeHost();
  let asked: string[] = [];
  const client = {
    async getExecution({ id }: { readonly id: string }) {
      asked.push(id);
      if (answerMs > 0) await host.clock.sleep(answerMs);
      return { execution: answer(id) };
    },
  } as unknown as BackendClient;
  const { signal } = new AbortController();
  return {
    host,
    view: openRunView({ host }, client, { id: "wex-1", signal }),
    asked() {
      const all = asked;
      asked = [];
      return all;
    },
    async pass(ms) {
      host.clock.advance(ms);
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

Deno.test("a view asks for nothing before it is started, and for no more than it must", async () => {
  const { view, asked, pass } = scene(() => run("wex-1", Phase.RUNNING));
  view.take(EVENT);
  await pass(10_000);
  deepStrictEqual(asked(), []);
  deepStrictEqual(view.lines(10, LOOK), []);
  view.start();
  await pass(0);
  deepStrictEqual(asked(), ["wex-1"]);
  strictEqual(view.lines(10, LOOK).length, 2);
  await pass(250);
  await pass(250);
  deepStrictEqual(asked(), []);
  view.take(EVENT);
  view.take({ ...EVENT, sequence: 0 });
  await pass(250);
  await pass(250);
  deepStrictEqual(asked(), ["wex-1"]);
  view[Symbol.dispose]();
  view.take(EVENT);
  await pass(10_000);
  deepStrictEqual(asked(), []);
});

Deno.test("a view looks into what runs inside a run, until that has ended", async () => {
  let phase: Phase = Phase.RUNNING;
  const { view, asked, pass } = scene((id) =>
    id === "wex-1"
      ? run(id, Phase.RUNNING, "aex-2")
      : id === "aex-2"
      ? run(id, phase, "aex-3")
      : run(id, phase)
  );
  view.start();
  await pass(0);
  deepStrictEqual(asked(), ["wex-1", "aex-2", "aex-3"]);
  ok(view.lines(10, LOOK).some((it) => it.includes("task of aex-3")));
  phase = Phase.COMPLETED;
  await pass(250);
  deepStrictEqual(asked(), ["wex-1", "aex-2", "aex-3"]);
  view.take(EVENT);
  await pass(250);
  deepStrictEqual(asked(), ["wex-1"]);
  view[Symbol.dispose]();
});

Deno.test("a view that is answered slowly asks seldom", async () => {
  const { view, asked, pass } = scene(
    () => run("wex-1", Phase.RUNNING),
    { answerMs: 500 },
  );
  view.start();
  let count = 0;
  for (let i = 0; i < 100; i++) {
    view.take(EVENT);
    await pass(100);
    count += asked().length;
  }
  ok(count >= 2 && count <= 3, `${count}`);
  view[Symbol.dispose]();
});

Deno.test("a view goes on after an answer that did not come", async () => {
  let isBroken = true;
  const { view, pass } = scene((id) => {
    if (isBroken) throw new Error("connection refused");
    return run(id, Phase.RUNNING);
  });
  view.start();
  await pass(0);
  deepStrictEqual(view.lines(10, LOOK), []);
  isBroken = false;
  view.take(EVENT);
  await pass(250);
  strictEqual(view.lines(10, LOOK).length, 2);
  view[Symbol.dispose]();
});

Deno.test("a view shows a run as it ended, and looks into what it has not seen", async () => {
  const { view, asked } = scene((id) => run(id, Phase.COMPLETED));
  await view.end(run("wex-1", Phase.COMPLETED, "aex-2"));
  deepStrictEqual(asked(), ["aex-2"]);
  strictEqual(view.lines(10, LOOK).length, 3);
});
