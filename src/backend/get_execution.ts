/**
 * Gets an execution by its id, for those who call the contract.
 *
 * @module
 */

import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "./open.ts";
import { notFound } from "../model/error.ts";

/** Gets an execution that must be there. */
export async function getExecution(
  client: BackendClient,
  id: string,
  signal?: AbortSignal,
): Promise<Execution> {
  const { execution } = await client.getExecution(
    { id },
    signal === undefined ? {} : { signal },
  );
  if (execution === undefined) throw notFound("execution", id);
  return execution;
}
