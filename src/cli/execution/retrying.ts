/**
 * Runs executions again.
 *
 * @module
 */

import type { RetryExecutionResponse } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import { StigmerError } from "../../model/error.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import {
  announceKeyFor,
  readSecretOptions,
  type SecretValues,
} from "../secret_options.ts";
import { showOne } from "../view.ts";
import { approvalOf } from "./approval_mode.ts";
import { followExecution } from "./follow.ts";
import type { LimitOptions } from "./request_options.ts";
import { EXECUTION_VIEW, idOf, takenBy } from "./resource.ts";
import { runLimits } from "./run_limits.ts";
import { executionIdOf } from "./last.ts";

/** What a retry is asked for with. */
export interface RetryInput extends SecretValues, OptionValues<LimitOptions> {
  readonly from: string | undefined;
  readonly latest: boolean;
  readonly approve: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly detach: boolean;
}

/** Runs an execution again: here and now, or left to a worker. */
export async function retryExecution(
  context: Context,
  word: string,
  input: RetryInput,
): Promise<Ending> {
  const { io } = context;
  const { from = "", latest, idempotencyKey = "", detach } = input;
  const limits = runLimits(input);
  const secrets = { ...await readSecretOptions(context, input) };
  await using backend = await openFor(context, detach ? "none" : "own");
  const id = await executionIdOf(backend.client, word, context.signal);
  await announceKeyFor(context, backend, secrets);
  const answer = await backend.client.retryExecution({
    id,
    from,
    latest,
    idempotencyKey,
    secrets,
    allowShortSecrets: input.allowShort,
    approval: approvalOf(input.approve),
    ...(limits === undefined ? {} : { limits }),
  });
  const execution = retryOf(answer);
  if (!detach) {
    io.note(
      io.err.dim(`Execution ${idOf(execution)}, ${reused(answer)}`),
    );
    return await followExecution(context, backend, {
      id: idOf(execution),
      owned: true,
      timed: false,
    });
  }
  if (io.quiet || io.format === "table" || io.format === "wide") {
    io.data(idOf(execution));
    io.note(`It begins with ${reused(answer)}`);
    const shown = await getExecution(backend.client, idOf(execution));
    io.note(takenBy(backend.type, shown));
  } else await showOne(context, EXECUTION_VIEW, execution);
  return "ok";
}

function reused({ reusedCount }: RetryExecutionResponse): string {
  return reusedCount === 1
    ? "1 recorded result"
    : `${reusedCount} recorded results`;
}

function retryOf({ execution }: RetryExecutionResponse): Execution {
  if (execution !== undefined) return execution;
  throw new StigmerError("INTERNAL", "The backend answered without execution");
}
