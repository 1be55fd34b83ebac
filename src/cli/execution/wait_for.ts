/**
 * Waits for executions.
 *
 * @module
 */

import {
  type Execution,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { Backend } from "../../backend/open.ts";
import { invalidArgument } from "../../model/error.ts";
import type { PhaseName } from "../../model/phase.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { suggestion } from "../parse.ts";
import { showOne, showPage } from "../view.ts";
import { noteWhenIdle } from "./idle.ts";
import { endingOf, hasEnded, parsePhase, PHASE_NAMES } from "./outcome.ts";
import { dressPhase, EXECUTION_VIEW, idOf, phaseOf } from "./resource.ts";
import { executionIdOf } from "./last.ts";

/** Waits until each execution has ended, or reached a phase. */
export async function waitForExecutions(
  context: Context,
  words: readonly string[],
  options: { readonly for: string | undefined },
): Promise<Ending> {
  const phase = phaseWanted(options.for);
  await using backend = await openFor(context);
  const executions = await Promise.all(
    words.map(async (word) => {
      const id = await executionIdOf(backend.client, word, context.signal);
      return await waitForOne(context, backend, { id, phase });
    }),
  );
  await showWaited(context, executions);
  const endings = executions.map((it) => endingFor(it, phase));
  return endings.find((it) => it !== "ok") ?? "ok";
}

function phaseWanted(text: string | undefined): PhaseName | undefined {
  if (text === undefined) return undefined;
  const phase = parsePhase(text);
  if (phase !== undefined) return phase;
  throw invalidArgument(
    `Option "--for" cannot be "${text}", choose one of ${
      PHASE_NAMES.join(", ")
    }`,
    suggestion(text, PHASE_NAMES),
  );
}

interface Awaited {
  readonly id: string;
  readonly phase: PhaseName | undefined;
}

async function waitForOne(
  context: Context,
  backend: Backend,
  awaited: Awaited,
): Promise<Execution> {
  const { client } = backend;
  const { signal } = context;
  let execution = await getExecution(client, awaited.id, signal);
  if (isReached(execution, awaited.phase)) return execution;
  using idle = noteWhenIdle(context, backend, { id: awaited.id });
  const answers = client.watchExecution({
    id: awaited.id,
    afterSequence: execution.status?.lastSequence ?? 0,
  }, { signal });
  for await (const { event } of answers) {
    // Only the execution's own events move its phase.
    if (event === undefined || isTaskEvent(event.type)) continue;
    idle.take(event);
    execution = await getExecution(client, awaited.id, signal);
    if (isReached(execution, awaited.phase)) return execution;
  }
  return await getExecution(client, awaited.id, signal);
}

function isTaskEvent(type: Type): boolean {
  return type === Type.TASK_COMPLETED || type === Type.TASK_FAILED ||
    type === Type.TASK_RETRYING || type === Type.TASK_CANCELLED;
}

function isReached(
  execution: Execution,
  phase: PhaseName | undefined,
): boolean {
  return hasEnded(execution) || phaseOf(execution) === phase;
}

function endingFor(execution: Execution, phase: PhaseName | undefined): Ending {
  if (phase === undefined) return endingOf(execution, { timed: false });
  return phaseOf(execution) === phase ? "ok" : "failed";
}

async function showWaited(
  context: Context,
  executions: readonly Execution[],
): Promise<void> {
  const { io } = context;
  if (io.format === "table" || io.format === "wide") {
    if (io.quiet) return;
    for (const it of executions) {
      io.data(`${idOf(it)} ${dressPhase(phaseOf(it), io.out)}`);
    }
    return;
  }
  const [first] = executions;
  if (executions.length === 1 && first !== undefined) {
    return await showOne(context, EXECUTION_VIEW, first);
  }
  await showPage(context, EXECUTION_VIEW, {
    items: executions,
    nextPageToken: "",
  });
}
