/**
 * The answer that a person gave last to an execution, or to those that work
 * for it: whoever is late is told who was earlier.
 *
 * @module
 */

import { isAnswerSignal } from "../model/answer.ts";
import type { TaskView } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { parseExecutionId } from "../model/id.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { getExecution } from "../store/executions.ts";
import type { ServiceDeps } from "./deps.ts";
import { journalNow } from "./journal_now.ts";
import { foldNow } from "./questions.ts";

/** Executions of one family that are looked at, at the most. */
const FAMILY_MAX = 100;

/** What was answered last; `undefined` where nobody answered anything. */
export async function lastAnswer(
  deps: ServiceDeps,
  record: ExecutionRecord,
): Promise<Json | undefined> {
  const rest = [record];
  let last: { readonly timeMs: number; readonly data: Json } | undefined;
  for (let i = 0; i < FAMILY_MAX; i++) {
    const next = rest.shift();
    if (next === undefined) break;
    for (const event of journalNow(deps.store.database, next.id)) {
      if (!isAnswerSignal(event.name)) continue;
      if (last === undefined || event.timeMs >= last.timeMs) last = event;
    }
    const folded = await foldNow(deps, next);
    const tasks = folded?.machine.tasks() ?? [];
    rest.push(...tasks.flatMap((task) => childOf(deps, task) ?? []));
  }
  return last?.data;
}

/** The execution that a task left its work to. */
export function childOf(
  { store }: ServiceDeps,
  { childExecutionId = "" }: TaskView,
): ExecutionRecord | undefined {
  const id = parseExecutionId(childExecutionId);
  return id === undefined ? undefined : getExecution(store.database, id);
}

/** `"approve"`; empty for an answer without an outcome. */
export function outcomeOf(answer: Json): string {
  const outcome = textIn(answer, "outcome");
  return outcome === "" ? "" : `"${outcome}"`;
}

/** `by local-user at 2026-01-31T08:00:00.000Z`. */
export function answererOf(answer: Json): string {
  return `by ${textIn(answer, "respondedBy")} at ${
    textIn(answer, "respondedAt")
  }`;
}

function textIn(answer: Json, key: string): string {
  const value = isJsonObject(answer) ? member(answer, key) : undefined;
  return typeof value === "string" ? value : "";
}
