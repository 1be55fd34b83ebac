/**
 * A database with sealed secrets and the key file beside it, as the processes
 * of the rotation tests open it.
 *
 * @module
 */

import "../standard_driver.ts";
import { vaultOf } from "../../src/backend/vault.ts";
import type { VaultDeps } from "../../src/backend/vault_key.ts";
import { systemHost } from "../../src/host/system.ts";
import { copySealed, sealedOf } from "../../src/store/sealed_values.ts";
import { openStore } from "../../src/store/open.ts";
import { keyFileSource } from "../../src/vault/key_file_source.ts";

/** Name of the database in its folder. */
export const DATABASE_NAME = "stigmer.db";
/** Name of the key file in the same folder. */
export const KEY_FILE_NAME = "master.key";

/** An execution that has secrets. */
export const RUN = "wex-01arz3ndektsv4rrffq69g5fav";

/** The secrets that are sealed from the beginning, by owner. */
export const SECRETS: Readonly<
  Record<string, Readonly<Record<string, string>>>
> = {
  "env-1": { TOKEN: "alpha-1", OTHER: "beta-1" },
  "env-2": { TOKEN: "alpha-2" },
  [RUN]: { OWN: "mine", TOKEN: "alpha-2" },
};

/** A vault on disk, open. */
export interface VaultHome extends VaultDeps, Disposable {
  /** Seals and stores values. */
  set(owner: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** Opens all that an owner has. */
  get(owner: string): Promise<Record<string, string>>;
}

/** Opens the vault of a folder, with no key at hand yet. */
export function openVaultHome(folder: string): VaultHome {
  const host = systemHost();
  const store = openStore(`${folder}/${DATABASE_NAME}`, { host });
  const keySources = [keyFileSource(host, `${folder}/${KEY_FILE_NAME}`)];
  const deps: VaultDeps = { host, store, keySources };
  const vault = vaultOf(deps);
  const { database } = store;
  return {
    ...deps,
    async set(owner, values) {
      const drafts = await vault.sealFor(owner, values);
      database.transaction(() => vault.storeSealed(database, drafts));
    },
    get: async (owner) =>
      Object.fromEntries(await vault.openSealed(sealedOf(database, owner))),
    [Symbol.dispose]: () => store.close(),
  };
}

/** Seals {@linkcode SECRETS} in an empty folder. */
export async function fillVaultHome(folder: string): Promise<void> {
  using home = openVaultHome(folder);
  for (const [owner, values] of Object.entries(SECRETS)) {
    if (owner !== RUN) await home.set(owner, values);
  }
  await home.set(RUN, { OWN: "mine" });
  const names = ["TOKEN"];
  copySealed(home.store.database, { from: "env-2", to: RUN, names });
}
