/**
 * How the contract holds each kind of manifest.
 *
 * @module
 */

import type { DescMessage } from "@bufbuild/protobuf";
import {
  AgentInstanceSchema,
  AgentSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { EnvironmentSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { McpServerResourceSchema } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import {
  WorkflowInstanceSchema,
  WorkflowSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { ManifestKind } from "../model/kind.ts";

/** A kind's message, and its field in `Resource`. */
export interface KindCase {
  readonly schema: DescMessage;
  readonly field: string;
}

/** By kind. */
export const CASES: Readonly<Record<ManifestKind, KindCase>> = {
  Agent: { schema: AgentSchema, field: "agent" },
  AgentInstance: { schema: AgentInstanceSchema, field: "agentInstance" },
  Workflow: { schema: WorkflowSchema, field: "workflow" },
  WorkflowInstance: {
    schema: WorkflowInstanceSchema,
    field: "workflowInstance",
  },
  Environment: { schema: EnvironmentSchema, field: "environment" },
  McpServer: { schema: McpServerResourceSchema, field: "mcpServer" },
};
