/**
 * The message of the contract for each kind, of manifests and of what the
 * backend makes itself.
 *
 * @module
 */

import type { DescMessage } from "@bufbuild/protobuf";
import {
  ExecutionContextSchema,
  ExecutionSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { SessionSchema } from "../../gen/stigmer/backend/v1/session_pb.ts";
import { SkillSchema } from "../../gen/stigmer/backend/v1/skill_pb.ts";
import type { Kind } from "../model/kind.ts";
import { CASES } from "./_kinds.ts";

/** By kind, in the order in which they are listed. */
export const RESOURCES: Readonly<Record<Kind, DescMessage>> = {
  Agent: CASES.Agent.schema,
  AgentInstance: CASES.AgentInstance.schema,
  Workflow: CASES.Workflow.schema,
  WorkflowInstance: CASES.WorkflowInstance.schema,
  Environment: CASES.Environment.schema,
  McpServer: CASES.McpServer.schema,
  Skill: SkillSchema,
  Session: SessionSchema,
  AgentExecution: ExecutionSchema,
  WorkflowExecution: ExecutionSchema,
  ExecutionContext: ExecutionContextSchema,
};
