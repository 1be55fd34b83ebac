/**
 * A tool as clients see it: what an agent or a workflow is called by, what it
 * takes and what it gives.
 *
 * @module
 */

import type { Tool } from "@modelcontextprotocol/server";
import type { Agent } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Metadata } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import type { Workflow } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { workflowInput } from "./workflow_input.ts";

/** Characters of a description at the most. */
const DESCRIPTION_LENGTH_MAX = 4096;
/** Nobody knows what an agent or a workflow may do: clients had better ask. */
const ANNOTATIONS: NonNullable<Tool["annotations"]> = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
};

/** An agent or a workflow that is offered. */
export interface OfferedTool {
  readonly kind: "Agent" | "Workflow";
  readonly slug: string;
  readonly definition: Tool;
  /** The argument that holds the whole input, where that is no object. */
  readonly inputIn?: string;
}

/** Makes the tool of an agent. */
export function agentTool(agent: Agent, name: string): OfferedTool {
  const { metadata, spec } = agent;
  return {
    kind: "Agent",
    slug: metadata?.slug ?? "",
    definition: {
      ...headOf(metadata, {
        name,
        description: spec?.description || `The agent ${metadata?.name ?? name}`,
      }),
      inputSchema: {
        type: "object",
        properties: {
          message: { type: "string", description: "What to tell the agent" },
          input: {
            type: "object",
            description: "Data that goes with the message",
          },
        },
        required: ["message"],
        additionalProperties: false,
      },
      ...outputOf(spec?.outputSchema),
    },
  };
}

/** Makes the tool of a workflow. */
export function workflowTool(workflow: Workflow, name: string): OfferedTool {
  const { metadata, spec } = workflow;
  const document = spec?.document;
  const described = spec?.description ||
    textOf(document?.["summary"]) || textOf(document?.["title"]) ||
    `The workflow ${metadata?.name ?? name}`;
  const { schema, inputIn } = workflowInput({
    inputs: spec?.inputs,
    input: spec?.input,
  });
  return {
    kind: "Workflow",
    slug: metadata?.slug ?? "",
    definition: {
      ...headOf(metadata, { name, description: described }),
      inputSchema: schema,
      ...outputOf(declaredOutput(spec?.output)),
    },
    ...(inputIn === undefined ? {} : { inputIn }),
  };
}

function headOf(
  metadata: Metadata | undefined,
  { name, description }: {
    readonly name: string;
    readonly description: string;
  },
): Pick<Tool, "name" | "title" | "description" | "annotations"> {
  const title = metadata?.name ?? name;
  return {
    name,
    title,
    description: description.slice(0, DESCRIPTION_LENGTH_MAX).toWellFormed(),
    annotations: { title, ...ANNOTATIONS },
  };
}

/** The protocol takes the schema of an object alone. */
function outputOf(
  schema: JsonObject | undefined,
): Pick<Tool, "outputSchema"> {
  if (schema?.["type"] !== "object") return {};
  return { outputSchema: { ...schema, type: "object" } };
}

/** The schema that stands in a workflow's `output`, if it stands there. */
function declaredOutput(
  output: JsonObject | undefined,
): JsonObject | undefined {
  return objectIn(objectIn(output, "schema"), "document");
}

function objectIn(
  object: JsonObject | undefined,
  key: string,
): JsonObject | undefined {
  const value: Json | undefined = object?.[key];
  return isJsonObject(value) ? value : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
