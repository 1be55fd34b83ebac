/**
 * JSON Schemas of the files that people write, for their editors.
 *
 * They are of draft 7: that is what the YAML extension of VS Code and the
 * editors that share its language server take without reserve. They say what
 * may be written where; what only a check can know (names, expressions, what
 * excludes what) is left to `validate`.
 *
 * @module
 */

import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { JsonObject } from "../model/json.ts";
import type { ManifestKind } from "../model/kind.ts";
import { FLOW_DEFINITIONS } from "./_schema_flow.ts";
import {
  anyOf,
  choice,
  constant,
  list,
  map,
  OBJECT,
  object,
  type Part,
  ref,
  said,
  TEXT,
} from "./_schema_parts.ts";
import { envPart, resourcePart } from "./_schema_resources.ts";
import { taskDefinitions } from "./_schema_tasks.ts";
import {
  ITEMS_ALLOWED_MAX,
  STEPS_ALLOWED_MAX,
} from "../workflow/evaluation.ts";

/** What a schema can be of: a kind, or any manifest. */
export type SchemaKind = ManifestKind | "manifest";

const KINDS: readonly ManifestKind[] = [
  "Agent",
  "AgentInstance",
  "Workflow",
  "WorkflowInstance",
  "Environment",
  "McpServer",
];

/** Gives the JSON Schema of a kind of file. */
export function schemaOf(kind: SchemaKind): JsonObject {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: kind === "manifest" ? "Stigmer manifest" : `Stigmer ${kind}`,
    ...rootPart(kind),
    definitions: definitions(),
  };
}

function rootPart(kind: SchemaKind): Part {
  if (kind === "manifest") return manifestPart();
  if (kind !== "Workflow") return { allOf: [ref(kind)] };
  // A bare document of the specification is a workflow, too.
  return {
    if: { required: ["kind"] },
    then: ref("Workflow"),
    else: ref("document_file"),
  };
}

function manifestPart(): Part {
  const byKind = KINDS.map((kind) => ({
    if: {
      properties: { kind: constant(kind) },
      required: ["kind"],
    },
    then: ref(kind),
  }));
  const others: Part = {
    if: { required: ["kind"] },
    then: {
      properties: { kind: choice(...KINDS, "List") },
    },
    else: ref("document_file"),
  };
  return { allOf: [...byKind, others] };
}

function definitions(): Readonly<Record<string, Part>> {
  return {
    ...FLOW_DEFINITIONS,
    ...taskDefinitions(),
    document_file: object("a workflow", {
      "document!": ref("head"),
      ...documentKeys(),
    }),
    document_spec: object("a workflow", {
      document: ref("head"),
      ...documentKeys(),
    }),
    head: object("the document", {
      "dsl!": said(TEXT, "Version of the language: 1.0.3"),
      "namespace!": TEXT,
      "name!": TEXT,
      "version!": said(TEXT, "In three parts, as 1.0.0"),
      title: TEXT,
      summary: TEXT,
      tags: OBJECT,
      metadata: OBJECT,
    }),
    graph_spec: object("a workflow", {
      ...commonKeys(),
      inputs: said(map(ref("input_declaration")), "What it is given"),
      "tasks!": list(ref("graph_task"), 1),
      schedule: ref("schedule"),
      evaluate: object('"evaluate"', { limits: evaluationLimits() }),
    }),
    upstream_spec: {
      title: "a workflow of later upstream releases",
      type: "object",
      properties: { tasks: list(ref("upstream_task"), 1) },
      required: ["tasks"],
    },
    Workflow: resourcePart("Workflow", {
      if: { required: ["tasks"] },
      then: anyOf(ref("graph_spec"), ref("upstream_spec")),
      else: ref("document_spec"),
    }),
    Agent: resourcePart("Agent"),
    AgentInstance: resourcePart("AgentInstance"),
    WorkflowInstance: resourcePart("WorkflowInstance"),
    Environment: resourcePart("Environment"),
    McpServer: resourcePart("McpServer"),
  };
}

function commonKeys(): Readonly<Record<string, Part>> {
  return {
    description: said(TEXT, "One line for people who choose"),
    env: said(envPart(WorkflowSpecSchema), "The variables it reads, by name"),
    use: ref("use"),
    timeout: said(ref("timeout"), "How long the whole may take"),
    output: ref("output"),
    metadata: OBJECT,
  };
}

function evaluationLimits(): Part {
  const upTo = (maximum: number): Part => ({
    type: "integer",
    minimum: 1,
    maximum,
  });
  return object('"limits"', {
    steps: said(upTo(STEPS_ALLOWED_MAX), "Steps of one evaluation"),
    items: said(upTo(ITEMS_ALLOWED_MAX), "Items that one makes in all"),
  });
}

function documentKeys(): Readonly<Record<string, Part>> {
  return {
    ...commonKeys(),
    "do!": said(ref("tasks"), "The tasks, one after another"),
    input: ref("input"),
    schedule: ref("schedule"),
    evaluate: object('"evaluate"', {
      language: constant("jq"),
      mode: choice("strict", "loose"),
      limits: evaluationLimits(),
    }),
  };
}
