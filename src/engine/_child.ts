/**
 * Children of a run: starting them, waiting for them, taking their results.
 *
 * @module
 */

import type { ActivityOutcome, Command } from "../model/durable.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import { failureOf, failureToJson } from "../model/failure.ts";
import { failureText } from "../model/failure_text.ts";
import type { Json } from "../model/json.ts";
import type { ExecutionId } from "../model/id.ts";
import { isTerminal } from "../model/phase.ts";
import type { RunKey } from "../model/run.ts";
import { NO_USAGE, usageToJson } from "../model/usage.ts";
import { keyOf, type LiveRun } from "./_live.ts";
import {
  isAtWork,
  makePlace,
  outboxOf,
  resultEvent,
  taskEvent,
} from "./_outbox.ts";
import { eventTime } from "./perform.ts";
import { failureOfThrown } from "./_thrown.ts";

/** A command to start a child. */
type ChildCommand = Extract<Command, { kind: "child" }>;

/** Starts a child, or goes on waiting for one that was started before. */
export function startChild(
  run: LiveRun,
  command: ChildCommand,
): void {
  const key = keyOf(command);
  const place = makePlace();
  run.inFlight.set(key, place);
  const known = run.past.children.get(key);
  if (known !== undefined) {
    if (command.request.detached === true) {
      outboxOf(run).after.push(() => letGo(run, command, known));
      return;
    }
    run.children.set(key, { command, executionId: known });
    return lookAfterCommit(run, key);
  }
  outboxOf(run).after.push(() => {
    if (run.inFlight.get(key) !== place || !isAtWork(run)) return;
    place.ended = prepare(run, command);
  });
}

/** Leaves a child that was stored to itself: that is all its task waits for. */
function letGo(
  run: LiveRun,
  command: ChildCommand,
  executionId: ExecutionId,
): void {
  const key = keyOf(command);
  if (!run.inFlight.delete(key) || run.leaving !== undefined) return;
  run.shop.deliver(run, [
    resultEvent(command, { kind: "completed", output: { executionId } }),
  ]);
}

/** Takes the result of the child with this id, which has ended. */
export function takeChild(run: LiveRun, executionId: Json): void {
  for (const [key, child] of run.children) {
    if (child.executionId === executionId) return lookAtChild(run, key);
  }
}

/** The run stays in memory until it is known that the child has not ended. */
function lookAfterCommit(run: LiveRun, key: string): void {
  const place = run.inFlight.get(key);
  outboxOf(run).after.push(() => {
    if (run.inFlight.get(key) !== place) return;
    run.inFlight.delete(key);
    lookAtChild(run, key);
    if (run.children.has(key)) run.shop.deliver(run, []);
  });
}

/** Takes the result of a child that has ended. */
function lookAtChild(run: LiveRun, key: string): void {
  const waited = run.children.get(key);
  if (waited === undefined || run.leaving !== undefined) return;
  const child = run.shop.store.execution(waited.executionId);
  if (child !== undefined && !isTerminal(child.phase)) return;
  run.children.delete(key);
  const { command, executionId } = waited;
  const outcome = command.request.reported === true
    ? childReport(executionId, child)
    : childOutcome(child);
  run.shop.deliver(run, [resultEvent(command, outcome)]);
}

/** Cancels a child that has not ended. */
export function cancelChild(
  run: LiveRun,
  executionId: LiveRun["key"]["executionId"],
  options: { readonly reason: string; readonly nowMs: number },
): void {
  const phase = run.shop.store.execution(executionId)?.phase;
  if (phase === undefined || isTerminal(phase)) return;
  run.shop.store.requestCancel(executionId, options);
}

/** The record of an execution that was just stored. */
export function newRecord(
  execution: NewExecution,
  nowMs: number,
): ExecutionRecord {
  return {
    ...execution,
    spec: { ...execution.spec, input: execution.input },
    phase: "PENDING",
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    lastSequence: 1,
  };
}

/** Makes the child's record, then stores it together with the event. */
async function prepare(
  run: LiveRun,
  command: ChildCommand,
): Promise<void> {
  const key = keyOf(command);
  const { shop } = run;
  const flight = run.inFlight.get(key);
  try {
    const child = await shop.prepareChild(
      run.execution,
      command.path,
      command.request,
    );
    if (run.inFlight.get(key) !== flight || run.leaving !== undefined) return;
    const nowMs = eventTime(run);
    storeChild(run, child, nowMs);
    if (command.request.detached === true) {
      outboxOf(run).after.push(() => letGo(run, command, child.id));
    } else {
      run.children.set(key, { command, executionId: child.id });
      lookAfterCommit(run, key);
    }
    const { rule } = command;
    run.shop.deliver(run, [
      taskEvent("CHILD_STARTED", command, {
        executionId: child.id,
        ...(rule === undefined ? {} : { rule }),
      }),
    ]);
  } catch (error) {
    if (run.inFlight.get(key) !== flight) return;
    run.inFlight.delete(key);
    const failure = failureOfThrown(error);
    run.shop.deliver(run, [resultEvent(command, { kind: "failed", failure })]);
  }
}

/** Stores a child with the parent's next events, and runs it here. */
function storeChild(run: LiveRun, child: NewExecution, nowMs: number): void {
  const { shop } = run;
  const owned = shop.runsHere(child) ? { owner: shop.owner() } : undefined;
  const outbox = outboxOf(run);
  let key: RunKey | undefined;
  outbox.writes.push(() => {
    key = shop.store.insert(child, { nowMs, ...owned });
  });
  outbox.after.push(() => {
    if (owned !== undefined) shop.adopt(newRecord(child, nowMs), key);
  });
}

/** How a child ended, in full, for a task that takes its failure as well. */
function childReport(
  executionId: ExecutionId,
  child: ExecutionRecord | undefined,
): ActivityOutcome {
  const phase = child?.phase ?? "FAILED";
  const failure = child === undefined
    ? failureOf("runtime", "The child is gone")
    : child.failure;
  return {
    kind: "completed",
    output: {
      executionId,
      phase,
      ...(phase === "COMPLETED" ? { output: child?.output ?? null } : {}),
      ...(failure === undefined ? {} : { failure: failureToJson(failure) }),
      usage: usageToJson(child?.usage ?? NO_USAGE),
    },
  };
}

function childOutcome(child: ExecutionRecord | undefined): ActivityOutcome {
  if (child?.phase === "COMPLETED") {
    return { kind: "completed", output: child.output ?? null };
  }
  const failure = child?.failure ?? failureOf("runtime", "The child is gone");
  return {
    kind: "failed",
    failure: {
      ...failure,
      detail: `Execution "${child?.id ?? ""}": ${failureText(failure)}`,
    },
  };
}
