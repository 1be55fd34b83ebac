/**
 * The whole contract over one store, for one caller.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  deferredArtifacts,
  deferredAudit,
  deferredEvents,
  deferredExecutions,
  deferredReplays,
  deferredSchedules,
  deferredSecretAudit,
  deferredTokens,
  deferredTransfers,
  deferredVaultChanges,
  deferredVaultStatus,
} from "./deferred.ts";
import {
  deferredBackup,
  deferredDiagnosis,
  deferredGarbage,
  deferredRetention,
} from "./deferred_keeping.ts";
import {
  deferredMcpCalls,
  deferredMcpLogin,
  deferredMcpTrust,
} from "./deferred_mcp.ts";
import type { ExecutionServiceDeps } from "./executions.ts";
import { infoService } from "./info.ts";
import { resourceService } from "./resources.ts";

/** What answers the contract; a method that is missing is UNIMPLEMENTED. */
export type Service = Partial<ServiceImpl<typeof BackendService>>;

/** Makes what answers the contract for one caller. */
export function createService(deps: ExecutionServiceDeps): Service {
  return {
    ...resourceService(deps),
    ...deferredExecutions(deps),
    ...deferredArtifacts(deps),
    ...deferredEvents(deps),
    ...deferredReplays(deps),
    ...deferredSchedules(deps),
    ...deferredSecretAudit(deps),
    ...deferredTransfers(deps),
    ...deferredTokens(deps),
    ...deferredAudit(deps),
    ...deferredVaultChanges(deps),
    ...deferredVaultStatus(deps),
    ...deferredBackup(deps),
    ...deferredRetention(deps),
    ...deferredGarbage(deps),
    ...deferredDiagnosis(deps),
    ...deferredMcpCalls(deps),
    ...deferredMcpLogin(deps),
    ...deferredMcpTrust(deps),
    ...infoService(deps),
  };
}
