/**
 * Watches, cancels, pauses and resumes executions.
 *
 * @module
 */

import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { notFound } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { showOne } from "../view.ts";
import { followExecution } from "./follow.ts";
import { dressPhase, EXECUTION_VIEW, idOf, phaseOf } from "./resource.ts";

/** Follows an execution that runs elsewhere. */
export async function watchExecution(
  context: Context,
  id: string,
): Promise<Ending> {
  await using backend = await openFor(context);
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
  return await steer(context, ids, async (client, id) => {
    const reason = options.reason ?? "";
    const call = { signal: context.signal };
    return (await client.cancelExecution({ id, reason }, call)).execution;
  });
}

/** Holds executions. */
export async function pauseExecutions(
  context: Context,
  ids: readonly string[],
): Promise<Ending> {
  return await steer(context, ids, async (client, id) => {
    const call = { signal: context.signal };
    return (await client.pauseExecution({ id }, call)).execution;
  });
}

/** Goes on with an execution: in this process, or by a worker. */
export async function resumeExecution(
  context: Context,
  id: string,
  options: { readonly detach: boolean },
): Promise<Ending> {
  if (options.detach) {
    return await steer(
      context,
      [id],
      async (client) => (await client.resumeExecution({ id })).execution,
    );
  }
  await using backend = await openFor(context, "own");
  await backend.client.resumeExecution({ id }, { signal: context.signal });
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
  ids: readonly string[],
  act: Steer,
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context);
  for (const id of ids) {
    const execution = await act(backend.client, id);
    if (execution === undefined) throw notFound("execution", id);
    if (io.format === "table" || io.format === "wide") {
      const phase = dressPhase(phaseOf(execution), io.out);
      if (!io.quiet) io.data(`${idOf(execution)} ${phase}`);
    } else await showOne(context, EXECUTION_VIEW, execution);
  }
  return "ok";
}
