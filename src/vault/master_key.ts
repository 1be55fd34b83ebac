/**
 * The master key: what wraps data keys, and how the right one is known.
 *
 * @module
 */

import type { Random } from "../host/host.ts";
import { masterKeyId } from "./key_id.ts";
import type { MasterKeyBytes } from "./key_source.ts";
import { importKey, openBytes, sealBytes } from "./sealing.ts";

/** A master key, ready for use. */
export interface MasterKey {
  readonly id: string;
  /** Wraps data keys; derived from the master key, and nothing else is. */
  readonly wrapping: CryptoKey;
}

const WRAPPING = new TextEncoder().encode("stigmer wrapping key v1");
const CHECKED = "stigmer";

/** Makes a master key of its bytes. */
export async function masterKeyOf(bytes: MasterKeyBytes): Promise<MasterKey> {
  const base = await crypto.subtle.importKey("raw", bytes, "HKDF", false, [
    "deriveBits",
  ]);
  const derived = new Uint8Array(
    await crypto.subtle.deriveBits(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: WRAPPING },
      base,
      256,
    ),
  );
  const wrapping = await importKey(derived);
  derived.fill(0);
  return { id: await masterKeyId(bytes), wrapping };
}

/** Seals a known text, by which the key is known again. */
export function checkValueOf(
  master: MasterKey,
  random: Random,
): Promise<Uint8Array<ArrayBuffer>> {
  return sealBytes(master.wrapping, new TextEncoder().encode(CHECKED), {
    binding: ["check", master.id],
    random,
  });
}

/** Says whether a check value was made with a key. */
export async function isCheckedBy(
  master: MasterKey,
  checkValue: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const opened = await openBytes(master.wrapping, checkValue, {
    binding: ["check", master.id],
  });
  return opened !== undefined && new TextDecoder().decode(opened) === CHECKED;
}
