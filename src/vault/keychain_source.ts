/**
 * Master keys in the keychain of the operating system: one item a key.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { Keychain, KeychainItem } from "./keychain.ts";
import type { KeySource, MasterKeyBytes } from "./key_source.ts";
import { MASTER_KEY_BYTES } from "./key_id.ts";

/** The service of all items; their accounts are the ids of keys. */
const SERVICE = "stigmer";
const PROBE_BYTES = 8;

/** Gives the source that keeps keys in a keychain. */
export function keychainSource(
  keychain: Keychain,
  options: {
    readonly random: Host["random"];
    /** Named by the items' labels, for the person who meets one. */
    readonly databasePath: string;
  },
): KeySource {
  const { random, databasePath } = options;
  const location = keychain.name;
  async function read(keyId: string): Promise<MasterKeyBytes | undefined> {
    const reachable = keychain.reachable();
    if (!reachable.usable) {
      throw new StigmerError("UNAVAILABLE", reachable.why);
    }
    const text = await keychain.lookup(itemOf(keyId));
    return text === undefined ? undefined : keyOf(text, keyId);
  }
  return {
    kind: "keychain",
    location,
    async probe() {
      const reachable = keychain.reachable();
      if (!reachable.usable) return reachable;
      try {
        await tryOut(keychain, { random });
        return { usable: true };
      } catch (error) {
        return { usable: false, why: messageOf(error) };
      }
    },
    offered: () => Promise.resolve(undefined),
    read,
    // It may hold the keys of other databases, and is asked for one at a time.
    holds: () => Promise.resolve(undefined),
    async write(keyId, key) {
      const label = labelOf(keyId, databasePath);
      await keychain.store({ ...itemOf(keyId), label }, key.toBase64());
      const kept = await read(keyId);
      if (kept?.toBase64() !== key.toBase64()) throw notKept(keyId);
      return { location: `${location}, item "${SERVICE}/${keyId}"` };
    },
    async remove(keyId) {
      await keychain.clear(itemOf(keyId));
    },
  };
}

/** Says to whom an item belongs, in letters that every locale has. */
function labelOf(keyId: string, databasePath: string): string {
  const path = databasePath.replace(/[^\x20-\x7e]/g, "?");
  return `Stigmer master key ${keyId} (${path})`;
}

/** Keeps something, finds it again and removes it: nothing less is sure. */
async function tryOut(
  keychain: Keychain,
  options: { readonly random: Host["random"] },
): Promise<void> {
  const { random } = options;
  const text = random.bytes(PROBE_BYTES).toHex();
  const item = itemOf(`probe-${random.bytes(PROBE_BYTES).toHex()}`);
  await keychain.store({ ...item, label: "Stigmer tries the keychain" }, text);
  const found = await keychain.lookup(item).catch(async (error) => {
    // What went wrong first is what counts.
    await keychain.clear(item).catch(() => {});
    throw error;
  });
  await keychain.clear(item);
  if (found === text) return;
  throw new StigmerError(
    "UNAVAILABLE",
    "what was put into it was not found again",
  );
}

function itemOf(account: string): KeychainItem {
  return { service: SERVICE, account };
}

function keyOf(text: string, keyId: string): MasterKeyBytes {
  try {
    const key = Uint8Array.fromBase64(text.trim());
    if (key.length === MASTER_KEY_BYTES) return key;
  } catch {
    // Somebody has put something else there.
  }
  throw new StigmerError(
    "DATA_LOSS",
    `item "${SERVICE}/${keyId}" holds something that is no master key`,
  );
}

function notKept(keyId: string): StigmerError {
  return new StigmerError(
    "UNAVAILABLE",
    `The keychain did not keep master key "${keyId}", ` +
      "keep it elsewhere with --key-source",
  );
}
