/**
 * Which conversation an execution of an agent goes on with.
 *
 * @module
 */

import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import { PAGE_SIZE_MAX } from "../../model/limits.ts";

/**
 * Reads the word that names a session: an id, `last` for the one that was last
 * talked in, or `new`.
 *
 * @returns The id; empty for a new one.
 * @throws {StigmerError} NOT_FOUND when there was none.
 */
export async function chosenSession(
  client: BackendClient,
  choice: { readonly agent: string; readonly word: string },
): Promise<string> {
  const { agent, word } = choice;
  if (word === "new") return "";
  if (word !== "last") return word;
  const { executions } = await client.listExecutions({
    kind: "Agent",
    name: agent,
    page: { size: PAGE_SIZE_MAX },
  });
  // What a workflow asked is no conversation of a person.
  const last = executions.find(({ spec }) =>
    spec?.sessionId !== "" && spec?.parentExecutionId === ""
  );
  if (last?.spec !== undefined) return last.spec.sessionId;
  throw new StigmerError(
    "NOT_FOUND",
    `Cannot go on with the last session of agent "${agent}": it has none`,
    { hints: ["Leave out --session to begin one"] },
  );
}
