import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type Execution,
  ExecutionSchema,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Backend } from "../../backend/open.ts";
import { turnWait } from "../../model/turn_wait.ts";
import { fakeContext } from "../fake_context.ts";
import { noteWhenIdle } from "./idle.ts";

/** What is said of a run that has stood still for a second. */
async function said(
  execution: Execution,
  runsHere: boolean,
  approvalsTold = false,
): Promise<string> {
  const context = await fakeContext("");
  const client = { getExecution: () => Promise.resolve({ execution }) };
  const backend = { client, type: "local" } as unknown as Backend;
  using _notice = noteWhenIdle(context, backend, {
    id: "aex-1",
    runsHere,
    approvalsTold,
  });
  context.host.clock.advance(1000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return context.host.terminal.text("stderr");
}

Deno.test("who runs it here is not told to start a worker while its turn comes", async () => {
  const waiting = (waitingFor: string): Execution =>
    create(ExecutionSchema, {
      metadata: { id: "aex-1" },
      status: { phase: Phase.PENDING, waitingFor },
    });
  strictEqual(await said(waiting(""), true), "");
  strictEqual(
    await said(waiting("aex-0 of its session"), true),
    "aex-1 begins after aex-0 of its session\n",
  );
  const told = await said(waiting(""), false);
  strictEqual(told.startsWith("aex-1 is PENDING, but no worker runs it"), true);
});

Deno.test("who waits behind an approval is told what answers it, once", async () => {
  const waitingFor = turnWait({
    id: "aex-0",
    phase: "WAITING",
    waitingFor: "approval of say()",
  });
  const execution = create(ExecutionSchema, {
    metadata: { id: "aex-1" },
    status: { phase: Phase.PENDING, waitingFor },
  });
  strictEqual(
    await said(execution, true),
    'aex-1 begins after execution "aex-0" of its session, which waits for ' +
      "approval of say(). Answer it: stigmer execution approve aex-0\n",
  );
  strictEqual(await said(execution, true, true), "");
});

Deno.test("nothing is said of a run that stands still while somebody is asked about it", async () => {
  const execution = create(ExecutionSchema, {
    metadata: { id: "aex-1" },
    status: { phase: Phase.PAUSED },
  });
  for (const isAsked of [true, false]) {
    const context = await fakeContext("");
    const client = { getExecution: () => Promise.resolve({ execution }) };
    const backend = { client, type: "local" } as unknown as Backend;
    using _notice = noteWhenIdle(context, backend, {
      id: "aex-1",
      isAsking: () => isAsked,
    });
    context.host.clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 0));
    strictEqual(context.host.terminal.text("stderr") === "", isAsked);
  }
});

/** Lets what was asked of a client be answered. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a timer that nobody acts on is told of once it is overdue, and no sooner", async () => {
  const context = await fakeContext("");
  const { clock, terminal } = context.host;
  const dueAtMs = clock.now() + 60_000;
  const execution = create(ExecutionSchema, {
    metadata: { id: "wex-1" },
    status: {
      phase: Phase.WAITING,
      waitingFor: 'timer of "nap"',
      dueAt: timestampFromMs(dueAtMs),
    },
  });
  const client = { getExecution: () => Promise.resolve({ execution }) };
  const backend = { client, type: "local" } as unknown as Backend;
  using _notice = noteWhenIdle(context, backend, { id: "wex-1" });
  for (const stepMs of [1000, 58_000, 10_000]) {
    strictEqual(terminal.text("stderr"), "");
    clock.advance(stepMs);
    await settled();
  }
  const told = terminal.text("stderr");
  strictEqual(
    told,
    'wex-1 waits for timer of "nap", which was due at 00:01:00Z, but no ' +
      'worker runs it. Start one with "stigmer worker", or go on with it ' +
      "here: stigmer execution resume wex-1\n",
  );
  clock.advance(60_000);
  await settled();
  strictEqual(terminal.text("stderr"), told);
});

Deno.test("a run whose worker dies is told of while it is watched", async () => {
  const context = await fakeContext("");
  const { clock, terminal } = context.host;
  const execution = create(ExecutionSchema, {
    metadata: { id: "wex-1" },
    status: { phase: Phase.RUNNING },
  });
  const client = { getExecution: () => Promise.resolve({ execution }) };
  const backend = { client, type: "local" } as unknown as Backend;
  using _notice = noteWhenIdle(context, backend, { id: "wex-1" });
  clock.advance(1000);
  await settled();
  if (execution.status !== undefined) {
    execution.status.waitingFor = "a worker, its last one is gone";
  }
  clock.advance(10_000);
  await settled();
  deepStrictEqual(
    terminal.text("stderr").split(", but no worker runs it").length,
    2,
  );
});
