/**
 * The `llm` activity: a workflow asks a model once, without an agent.
 *
 * An answer that must fit a schema and does not is asked for again, a few
 * times, as one effect: the workflow sees the answer and what it cost.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { answeredBy } from "../llm/answered_by.ts";
import type { ModelTurn } from "../llm/model_turn.ts";
import { hideInValue } from "../llm/mapped_turn.ts";
import type { ModelSettings } from "../llm/model.ts";
import type { ModelBook } from "../llm/model_book.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { type FailureKind, failureOf } from "../model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { type ModelUsage, sumUsage, usageToJson } from "../model/usage.ts";
import { askAgain, checkAnswer, schemaInstruction } from "./answer.ts";
import { createAsker, tallyOf, type Taping } from "./asking.ts";
import type { Asked } from "./call_options.ts";
import { message } from "./conversation.ts";
import { promptFromJson, settingsFromJson } from "./request.ts";
import { usageOfTurn } from "./turn.ts";

/** Answers that are asked for at the most. */
const ANSWERS_MAX = 3;

/** A question to a model. */
export interface Ask {
  readonly settings: ModelSettings;
  readonly prompt: string;
  readonly system: string;
  /** JSON Schema that the answer must fit; absent means text. */
  readonly schema?: JsonObject;
  /** The task's input, which a script may quote. */
  readonly input: Json;
}

/** Reads the input of the activity. */
export function askFromJson(json: Json, modelName: string): Ask {
  const object = isJsonObject(json) ? json : {};
  const settings = settingsFromJson(member(object, "settings"));
  const schema = member(object, "schema");
  return {
    settings: { ...settings, name: settings.name || modelName },
    prompt: String(member(object, "prompt") ?? ""),
    system: String(member(object, "system") ?? ""),
    ...(isJsonObject(schema) ? { schema } : {}),
    input: member(object, "input") ?? null,
  };
}

/** What of the run a model is asked with. */
interface From {
  readonly host: Host;
  readonly context: ActivityContext;
  readonly taping?: Taping | undefined;
  /** What is known of models. */
  readonly book: ModelBook;
}

/**
 * Asks a model.
 *
 * The output is `{value, model}` with what was used, as `usageToJson` writes
 * it.
 */
export async function askModel(
  ask: Ask,
  { host, context, taping, book }: From,
): Promise<ActivityOutcome> {
  const { settings, input } = ask;
  const asker = createAsker(settings, { host, context, book, input, taping });
  const messages = [...messagesOf(ask)];
  const used: ModelUsage[] = [];
  let model = "";
  let problem = "";
  while (used.length < ANSWERS_MAX) {
    const reply = await asker.ask(requestOf(ask, messages), []);
    if (reply.kind === "failed") return reply;
    const { turn } = reply;
    model = reply.model;
    used.push(usageOfTurn({ ...tallyOf(reply), toolCalls: [] }));
    const judged = judge(turn, { ask, model });
    if (judged.kind === "failed") return judged;
    if (judged.kind === "completed") {
      const { hide = (text: string) => text } = context.secrets ?? {};
      const value = hideInValue(judged.output, hide);
      const output = { value, model, ...usageToJson(sumUsage(used)) };
      return { kind: "completed", output, isHidden: true };
    }
    problem = judged.problem;
    messages.push(...again(turn, { problem, model }));
  }
  return failed(
    "validation",
    `The answer of model "${model}" does not fit its schema after ` +
      `${ANSWERS_MAX} answers: ${problem}`,
  );
}

function requestOf(
  { settings, schema }: Ask,
  messages: readonly JsonObject[],
): Asked {
  return {
    settings,
    prompt: promptFromJson(messages),
    ...(schema === undefined ? {} : { outputSchema: schema }),
  };
}

function messagesOf({ system, prompt, schema }: Ask): readonly JsonObject[] {
  const content = [
    system,
    ...(schema === undefined ? [] : [schemaInstruction(schema)]),
  ].filter((text) => text.trim() !== "").join("\n\n");
  return [
    // Providers refuse an empty one.
    ...(content === "" ? [] : [{ role: "system", content }]),
    message("user", prompt),
  ];
}

/** The answer that did not do, and why. */
function again(
  turn: ModelTurn,
  { problem, model }: { readonly problem: string; readonly model: string },
): readonly JsonObject[] {
  const answer = turn.content.length > 0
    ? { role: "assistant", content: turn.content, ...answeredBy(model) }
    : message("assistant", turn.text);
  return [answer, message("user", askAgain(problem))];
}

/** Says whether an answer does. */
function judge(
  turn: ModelTurn,
  { ask, model }: { readonly ask: Ask; readonly model: string },
): ActivityOutcome | { readonly kind: "misfits"; readonly problem: string } {
  const answer = `The answer of model "${model}"`;
  if (turn.finishReason === "length") {
    return failed(
      "runtime",
      `${answer} was cut off at its limit of output tokens, raise ` +
        "with.maxOutputTokens",
    );
  }
  if (turn.finishReason === "content-filter") {
    return failed(
      "runtime",
      `${answer} was held back by the provider's content filter`,
    );
  }
  if (ask.schema === undefined) {
    return { kind: "completed", output: turn.text };
  }
  const checked = checkAnswer(turn.text, ask.schema);
  switch (checked.kind) {
    case "fits":
      return { kind: "completed", output: checked.value };
    case "misfits":
      return checked;
    case "unusable":
      return failed(
        "configuration",
        `The schema of a question to model "${model}" cannot be used: ` +
          checked.problem,
      );
  }
}

function failed(
  kind: FailureKind,
  detail: string,
): Extract<ActivityOutcome, { kind: "failed" }> {
  return { kind: "failed", failure: failureOf(kind, detail) };
}
