/**
 * What was said in a session, as the backend keeps it.
 *
 * @module
 */

import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { failureText } from "../../model/failure_text.ts";
import type { Json } from "../../model/json.ts";
import { PAGE_SIZE_MAX } from "../../model/limits.ts";
import type { Context } from "../context.ts";
import { idOf, phaseOf, valueOf } from "../execution/resource.ts";
import { newestFirst } from "../session/conversation.ts";
import { oneLine } from "../one_line.ts";
import { pretty, printable } from "../view.ts";
import { fit } from "../width.ts";

/** Exchanges of an older session that are shown when it goes on. */
const EXCHANGES_SHOWN = 3;
/** Executions of a conversation that are read at the most, the newest ones. */
const EXECUTIONS_MAX = PAGE_SIZE_MAX;
const COLUMNS_DEFAULT = 80;

/** One message and what came of it. */
export interface Said {
  readonly executionId: string;
  readonly message: string;
  readonly phase: string;
  /** The answer; what went wrong when there is none. */
  readonly answer: string;
}

/**
 * The newest executions of a conversation, oldest first; those before a fork
 * are of it.
 */
export async function executionsOf(
  client: BackendClient,
  name: string,
): Promise<readonly Execution[]> {
  if (name === "") return [];
  const { session } = await client.getSession({ name });
  if (session === undefined) return [];
  const call = { signal: new AbortController().signal };
  const found: Execution[] = [];
  for await (const it of newestFirst(client, session, call)) {
    if (found.push(it) >= EXECUTIONS_MAX) break;
  }
  return found.reverse();
}

/** What was said in an execution. */
export function saidIn(execution: Execution): Said {
  const { spec, status } = execution;
  const answer = status?.output === undefined
    ? failureText(status?.error)
    : textOf(valueOf(execution, "output"));
  return {
    executionId: idOf(execution),
    message: spec?.message || textOf(valueOf(execution, "input")),
    phase: phaseOf(execution),
    answer,
  };
}

/** Shows the end of an older session, each message on a line. */
export function showHistory(
  { io }: Context,
  executions: readonly Execution[],
): void {
  const shown = executions.slice(-EXCHANGES_SHOWN);
  const left = executions.length - shown.length;
  if (left > 0) io.note(io.err.dim(`… ${left} earlier`));
  const width = (io.columns ?? COLUMNS_DEFAULT) - 2;
  for (const { message, answer, phase } of shown.map(saidIn)) {
    io.note(io.err.dim(`> ${fit(oneLine(message), width)}`));
    const said = phase === "COMPLETED" ? answer : `(${phase}) ${answer}`;
    io.note(io.err.dim(fit(oneLine(said), width)));
  }
}

/** Writes a session as Markdown. */
export function transcriptText(
  agent: string,
  session: string,
  said: readonly Said[],
): string {
  const parts = said.map(({ message, phase, answer }) => {
    const outcome = phase === "COMPLETED"
      ? answer.trim()
      : `*${phase}* ${answer.trim()}`.trim();
    return `**You**\n\n${message.trim()}\n\n**${agent}**\n\n${outcome}\n`;
  });
  return [`# Conversation with ${agent}\n\nSession ${session}\n`, ...parts]
    .map(printable).join("\n");
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : pretty(value);
}
