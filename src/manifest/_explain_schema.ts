/**
 * Parts of the JSON Schema, explained: what workflows and files of tests are
 * written in, which the contract holds as they are.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { ExplainedValue, Topic, TopicField } from "./_explain_topic.ts";
import type { Part } from "./_schema_parts.ts";
import { schemaOf } from "./schema.ts";
import { testsSchema } from "./schema_tests.ts";

/** References in a row at the most; a schema has none that go in circles. */
const REFERENCES_MAX = 32;
const REFERENCE = "#/definitions/";
/** Definitions of a kind of task: `task_http`. */
const TASK_REGEXP = /^(?:task|graph)_(.+)$/;
/** Definitions with the fields of a workflow's spec, the first one first. */
const SPECS = ["document_spec", "graph_spec"];
/** The fields of a task of a graph that names its agent. */
const AGENT_TASK = "graph_agent_task";
/** A title that says no more than the path does. */
const EMPTY_TITLE_REGEXP = /^the "[^"]*" of /;
/** What a definition is called as a type, where that is not its own name. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  task: "Task",
  graph_task: "Task",
  tasks: "[]map[string]Task",
};

/** A schema with what its references mean. */
interface Schema {
  readonly definitions: JsonObject;
}

/** A part once its references are followed. */
interface Resolved {
  readonly part: Part;
  /** The definition that it came from, or an empty text. */
  readonly definition: string;
  readonly description: string;
}

/** Explains a definition of the schema of workflows. */
export function definitionTopic(name: string): Topic {
  return topicOf({ $ref: `${REFERENCE}${name}` }, workflowSchema());
}

/** The definitions that are neither kinds of task nor of resource. */
export function definitionNames(): readonly string[] {
  return Object.keys(workflowSchema().definitions).filter((name) =>
    !TASK_REGEXP.test(name) && /^[a-z]/.test(name) &&
    !Object.hasOwn(TYPE_NAMES, name) && !/_spec$|_file$|^upstream_/.test(name)
  );
}

/** Explains a field of a workflow's spec, if the schema knows it. */
export function definitionFieldTopic(name: string): Topic | undefined {
  const schema = workflowSchema();
  for (const spec of SPECS) {
    const part = propertiesOf(schema.definitions[spec])[name];
    // What the contract knows in full is left to it.
    if (isJsonObject(part) && name !== "env" && name !== "description") {
      return topicOf(part, schema);
    }
  }
  return undefined;
}

/** Explains files of tests. */
export function testsTopic(): Topic {
  const schema = testsSchema();
  return {
    ...topicOf(schema, schemaFrom(schema)),
    description:
      "Tests of agents and workflows, as `stigmer test` runs them with no key and no network.",
  };
}

function workflowSchema(): Schema {
  return schemaFrom(schemaOf("Workflow"));
}

function schemaFrom({ definitions }: JsonObject): Schema {
  return { definitions: isJsonObject(definitions) ? definitions : {} };
}

function topicOf(given: Part, schema: Schema): Topic {
  const { part, definition, description } = resolve(given, schema);
  return {
    id: structureOf(part, definition, schema),
    type: typeOf(given, schema),
    description: description === "" ? titleOf(part) : description,
    values: () => valuesOf(part),
    kinds: () => taskKinds(itemOf(part, schema), schema),
    fields: () => fieldsOf(part, schema),
  };
}

/** A list of tasks has the structure of a task, and so has a map of them. */
function structureOf(part: Part, definition: string, schema: Schema): string {
  const named = TYPE_NAMES[definition];
  if (named !== undefined) return "Task";
  if (definition !== "") return definition;
  const inner = innerOf(part);
  if (inner === undefined) return "";
  const resolved = resolve(inner, schema);
  return structureOf(resolved.part, resolved.definition, schema);
}

/** What a list or a map holds. */
function innerOf({ items, additionalProperties }: Part): Part | undefined {
  if (isJsonObject(items)) return items;
  return isJsonObject(additionalProperties) ? additionalProperties : undefined;
}

/** What stands in a list of maps, or whatever it is, at the bottom. */
function itemOf(part: Part, schema: Schema): Part {
  let item = part;
  for (let i = 0; i < REFERENCES_MAX; i++) {
    const inner = innerOf(item);
    if (inner === undefined) break;
    item = resolve(inner, schema).part;
  }
  return item;
}

/** Follows references, and keeps the words that stand nearest. */
function resolve(given: Part, { definitions }: Schema): Resolved {
  let part = given;
  let definition = "";
  let description = "";
  for (let i = 0; i < REFERENCES_MAX; i++) {
    if (description === "") description = textOf(part["description"]);
    const inner = soleOf(part);
    if (inner !== undefined) {
      part = inner;
      continue;
    }
    const target = targetOf(part);
    const next = definitions[target];
    if (target === "" || !isJsonObject(next)) break;
    definition = target;
    part = next;
  }
  return { part, definition, description };
}

/** `said` wraps a reference, which may have no words beside it. */
function soleOf({ allOf }: Part): Part | undefined {
  const [only, ...more] = Array.isArray(allOf) ? allOf : [];
  return more.length === 0 && isJsonObject(only) ? only : undefined;
}

function titleOf(part: Part): string {
  const title = textOf(part["title"]);
  return title === "" || EMPTY_TITLE_REGEXP.test(title)
    ? ""
    : `${title[0]?.toUpperCase()}${title.slice(1)}.`;
}

/** Lists the fields of a part: its own, its items' and its branches'. */
function fieldsOf(part: Part, schema: Schema): readonly TopicField[] {
  const own = ownFields(part, schema);
  if (own.length > 0) return own;
  const inner = innerOf(part);
  if (inner !== undefined) return fieldsOf(resolve(inner, schema).part, schema);
  const isTask = taskKinds(part, schema).length > 0;
  const byName = new Map<string, TopicField>();
  for (const branch of branchesOf(part)) {
    // Of tasks, what each kind has stands with the kind.
    if (isTask && targetOf(branch) !== AGENT_TASK) continue;
    for (const it of fieldsOf(resolve(branch, schema).part, schema)) {
      const required = isTask && it.required;
      if (!byName.has(it.name)) byName.set(it.name, { ...it, required });
    }
  }
  return [...byName.values()];
}

function ownFields(part: Part, schema: Schema): readonly TopicField[] {
  const required = Array.isArray(part["required"]) ? part["required"] : [];
  return Object.entries(propertiesOf(part)).flatMap(([name, it]) =>
    isJsonObject(it)
      ? [{
        name,
        required: required.includes(name),
        topic: () => topicOf(it, schema),
      }]
      : []
  );
}

/** A task is one of its kinds, each of which has fields of its own. */
function taskKinds(part: Part, schema: Schema): readonly TopicField[] {
  const kinds = branchesOf(part).flatMap((it): TopicField[] => {
    const target = targetOf(it);
    const name = TASK_REGEXP.exec(target)?.[1];
    return name === undefined || target === AGENT_TASK
      ? []
      : [{ name, required: false, topic: () => topicOf(it, schema) }];
  });
  return kinds.length > 1 ? kinds : [];
}

/** The definition that a part refers to, or an empty text. */
function targetOf(part: Part): string {
  return textOf(part["$ref"]).slice(REFERENCE.length);
}

function branchesOf({ anyOf, oneOf }: Part): readonly Part[] {
  const branches = Array.isArray(anyOf)
    ? anyOf
    : Array.isArray(oneOf)
    ? oneOf
    : [];
  return branches.filter(isJsonObject);
}

function valuesOf(part: Part): readonly ExplainedValue[] {
  const words = Array.isArray(part["enum"]) ? part["enum"] : [];
  return words.map((it) => ({ name: String(it), description: "" }));
}

function typeOf(given: Part, schema: Schema): string {
  const { part, definition } = resolve(given, schema);
  const named = TYPE_NAMES[definition];
  if (named !== undefined) return named;
  if (part["const"] !== undefined) return JSON.stringify(part["const"]);
  if (Array.isArray(part["enum"])) return "string";
  const branches = branchesOf(part);
  // Where kinds of what must be there are told apart, the type says more.
  if (branches.length > 0 && part["type"] === undefined) {
    const types = branches.map((it) => typeOf(it, schema));
    return [...new Set(types)].join(" | ");
  }
  const names = Array.isArray(part["type"]) ? part["type"] : [part["type"]];
  return names.map((it) => typeNamed(textOf(it), part, schema)).join(" | ");
}

function typeNamed(type: string, part: Part, schema: Schema): string {
  if (type === "array") {
    const { items } = part;
    return `[]${isJsonObject(items) ? typeOf(items, schema) : "any"}`;
  }
  const values = part["additionalProperties"];
  if (type === "object" && isJsonObject(values)) {
    return `map[string]${typeOf(values, schema)}`;
  }
  return type === "" ? "any" : type;
}

function propertiesOf(part: Json | undefined): JsonObject {
  const properties = isJsonObject(part) ? part["properties"] : undefined;
  return isJsonObject(properties) ? properties : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
