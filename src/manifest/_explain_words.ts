/**
 * The words that workflows are written in, each explained by itself: `wait`,
 * `call`, `schedule`, `retry`.
 *
 * @module
 */

import { API_VERSION } from "../model/kind.ts";
import { RESOURCES } from "./_explain_kinds.ts";
import { messageTopic } from "./_explain_message.ts";
import { definitionNames, definitionTopic } from "./_explain_schema.ts";
import type { Topic, TopicField } from "./_explain_topic.ts";

/** A word, and what it is part of. */
export interface Word {
  readonly name: string;
  /** `Task`, `Workflow`, or what the word itself stands for. */
  readonly kind: string;
  readonly apiVersion?: string;
  /** Where it stands below the kind. */
  readonly path: readonly string[];
  topic(): Topic;
}

/** Every word; of two of the same name the first one is meant. */
export function languageWords(): readonly Word[] {
  const task = definitionTopic("task");
  const of = (fields: readonly TopicField[], ...path: readonly string[]) =>
    fields.map(({ name, topic }): Word => ({
      name,
      kind: "Task",
      path: [...path, name],
      topic,
    }));
  return [
    ...of(task.kinds()),
    CALL,
    ...of(
      definitionTopic("task_run").fields()[0]?.topic().fields() ?? [],
      "run",
      "run",
    ),
    ...workflowFields(),
    // What a task of any kind may have.
    ...of(definitionTopic("task_set").fields(), "set"),
    ...definitionNames().map((name): Word => ({
      name,
      kind: capital(name),
      path: [],
      topic: () => definitionTopic(name),
    })),
    ...of(definitionTopic("graph_agent_task").fields()),
  ];
}

/** Finds a word; `event_filter` is `event-filter` and `eventFilter`. */
export function languageWord(typed: string): Word | undefined {
  const plain = lettersOf(typed);
  return languageWords().find(({ name }) => lettersOf(name) === plain);
}

/** `call` alone says no kind of task: what can be called does. */
const CALL: Word = {
  name: "call",
  kind: "Task",
  path: ["call"],
  topic() {
    const isCall = ({ topic }: TopicField): boolean =>
      topic().fields().some(({ name }) => name === "call");
    return {
      ...definitionTopic("task_function"),
      description:
        "Calls a function: one of these, or one of the workflow's own by its name.",
      kinds: () => definitionTopic("task").kinds().filter(isCall),
    };
  },
};

function workflowFields(): readonly Word[] {
  const spec = messageTopic(RESOURCES.Workflow).fields()
    .find(({ name }) => name === "spec")?.topic();
  return (spec?.fields() ?? []).map(({ name, topic }) => ({
    name,
    kind: "Workflow",
    apiVersion: API_VERSION,
    path: ["spec", name],
    topic,
  }));
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** `event_filter` is called `EventFilter`. */
function capital(name: string): string {
  return name.split("_").map((it) => `${it[0]?.toUpperCase()}${it.slice(1)}`)
    .join("");
}
