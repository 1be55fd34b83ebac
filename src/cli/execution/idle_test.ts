import { create } from "@bufbuild/protobuf";
import { strictEqual } from "node:assert/strict";
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
