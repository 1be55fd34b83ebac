/**
 * The RPCs that change keys: another master key for all, another data key for
 * one environment.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { rekey } from "./rekey.ts";
import { requireResource } from "./resource_context.ts";
import type { VaultDeps } from "./vault_key.ts";
import { rotateMasterKey } from "./vault_rotation.ts";

/** The RPCs that change keys. */
export type VaultChangeService = Pick<
  ServiceImpl<typeof BackendService>,
  "rotateVaultKey" | "rekeyEnvironment"
>;

/** Makes the RPCs that change keys. */
export function vaultChangeService(deps: VaultDeps): VaultChangeService {
  const { database } = deps.store;
  return {
    rotateVaultKey: ({ source, forgetOld }, { signal }) =>
      rotateMasterKey(deps, { source, forgetOld, signal }),
    async rekeyEnvironment({ name }) {
      const { id } = requireResource(database, "Environment", name);
      return { secretCount: await rekey(deps, id) };
    },
  };
}
