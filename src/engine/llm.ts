/**
 * `call: llm`: resolves the question to a model, and leaves the asking to the
 * activity.
 *
 * @module
 */

import type { JournalEvent, ModelUsage } from "../model/durable.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { LlmTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

/** Asks what the task asks. */
export function runLlm(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: LlmTask; readonly end: End },
): void {
  const { temperature, maxOutputTokens } = task;
  const input = effectInput(walk, place, ({ giveText, optional, ...eyes }) => ({
    settings: {
      name: optional(task.model, "with.model"),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    },
    prompt: giveText(task.prompt, "with.prompt"),
    system: optional(task.system, "with.system"),
    schema: task.schema ?? null,
    input: eyes.input,
  }));
  runActivity(walk, place, {
    request: { activity: "llm", ...input, announced: true },
    listener: (event) => settle(answered(walk, event), { task, end }),
  });
}

/** Counts what an answer cost, and leaves the answer. */
function answered(walk: Walk, event: JournalEvent): JournalEvent {
  if (event.type !== "TASK_COMPLETED" || !isJsonObject(event.data)) {
    return event;
  }
  const { data } = event;
  const count = (key: string): number => Number(member(data, key) ?? 0);
  walk.usage = sum(walk.usage, {
    turns: count("turns"),
    toolCalls: 0,
    inputTokens: count("inputTokens"),
    outputTokens: count("outputTokens"),
  });
  const value: Json = member(data, "value") ?? null;
  return { ...event, data: value };
}

function sum(before: ModelUsage | undefined, more: ModelUsage): ModelUsage {
  if (before === undefined) return more;
  return {
    turns: before.turns + more.turns,
    toolCalls: before.toolCalls + more.toolCalls,
    inputTokens: before.inputTokens + more.inputTokens,
    outputTokens: before.outputTokens + more.outputTokens,
  };
}
