/**
 * The services that keep a database, loaded when the first call needs them.
 *
 * @module
 */

import { importUnseen } from "../model/unseen.ts";
import type { BackupService } from "./backup.ts";
import type { ServiceDeps } from "./deps.ts";
import type { DiagnosisService } from "./diagnosis.ts";
import type { GarbageService } from "./garbage.ts";
import type { RetentionService } from "./retention.ts";

/** Makes the RPCs of backups, loaded at the first call. */
export function deferredBackup(deps: ServiceDeps): BackupService {
  let loading: Promise<BackupService> | undefined;
  const load = (): Promise<BackupService> =>
    loading ??= importUnseen<typeof import("./backup.ts")>(
      "./backup.ts",
      import.meta.url,
    ).then(({ backupService }) => backupService(deps));
  return {
    async *backUpDatabase(...call) {
      yield* (await load()).backUpDatabase(...call);
    },
  };
}

/** Makes the RPCs of retention, loaded at the first call. */
export function deferredRetention(deps: ServiceDeps): RetentionService {
  let loading: Promise<RetentionService> | undefined;
  const load = (): Promise<RetentionService> =>
    loading ??= importUnseen<typeof import("./retention.ts")>(
      "./retention.ts",
      import.meta.url,
    ).then(({ retentionService }) => retentionService(deps));
  return {
    getRetention: async (...call) => (await load()).getRetention(...call),
    setRetention: async (...call) => (await load()).setRetention(...call),
  };
}

/** Makes the RPCs of garbage, loaded at the first call. */
export function deferredGarbage(deps: ServiceDeps): GarbageService {
  let loading: Promise<GarbageService> | undefined;
  const load = (): Promise<GarbageService> =>
    loading ??= importUnseen<typeof import("./garbage.ts")>(
      "./garbage.ts",
      import.meta.url,
    ).then(({ garbageService }) => garbageService(deps));
  return {
    collectGarbage: async (...call) => (await load()).collectGarbage(...call),
  };
}

/** Makes the RPCs of diagnosis, loaded at the first call. */
export function deferredDiagnosis(deps: ServiceDeps): DiagnosisService {
  let loading: Promise<DiagnosisService> | undefined;
  const load = (): Promise<DiagnosisService> =>
    loading ??= importUnseen<typeof import("./diagnosis.ts")>(
      "./diagnosis.ts",
      import.meta.url,
    ).then(({ diagnosisService }) => diagnosisService(deps));
  return {
    diagnoseBackend: async (...call) => (await load()).diagnoseBackend(...call),
  };
}
