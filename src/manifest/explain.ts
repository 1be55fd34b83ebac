/**
 * What can be written, and read, in a kind of resource and in each of its
 * fields: names and types from the contract, words from its comments, and from
 * the JSON Schema where the contract holds what workflows are written in.
 *
 * @module
 */

import type { DescMessage } from "@bufbuild/protobuf";
import { invalidArgument } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { nearestName } from "../model/near.ts";
import { messageTopic } from "./_explain_message.ts";
import { definitionTopic, testsTopic } from "./_explain_schema.ts";
import type { ExplainedValue, Topic, TopicField } from "./_explain_topic.ts";
import { RESOURCES } from "./_explain_kinds.ts";
import { languageWord, languageWords } from "./_explain_words.ts";
import { API_VERSION, findKind, type Kind } from "../model/kind.ts";

/** Levels of fields that are listed below each other. */
const DEPTH_MAX = 12;

/** A field as it is listed. */
export interface ExplainedField {
  /** As manifests write it, in camelCase. */
  readonly name: string;
  /** As `string`, `[]McpServer` or `map[string]integer`. */
  readonly type: string;
  readonly required: boolean;
  /** What it is for; may be empty. */
  readonly description: string;
  /** Its own fields, where the whole tree was asked for. */
  readonly fields?: readonly ExplainedField[];
}

/** What is said of a kind or of a field. */
export interface Explanation {
  /** `Agent`, `Task`, `Tests` … */
  readonly kind: string;
  /** That of manifests of the kind; absent for what is no resource. */
  readonly apiVersion?: string;
  /** The path of the field below the kind; empty for the kind itself. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  /** What it may be, where that is one of some words. */
  readonly values: readonly ExplainedValue[];
  readonly fields: readonly ExplainedField[];
  /** Where it is one of several kinds, as a task: those. */
  readonly kinds?: readonly ExplainedField[];
}

export type { ExplainedValue };

/** How much is said. */
export interface ExplainOptions {
  /** Whether fields of fields are listed too; default no. */
  readonly recursive?: boolean;
}

/** What can be explained, in the order in which it is listed. */
export function explainable(): readonly ExplainedValue[] {
  return TOPICS.map(({ word, topic }) => ({
    name: word,
    description: topic().description,
  }));
}

/**
 * Explains a kind or a field of it.
 *
 * @param path A kind and names of fields, as `agent.spec.model`. `spec` may be
 * left out.
 * @throws {StigmerError} INVALID_ARGUMENT when there is no such kind or field.
 */
export function explain(
  path: string,
  options: ExplainOptions = {},
): Explanation {
  const [word = "", ...names] = path.split(".");
  const found = topicOf(word);
  let topic = found.topic();
  const walked: string[] = [...found.path ?? []];
  for (const name of names) {
    const step = stepInto(topic, name, [found.kind, ...walked]);
    topic = step.topic;
    walked.push(...step.names);
  }
  const depth = options.recursive === true ? DEPTH_MAX : 1;
  const kinds = listed(topic.kinds(), topic, depth);
  return {
    kind: found.kind,
    ...(found.apiVersion === undefined ? {} : { apiVersion: found.apiVersion }),
    path: walked.join("."),
    type: topic.type,
    description: topic.description,
    values: topic.values(),
    fields: listed(topic.fields(), topic, depth),
    ...(kinds.length === 0 ? {} : { kinds }),
  };
}

/** Writes what is said as plain JSON. */
export function explanationJson(explanation: Explanation): Json {
  // Data throughout, and never undefined within.
  return explanation as unknown as Json;
}

/** A thing that can be explained. */
interface Entry {
  /** What the command line calls it. */
  readonly word: string;
  readonly kind: string;
  readonly apiVersion?: string;
  /** Where it stands below the kind; absent for a kind itself. */
  readonly path?: readonly string[];
  topic(): Topic;
}

/** What one message is called by, where it is that of several kinds. */
const OWN_WORDS: Readonly<Partial<Record<Kind, string>>> = {
  AgentExecution:
    "AgentExecution is one run of an agent: a message, its turns and the answer.",
  WorkflowExecution:
    "WorkflowExecution is one run of a workflow: its input, tasks and output.",
};

/** What a kind is, by its own name and not by that of its message. */
function kindTopic(kind: string, schema: DescMessage): Topic {
  const topic = messageTopic(schema);
  const { [kind]: own }: Readonly<Record<string, string>> = OWN_WORDS;
  const start = new RegExp(`^${schema.name}\\b`);
  return {
    ...topic,
    description: own ?? topic.description.replace(start, kind),
  };
}

const TOPICS: readonly Entry[] = [
  ...Object.entries(RESOURCES).map(([kind, schema]): Entry => ({
    word: kind.replaceAll(
      /(?!^)[A-Z]/g,
      (it) => `-${it}`,
    ).toLowerCase(),
    kind,
    ...(schema.field["apiVersion"] === undefined
      ? {}
      : { apiVersion: API_VERSION }),
    topic: () => kindTopic(kind, schema),
  })),
  {
    word: "task",
    kind: "Task",
    topic: () => definitionTopic("task"),
  },
  { word: "tests", kind: "Tests", topic: testsTopic },
];

function topicOf(word: string): Entry {
  const plain = word.toLowerCase().replaceAll(/[-_ ]/g, "");
  const kind: Kind | undefined = findKind(word)?.kind;
  const found = TOPICS.find((it) =>
    it.kind === kind ||
    [it.word, `${it.word}s`].some((name) =>
      name.replaceAll("-", "") === plain
    ) || it.kind.toLowerCase() === plain
  );
  if (found !== undefined) return found;
  if (/^(?:executions?|runs)$/.test(plain)) return EXECUTION;
  const own = languageWord(word);
  if (own !== undefined) return { ...own, word };
  const known = TOPICS.map((it) => it.word);
  const words = languageWords().map(({ name }) => name);
  throw invalidArgument(
    `Cannot explain "${word}", there is no such kind or word`,
    {
      hints: [
        ...meant(word, [...known, ...words]),
        `Choose one of ${
          list(known)
        }, or a word of workflows, as wait, http or schedule`,
      ],
    },
  );
}

/** Of either kind, as the command line has it. */
const EXECUTION: Entry = {
  word: "execution",
  kind: "Execution",
  apiVersion: API_VERSION,
  topic: () => messageTopic(RESOURCES.WorkflowExecution),
};

/** Goes to a field by its name; `spec` may be left out. */
function stepInto(
  topic: Topic,
  name: string,
  before: readonly string[],
): { readonly topic: Topic; readonly names: readonly string[] } {
  const fields = [...topic.fields(), ...topic.kinds()];
  const own = fields.find((it) => isNamed(it.name, name));
  if (own !== undefined) return { topic: own.topic(), names: [own.name] };
  const ofSpec = before.length === 1
    ? fields.find((it) => it.name === "spec")?.topic().fields() ?? []
    : [];
  const spec = ofSpec.find((it) => isNamed(it.name, name));
  if (spec !== undefined) {
    return { topic: spec.topic(), names: ["spec", spec.name] };
  }
  const known = [...fields, ...ofSpec].map((it) => it.name);
  const where = before.join(".");
  throw invalidArgument(
    `Cannot explain "${where}.${name}", ${where} has no such field`,
    {
      hints: known.length === 0
        ? [`It is of type ${topic.type}, which has no fields`]
        : [...meant(name, known), `It has ${list(known)}`],
    },
  );
}

/** `mcp_servers` and `mcpServers` are the same field. */
function isNamed(name: string, typed: string): boolean {
  return name === typed ||
    name.toLowerCase() === typed.replaceAll(/[-_]/g, "").toLowerCase();
}

function meant(word: string, known: readonly string[]): readonly string[] {
  const near = nearestName(word, known);
  return near === undefined ? [] : [`Did you mean "${near}"?`];
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

/**
 * Lists fields, and theirs down to a depth. What may stand within itself, as
 * tasks do, is not opened there, and tasks not at all: they are explained by
 * themselves.
 */
function listed(
  fields: readonly TopicField[],
  topic: Topic,
  depth: number,
  within: readonly string[] = [],
): readonly ExplainedField[] {
  const around = topic.id === "" ? within : [...within, topic.id];
  return fields.map(({ name, required, topic: load }) => {
    const field = load();
    const isOpen = depth > 1 && !around.includes(field.id) &&
      field.kinds().length === 0;
    const inner = isOpen
      ? listed(field.fields(), field, depth - 1, around)
      : [];
    return {
      name,
      type: field.type,
      required,
      description: field.description,
      ...(inner.length === 0 ? {} : { fields: inner }),
    };
  });
}
