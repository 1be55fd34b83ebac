/**
 * Who calls, and what each call needs.
 *
 * @module
 */

import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { StigmerError } from "../model/error.ts";
import { isEnough, type Role } from "../model/role.ts";

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

/**
 * Keeps a part of a call to admins that others may make without it.
 *
 * @param act What is refused, as `check the database`.
 * @throws {StigmerError} PERMISSION_DENIED for everyone else.
 */
export function requireAdmin(caller: Caller, act: string): void {
  requireRole(caller, { needed: "admin", act });
}

/**
 * Keeps a part of a call to a role that the call as a whole does not need.
 *
 * @throws {StigmerError} PERMISSION_DENIED for everyone else.
 */
export function requireRole(
  { identity, role }: Caller,
  { needed, act }: {
    readonly needed: Role;
    /** What is refused, as `check the database`. */
    readonly act: string;
  },
): void {
  if (isEnough(role, needed)) return;
  throw new StigmerError(
    "PERMISSION_DENIED",
    `Cannot ${act}: it needs the role ${needed}, and "${identity}" has ${role}`,
    { hints: [`Log in with a token of the role ${needed}: stigmer login`] },
  );
}

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
  // A first secret would make the key as well; where, an admin chooses.
  prepareVault: "editor",
  getVaultStatus: "viewer",
  rotateVaultKey: "admin",
  listSecretAccesses: "admin",
  getSession: "viewer",
  listSessions: "viewer",
  deleteSession: "editor",
  forkSession: "editor",
  createMcpServer: "editor",
  getMcpServer: "viewer",
  listMcpServers: "viewer",
  updateMcpServer: "editor",
  deleteMcpServer: "editor",
  // They start programs and give them secrets, as a run does.
  inspectMcpServer: "editor",
  callMcpTool: "editor",
  trustMcpTools: "editor",
  beginMcpLogin: "editor",
  completeMcpLogin: "editor",
  logoutMcp: "editor",
  pushSkill: "editor",
  getSkill: "viewer",
  listSkills: "viewer",
  deleteSkill: "editor",
  tagSkill: "editor",
  untagSkill: "editor",
  // Who only asks what would happen may; what writes needs an editor.
  applyResources: "viewer",
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
