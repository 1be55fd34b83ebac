/**
 * Runs something: here and now, or left to a worker.
 *
 * @module
 */

import type { CreateExecutionRequest } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { Backend, OpenBackendOptions } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { announceKeyFor } from "../secret_options.ts";
import { showOne } from "../view.ts";
import { withCassette } from "./cassette.ts";
import { followExecution } from "./follow.ts";
import { executionRequest, type RunTarget } from "./request.ts";
import { hasEnded } from "./outcome.ts";
import type { RunOptions } from "./request_options.ts";
import { EXECUTION_VIEW, idOf, phaseOf, takenBy } from "./resource.ts";
import { chosenSession } from "./session_choice.ts";
import { limitUnserved } from "./time_limit.ts";

/** Runs a target as the options say. */
export async function runTarget(
  context: Context,
  target: RunTarget,
  options: OptionValues<RunOptions>,
): Promise<Ending> {
  const request = await executionRequest(context, target, options);
  return await withCassette(
    context,
    options,
    async (tape) =>
      options.detach
        ? await submit(context, request)
        : await executeHere(context, request, tape),
  );
}

/** Stores an execution for a worker. */
async function submit(
  context: Context,
  request: CreateExecutionRequest,
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context, "none");
  const execution = await start(context, backend, request);
  if (io.quiet || io.format === "table" || io.format === "wide") {
    io.data(idOf(execution));
    io.note(await nextStep(execution, backend));
  } else await showOne(context, EXECUTION_VIEW, execution);
  return "ok";
}

/** Says who goes on; one with a known key may have been begun long ago. */
async function nextStep(
  execution: Execution,
  { client, type }: Backend,
): Promise<string> {
  const phase = phaseOf(execution);
  if (phase === "PENDING") {
    // What it waits for is known once it is asked for.
    return takenBy(type, await getExecution(client, idOf(execution)));
  }
  return `It was begun before with the same key, and is ${phase}: ` +
    `stigmer execution get ${idOf(execution)}`;
}

/** Runs an execution in this process and follows it. */
async function executeHere(
  context: Context,
  request: CreateExecutionRequest,
  tape: Pick<OpenBackendOptions, "tape">,
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context, "own", tape);
  const execution = await start(context, backend, request);
  const id = idOf(execution);
  io.note(io.err.dim(`Execution ${id}`));
  if (request.idempotencyKey !== "") await takeOver(backend, execution);
  const { timeoutMs } = context.settings;
  using limit = timeoutMs === undefined
    ? undefined
    : limitUnserved(context, backend, { id, timeoutMs });
  const ending = await followExecution(context, backend, {
    id,
    owned: true,
    timed: request.timeout !== undefined,
  });
  return limit?.isOver === true ? "DEADLINE_EXCEEDED" : ending;
}

/**
 * Runs here what an earlier command with the same key left behind; what runs
 * already, here or elsewhere, is only followed, and what is held stays so.
 */
async function takeOver(
  backend: Backend,
  execution: Execution,
): Promise<void> {
  if (hasEnded(execution) || phaseOf(execution) === "PAUSED") return;
  try {
    await backend.client.resumeExecution({ id: idOf(execution) });
  } catch (error) {
    if (toStigmerError(error).code !== "FAILED_PRECONDITION") throw error;
  }
}

/** Creates the execution, in the session that is meant. */
async function start(
  context: Context,
  backend: Backend,
  request: CreateExecutionRequest,
): Promise<Execution> {
  const { client } = backend;
  const { secrets } = request;
  await announceKeyFor(context, backend, secrets);
  const { execution } = await client.createExecution({
    ...request,
    session: await chosenSession(client, request),
  });
  if (execution !== undefined) return execution;
  throw new StigmerError("INTERNAL", "The backend answered without execution");
}
