/**
 * The word `last` in place of an id: the newest execution that no other one
 * started, which is mostly the one that somebody just ran.
 *
 * @module
 */

import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";

const LAST = "last";

/**
 * Reads the word that names an execution: an id, or `last`.
 *
 * @returns The id.
 * @throws {StigmerError} NOT_FOUND when there is no last one.
 */
export async function executionIdOf(
  client: BackendClient,
  word: string,
  signal?: AbortSignal,
): Promise<string> {
  if (word !== LAST) return word;
  const { executions: [newest] } = await client.listExecutions({
    page: { size: 1, token: "" },
    topLevel: true,
  }, signal === undefined ? undefined : { signal });
  if (newest?.metadata !== undefined) return newest.metadata.id;
  throw new StigmerError(
    "NOT_FOUND",
    "Cannot find the last execution: there is none",
  );
}
