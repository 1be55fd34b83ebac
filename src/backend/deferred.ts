/**
 * Services that are loaded when the first call needs them: a command that
 * lists agents must not wait for what runs executions.
 *
 * @module
 */

import { importUnseen } from "../model/unseen.ts";
import type { ArtifactService } from "./artifacts.ts";
import type { AuditService } from "./audit_events.ts";
import type { ServiceDeps } from "./deps.ts";
import type { EventService } from "./events.ts";
import type { ExecutionService, ExecutionServiceDeps } from "./executions.ts";
import type { ReplayService } from "./replays.ts";
import type { ScheduleService } from "./schedules.ts";
import type { SecretAuditService } from "./secret_audit.ts";
import type { TransferService } from "./transfers.ts";
import type { TokenService } from "./tokens.ts";
import type { VaultChangeService } from "./vault_changes.ts";
import type { VaultStatusService } from "./vault_status.ts";

/** Makes the RPCs of executions, loaded at the first call. */
export function deferredExecutions(
  deps: ExecutionServiceDeps,
): ExecutionService {
  let loading: Promise<ExecutionService> | undefined;
  const load = (): Promise<ExecutionService> =>
    loading ??= importUnseen<typeof import("./executions.ts")>(
      "./executions.ts",
      import.meta.url,
    ).then(({ executionService }) => executionService(deps));
  return {
    createExecution: async (...call) => (await load()).createExecution(...call),
    getExecution: async (...call) => (await load()).getExecution(...call),
    listExecutions: async (...call) => (await load()).listExecutions(...call),
    updateExecutionStatus: async (...call) =>
      (await load()).updateExecutionStatus(...call),
    cancelExecution: async (...call) => (await load()).cancelExecution(...call),
    pauseExecution: async (...call) => (await load()).pauseExecution(...call),
    resumeExecution: async (...call) => (await load()).resumeExecution(...call),
    signalExecution: async (...call) => (await load()).signalExecution(...call),
    respondExecution: async (...call) =>
      (await load()).respondExecution(...call),
    async *watchExecution(...call) {
      yield* (await load()).watchExecution(...call);
    },
    getExecutionContext: async (...call) =>
      (await load()).getExecutionContext(...call),
  };
}

/** Makes the RPCs of artifacts, loaded at the first call. */
export function deferredArtifacts(deps: ServiceDeps): ArtifactService {
  let loading: Promise<ArtifactService> | undefined;
  const load = (): Promise<ArtifactService> =>
    loading ??= importUnseen<typeof import("./artifacts.ts")>(
      "./artifacts.ts",
      import.meta.url,
    ).then(({ artifactService }) => artifactService(deps));
  return {
    storeArtifact: async (...call) => (await load()).storeArtifact(...call),
    getArtifact: async (...call) => (await load()).getArtifact(...call),
    listArtifacts: async (...call) => (await load()).listArtifacts(...call),
  };
}

/** Makes the RPCs of events, loaded at the first call. */
export function deferredEvents(deps: ServiceDeps): EventService {
  let loading: Promise<EventService> | undefined;
  const load = (): Promise<EventService> =>
    loading ??= importUnseen<typeof import("./events.ts")>(
      "./events.ts",
      import.meta.url,
    ).then(({ eventService }) => eventService(deps));
  return {
    publishEvent: async (...call) => (await load()).publishEvent(...call),
    listEvents: async (...call) => (await load()).listEvents(...call),
  };
}

/** Makes the RPCs of the audit of secrets, loaded at the first call. */
export function deferredSecretAudit(deps: ServiceDeps): SecretAuditService {
  let loading: Promise<SecretAuditService> | undefined;
  const load = (): Promise<SecretAuditService> =>
    loading ??= importUnseen<typeof import("./secret_audit.ts")>(
      "./secret_audit.ts",
      import.meta.url,
    ).then(({ secretAuditService }) => secretAuditService(deps));
  return {
    listSecretAccesses: async (...call) =>
      (await load()).listSecretAccesses(...call),
  };
}

/** Makes the RPCs of access tokens, loaded at the first call. */
export function deferredTokens(deps: ServiceDeps): TokenService {
  let loading: Promise<TokenService> | undefined;
  const load = (): Promise<TokenService> =>
    loading ??= importUnseen<typeof import("./tokens.ts")>(
      "./tokens.ts",
      import.meta.url,
    ).then(({ tokenService }) => tokenService(deps));
  return {
    createToken: async (...call) => (await load()).createToken(...call),
    listTokens: async (...call) => (await load()).listTokens(...call),
    revokeToken: async (...call) => (await load()).revokeToken(...call),
  };
}

/** Makes the RPCs of the audit, loaded at the first call. */
export function deferredAudit(deps: ServiceDeps): AuditService {
  let loading: Promise<AuditService> | undefined;
  const load = (): Promise<AuditService> =>
    loading ??= importUnseen<typeof import("./audit_events.ts")>(
      "./audit_events.ts",
      import.meta.url,
    ).then(({ auditService }) => auditService(deps));
  return {
    listAuditEvents: async (...call) => (await load()).listAuditEvents(...call),
  };
}

/** Makes the RPCs of schedules, loaded at the first call. */
export function deferredSchedules(deps: ServiceDeps): ScheduleService {
  let loading: Promise<ScheduleService> | undefined;
  const load = (): Promise<ScheduleService> =>
    loading ??= importUnseen<typeof import("./schedules.ts")>(
      "./schedules.ts",
      import.meta.url,
    ).then(({ scheduleService }) => scheduleService(deps));
  return {
    getSchedule: async (...call) => (await load()).getSchedule(...call),
    listSchedules: async (...call) => (await load()).listSchedules(...call),
    pauseSchedule: async (...call) => (await load()).pauseSchedule(...call),
    resumeSchedule: async (...call) => (await load()).resumeSchedule(...call),
  };
}

/** Makes the RPCs that look back at executions, loaded at the first call. */
export function deferredReplays(deps: ExecutionServiceDeps): ReplayService {
  let loading: Promise<ReplayService> | undefined;
  const load = (): Promise<ReplayService> =>
    loading ??= importUnseen<typeof import("./replays.ts")>(
      "./replays.ts",
      import.meta.url,
    ).then(({ replayService }) => replayService(deps));
  return {
    retryExecution: async (...call) => (await load()).retryExecution(...call),
    traceExecution: async (...call) => (await load()).traceExecution(...call),
  };
}

/** Makes the RPCs of exports and imports, loaded at the first call. */
export function deferredTransfers(deps: ServiceDeps): TransferService {
  let loading: Promise<TransferService> | undefined;
  const load = (): Promise<TransferService> =>
    loading ??= importUnseen<typeof import("./transfers.ts")>(
      "./transfers.ts",
      import.meta.url,
    ).then(({ transferService }) => transferService(deps));
  return {
    async *exportRecords(...call) {
      yield* (await load()).exportRecords(...call);
    },
    stageRecords: async (...call) => (await load()).stageRecords(...call),
    getImport: async (...call) => (await load()).getImport(...call),
    commitImport: async (...call) => (await load()).commitImport(...call),
    discardImport: async (...call) => (await load()).discardImport(...call),
  };
}

/** Makes the RPCs about the master key, loaded at the first call. */
export function deferredVaultStatus(deps: ServiceDeps): VaultStatusService {
  let loading: Promise<VaultStatusService> | undefined;
  const load = (): Promise<VaultStatusService> =>
    loading ??= importUnseen<typeof import("./vault_status.ts")>(
      "./vault_status.ts",
      import.meta.url,
    ).then(({ vaultStatusService }) => vaultStatusService(deps));
  return {
    prepareVault: async (...call) => (await load()).prepareVault(...call),
    getVaultStatus: async (...call) => (await load()).getVaultStatus(...call),
  };
}

/** Makes the RPCs that change keys, loaded at the first call. */
export function deferredVaultChanges(deps: ServiceDeps): VaultChangeService {
  let loading: Promise<VaultChangeService> | undefined;
  const load = (): Promise<VaultChangeService> =>
    loading ??= importUnseen<typeof import("./vault_changes.ts")>(
      "./vault_changes.ts",
      import.meta.url,
    ).then(({ vaultChangeService }) => vaultChangeService(deps));
  return {
    rotateVaultKey: async (...call) => (await load()).rotateVaultKey(...call),
    rekeyEnvironment: async (...call) =>
      (await load()).rekeyEnvironment(...call),
  };
}
