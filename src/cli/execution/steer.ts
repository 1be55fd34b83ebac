/**
 * Watches, cancels, pauses and resumes executions.
 *
 * @module
 */

import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import { notFound } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { showOne } from "../view.ts";
import { wrapping } from "../wrap.ts";
import { followExecution } from "./follow.ts";
import { hasEnded } from "./outcome.ts";
import {
  dressPhase,
  EXECUTION_VIEW,
  idOf,
  phaseOf,
  programOf,
} from "./resource.ts";
import { executionIdOf } from "./last.ts";

/** How long `cancel` waits for the end that it asked for. */
const CANCEL_WAIT_MS = 2000;

/** Follows an execution that runs elsewhere. */
export async function watchExecution(
  context: Context,
  word: string,
): Promise<Ending> {
  await using backend = await openFor(context);
  const id = await executionIdOf(backend.client, word, context.signal);
  return await followExecution(context, backend, {
    id,
    owned: false,
    timed: false,
    signal: context.signal,
  });
}

/** Asks executions to stop. */
export async function cancelExecutions(
  context: Context,
  ids: readonly string[],
  options: { readonly reason: string | undefined },
): Promise<Ending> {
  const act: Steer = async (client, id) => {
    const reason = options.reason ?? "";
    const call = { signal: context.signal };
    const { execution } = await client.cancelExecution({ id, reason }, call);
    if (execution === undefined || hasEnded(execution)) return execution;
    return await endedSoon(context, client, execution);
  };
  return await steer(context, ids, {
    act,
    wordOf: (it) => hasEnded(it) ? phaseOf(it) : "cancel requested",
  });
}

/** Gives whoever runs an execution a moment to end it. */
async function endedSoon(
  context: Context,
  client: BackendClient,
  execution: Execution,
): Promise<Execution> {
  const id = idOf(execution);
  const waited = new AbortController();
  const stop = context.host.clock.timer(
    CANCEL_WAIT_MS,
    () => waited.abort(),
  );
  const signal = AbortSignal.any([waited.signal, context.signal]);
  const afterSequence = execution.status?.lastSequence ?? 0;
  try {
    // The stream ends where the execution does.
    for await (
      const _ of client.watchExecution({ id, afterSequence }, { signal })
    );
  } catch (error) {
    if (!waited.signal.aborted) throw error;
  } finally {
    stop();
  }
  return await getExecution(client, id);
}

/** Holds executions. */
export async function pauseExecutions(
  context: Context,
  ids: readonly string[],
): Promise<Ending> {
  return await steer(context, ids, {
    act: async (client, id) => {
      const call = { signal: context.signal };
      return (await client.pauseExecution({ id }, call)).execution;
    },
    // Whoever runs it holds it in a moment.
    wordOf: (it) => phaseOf(it) === "RUNNING" ? "pause requested" : phaseOf(it),
  });
}

/** Goes on with an execution: in this process, or by a worker. */
export async function resumeExecution(
  context: Context,
  word: string,
  options: { readonly detach: boolean },
): Promise<Ending> {
  if (options.detach) {
    return await steer(context, [word], {
      act: async (client, id) =>
        (await client.resumeExecution({ id })).execution,
      wordOf: (it) =>
        phaseOf(it) === "PAUSED" ? "resume requested" : phaseOf(it),
    });
  }
  await using backend = await openFor(context, "own");
  const id = await executionIdOf(backend.client, word, context.signal);
  await backend.client.resumeExecution({ id }, { signal: context.signal });
  const program = programOf(await getExecution(backend.client, id));
  if (program !== undefined) {
    wrapping(context.io).note(
      `${id} goes on in ${program}, and nowhere else: what happened so far, ` +
        "and what happens there",
    );
  }
  return await followExecution(context, backend, {
    id,
    owned: true,
    timed: false,
    signal: context.signal,
  });
}

type Steer = (
  client: BackendClient,
  id: string,
) => Promise<Execution | undefined>;

/** Does something to each execution and shows where it stands then. */
async function steer(
  context: Context,
  words: readonly string[],
  how: {
    readonly act: Steer;
    /** What a person reads of it then. */
    readonly wordOf: (execution: Execution) => string;
  },
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context);
  for (const word of words) {
    const id = await executionIdOf(backend.client, word, context.signal);
    const execution = await how.act(backend.client, id);
    if (execution === undefined) throw notFound("execution", id);
    if (io.format === "table" || io.format === "wide") {
      const word = dressPhase(how.wordOf(execution), io.out);
      if (!io.quiet) io.data(`${idOf(execution)} ${word}`);
    } else await showOne(context, EXECUTION_VIEW, execution);
  }
  return "ok";
}
