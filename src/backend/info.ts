/**
 * GetBackendInfo, in process and of a server.
 *
 * @module
 */

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { KINDS } from "../model/kind.ts";
import { CONTRACT_REVISION, VERSION } from "../model/version.ts";
import { countKind } from "../store/resources.ts";
import type { ServiceDeps } from "./deps.ts";

/** Makes the RPC that says which backend this is. */
export function infoService(
  deps: ServiceDeps,
): Pick<ServiceImpl<typeof BackendService>, "getBackendInfo"> {
  const { store, serving, caller } = deps;
  return {
    getBackendInfo: ({ checkIntegrity }) => ({
      type: serving === undefined ? "local" : "cloud",
      version: VERSION,
      contractRevision: CONTRACT_REVISION,
      // Where a server keeps its data is not for everyone who may look.
      location: serving === undefined || caller.role === "admin"
        ? store.path
        : "",
      ...(serving === undefined ? {} : {
        workerSlots: serving.workerSlots,
        startedAt: timestampFromMs(serving.startedAtMs),
      }),
      schemaVersion: store.schemaVersion,
      counts: Object.fromEntries(
        Object.values(KINDS).map(({ kind }) =>
          [kind, countKind(store.database, kind)] as const
        ),
      ),
      identity: deps.identity,
      role: deps.caller.role,
      engine: store.engine,
      sizeBytes: BigInt(store.sizeBytes()),
      integrity: checkIntegrity ? store.checkIntegrity() : "",
    }),
  };
}
