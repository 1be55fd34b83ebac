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
import { requireAdmin } from "./caller.ts";
import type { ServiceDeps } from "./deps.ts";
import type { Token } from "../../gen/stigmer/backend/v1/token_pb.ts";
import { importUnseen } from "../model/unseen.ts";

/** Makes the RPC that says which backend this is. */
export function infoService(
  deps: ServiceDeps,
): Pick<ServiceImpl<typeof BackendService>, "getBackendInfo"> {
  const { store, serving, caller } = deps;
  return {
    async getBackendInfo({ checkIntegrity }) {
      // It reads all there is, and nobody else is answered meanwhile.
      if (checkIntegrity) requireAdmin(caller, "check the database");
      return {
        ...await tokenOf(deps),
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
      };
    },
  };
}

/** The token that the caller came with. */
async function tokenOf(
  { store, caller: { tokenId } }: ServiceDeps,
): Promise<{ readonly token?: Token }> {
  if (tokenId === undefined) return {};
  const { tokenOfId } = await importUnseen<
    typeof import("./token_message.ts")
  >("./token_message.ts", import.meta.url);
  const token = tokenOfId(store.database, tokenId);
  return token === undefined ? {} : { token };
}
