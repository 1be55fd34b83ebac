/**
 * Resources between the tables and the contract.
 *
 * @module
 */

import {
  create,
  type DescMessage,
  fromJson,
  type Message,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AgentInstanceSchema,
  AgentInstanceSpecSchema,
  AgentSchema,
  AgentSpecSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  EnvironmentSchema,
  EnvironmentSpecSchema,
} from "../../gen/stigmer/backend/v1/environment_pb.ts";
import {
  McpServerResourceSchema,
  McpServerSpecSchema,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import {
  type Audit,
  AuditSchema,
  type Metadata,
  MetadataSchema,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import {
  WorkflowInstanceSchema,
  WorkflowInstanceSpecSchema,
  WorkflowSchema,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { invalidArgument, messageOf } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { API_VERSION, type ManifestKind } from "../model/kind.ts";
import type { ResourceKind, ResourceRow } from "../store/resources.ts";
import { toProtoJson } from "./proto_json.ts";

/** What the messages of all kinds have. */
export type ResourceShape = Message & {
  metadata?: Metadata | undefined;
  status?: { audit?: Audit | undefined } | undefined;
};

/** Writes a message as JSON; an absent one as an empty object. */
export function toPlain<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc> | undefined,
): JsonObject {
  if (message === undefined) return {};
  try {
    // A message is always an object; the type of one by schema is unknown.
    return toJson(schema, message) as unknown as JsonObject;
  } catch (error) {
    throw invalidArgument(
      `Cannot read ${schema.name}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Reads a message from the JSON that {@linkcode toPlain} wrote. */
export function fromPlain<Desc extends DescMessage>(
  schema: Desc,
  json: JsonObject,
): MessageShape<Desc> {
  return fromJson(schema, toProtoJson(json), {
    ignoreUnknownFields: true,
  });
}

/** Writes a row as the whole resource in proto-JSON. */
export function resourceJson(kind: ResourceKind, row: ResourceRow): JsonObject {
  const { version } = row;
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      name: row.name,
      slug: row.slug,
      id: row.id,
      labels: row.labels,
      annotations: row.annotations,
      tags: row.tags,
      version: {
        id: version.id,
        number: version.number,
        message: version.message,
        previousVersionId: version.previousVersionId,
      },
    },
    spec: row.spec,
    status: {
      ...row.status,
      audit: {
        createdAt: new Date(row.createdAtMs).toISOString(),
        createdBy: row.createdBy,
        updatedAt: new Date(row.updatedAtMs).toISOString(),
        updatedBy: row.updatedBy,
      },
    },
  };
}

/**
 * Writes a row as the message of its kind, as of {@linkcode resourceJson}; what
 * all kinds have is not written as JSON first, which takes far longer.
 */
export function resourceMessage<Shape extends ResourceShape>(
  schema: GenMessage<Shape>,
  kind: ResourceKind,
  row: ResourceRow,
): Shape {
  const { spec, status, version } = row;
  const message = fromPlain(schema, {
    apiVersion: API_VERSION,
    kind,
    spec,
    status,
  });
  message.metadata = create(MetadataSchema, {
    name: row.name,
    slug: row.slug,
    id: row.id,
    labels: { ...row.labels },
    annotations: { ...row.annotations },
    tags: [...row.tags],
    version: { ...version },
  });
  if (message.status !== undefined) {
    message.status.audit = create(AuditSchema, {
      createdAt: timestampFromMs(row.createdAtMs),
      createdBy: row.createdBy,
      updatedAt: timestampFromMs(row.updatedAtMs),
      updatedBy: row.updatedBy,
    });
  }
  return message;
}

/** Writes a row as the message that holds any kind. */
export function anyResource(kind: ManifestKind, row: ResourceRow): Resource {
  return create(ResourceSchema, { resource: choiceOf(kind, row) });
}

/** Says which kind a resource is; `undefined` for an empty one. */
export function kindOf(resource: Resource): ManifestKind | undefined {
  switch (resource.resource.case) {
    case "agent":
      return "Agent";
    case "agentInstance":
      return "AgentInstance";
    case "workflow":
      return "Workflow";
    case "workflowInstance":
      return "WorkflowInstance";
    case "environment":
      return "Environment";
    case "mcpServer":
      return "McpServer";
    case undefined:
      return undefined;
  }
}

/** Writes the spec of a resource as JSON. */
export function specJson(resource: Resource): JsonObject {
  const it = resource.resource;
  switch (it.case) {
    case "agent":
      return toPlain(AgentSpecSchema, it.value.spec);
    case "agentInstance":
      return toPlain(AgentInstanceSpecSchema, it.value.spec);
    case "workflow":
      return toPlain(WorkflowSpecSchema, it.value.spec);
    case "workflowInstance":
      return toPlain(WorkflowInstanceSpecSchema, it.value.spec);
    case "environment":
      return toPlain(EnvironmentSpecSchema, it.value.spec);
    case "mcpServer":
      return toPlain(McpServerSpecSchema, it.value.spec);
    case undefined:
      return {};
  }
}

function choiceOf(kind: ManifestKind, row: ResourceRow): Resource["resource"] {
  switch (kind) {
    case "Agent":
      return { case: "agent", value: resourceMessage(AgentSchema, kind, row) };
    case "AgentInstance":
      return {
        case: "agentInstance",
        value: resourceMessage(AgentInstanceSchema, kind, row),
      };
    case "Workflow":
      return {
        case: "workflow",
        value: resourceMessage(WorkflowSchema, kind, row),
      };
    case "WorkflowInstance":
      return {
        case: "workflowInstance",
        value: resourceMessage(WorkflowInstanceSchema, kind, row),
      };
    case "Environment":
      return {
        case: "environment",
        value: resourceMessage(EnvironmentSchema, kind, row),
      };
    case "McpServer":
      return {
        case: "mcpServer",
        value: resourceMessage(McpServerResourceSchema, kind, row),
      };
  }
}
