/**
 * Who calls, and what each call needs.
 *
 * @module
 */

import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Role } from "../model/role.ts";

/** Who calls. */
export interface Caller {
  /** As it is written into audits: `local-user`, or `token:` and its name. */
  readonly identity: string;
  readonly role: Role;
  /** Id of the token that it came with; absent where none is needed. */
  readonly tokenId?: string;
}

/** Who acts where nobody logs in. */
export const LOCAL_CALLER: Caller = { identity: "local-user", role: "admin" };

/** The name of a call of the contract. */
export type MethodName = keyof typeof BackendService.method;

/** What each call needs. The compiler holds that none is missing. */
export const ROLE_OF: Readonly<Record<MethodName, Role>> = {
  createAgent: "editor",
  getAgent: "viewer",
  listAgents: "viewer",
  updateAgent: "editor",
  deleteAgent: "editor",
  createAgentInstance: "editor",
  getAgentInstance: "viewer",
  listAgentInstances: "viewer",
  updateAgentInstance: "editor",
  deleteAgentInstance: "editor",
  createWorkflow: "editor",
  getWorkflow: "viewer",
  listWorkflows: "viewer",
  updateWorkflow: "editor",
  deleteWorkflow: "editor",
  createWorkflowInstance: "editor",
  getWorkflowInstance: "viewer",
  listWorkflowInstances: "viewer",
  updateWorkflowInstance: "editor",
  deleteWorkflowInstance: "editor",
  createEnvironment: "editor",
  getEnvironment: "viewer",
  listEnvironments: "viewer",
  updateEnvironment: "editor",
  deleteEnvironment: "editor",
  renameEnvironment: "editor",
  revealSecrets: "admin",
  sealEnvironment: "admin",
  rekeyEnvironment: "admin",
  prepareVault: "admin",
  getVaultStatus: "viewer",
  rotateVaultKey: "admin",
  listSecretAccesses: "admin",
  getSession: "viewer",
  listSessions: "viewer",
  deleteSession: "editor",
  pushSkill: "editor",
  getSkill: "viewer",
  listSkills: "viewer",
  deleteSkill: "editor",
  applyResources: "editor",
  listResourceVersions: "viewer",
  getResourceVersion: "viewer",
  createExecution: "editor",
  getExecution: "viewer",
  listExecutions: "viewer",
  updateExecutionStatus: "runner",
  cancelExecution: "editor",
  pauseExecution: "editor",
  resumeExecution: "editor",
  signalExecution: "editor",
  watchExecution: "viewer",
  getExecutionContext: "runner",
  respondExecution: "editor",
  retryExecution: "editor",
  traceExecution: "viewer",
  publishEvent: "editor",
  listEvents: "viewer",
  getSchedule: "viewer",
  listSchedules: "viewer",
  pauseSchedule: "editor",
  resumeSchedule: "editor",
  storeArtifact: "runner",
  getArtifact: "viewer",
  listArtifacts: "viewer",
  createToken: "admin",
  listTokens: "admin",
  revokeToken: "admin",
  listAuditEvents: "admin",
  exportRecords: "admin",
  stageRecords: "admin",
  getImport: "admin",
  commitImport: "admin",
  discardImport: "admin",
  backUpDatabase: "admin",
  getRetention: "viewer",
  setRetention: "admin",
  collectGarbage: "admin",
  diagnoseBackend: "viewer",
  getBackendInfo: "viewer",
};
