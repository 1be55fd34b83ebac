/**
 * GetBackendInfo of the local backend.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { KINDS } from "../model/kind.ts";
import { VERSION } from "../model/version.ts";
import { countKind } from "../store/resources.ts";
import type { ServiceDeps } from "./deps.ts";

/** Makes the RPC that says which backend this is. */
export function infoService(
  deps: ServiceDeps,
): Pick<ServiceImpl<typeof BackendService>, "getBackendInfo"> {
  const { store } = deps;
  return {
    getBackendInfo: ({ checkIntegrity }) => ({
      type: "local",
      version: VERSION,
      location: store.path,
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
