/**
 * AES-256-GCM as the vault uses it: a format byte, a random nonce and what is
 * sealed, bound to what it is about.
 *
 * @module
 */

import type { Random } from "../host/host.ts";

/** What a sealed thing is bound to: it opens with the very same only. */
export type Binding = readonly (string | number)[];

/** Bytes that a sealed thing is longer than what is in it. */
export const SEAL_OVERHEAD_BYTES = 29;

const FORMAT = 1;
const NONCE_BYTES = 12;

/** Makes a key of its bytes; they cannot be had back from it. */
export function importKey(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
}

/** Seals bytes under a key. */
export async function sealBytes(
  key: CryptoKey,
  plain: Uint8Array<ArrayBuffer>,
  options: { readonly binding: Binding; readonly random: Random },
): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = options.random.bytes(NONCE_BYTES);
  const encrypted = await crypto.subtle.encrypt(
    parameters(nonce, options.binding),
    key,
    plain,
  );
  const sealed = new Uint8Array(1 + NONCE_BYTES + encrypted.byteLength);
  sealed[0] = FORMAT;
  sealed.set(nonce, 1);
  sealed.set(new Uint8Array(encrypted), 1 + NONCE_BYTES);
  return sealed;
}

/**
 * Opens what was sealed, or gives `undefined` for what does not open: another
 * key, another binding, or not a byte as it was.
 */
export async function openBytes(
  key: CryptoKey,
  sealed: Uint8Array<ArrayBuffer>,
  options: { readonly binding: Binding },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (sealed.length < SEAL_OVERHEAD_BYTES || sealed[0] !== FORMAT) {
    return undefined;
  }
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt(
        parameters(nonce, options.binding),
        key,
        sealed.subarray(1 + NONCE_BYTES),
      ),
    );
  } catch {
    // It says no more than that it did not open, on purpose.
    return undefined;
  }
}

function parameters(
  iv: Uint8Array<ArrayBuffer>,
  binding: Binding,
): AesGcmParams {
  // As JSON no two bindings have the same bytes, wherever their parts end.
  const additionalData = new TextEncoder().encode(
    JSON.stringify([FORMAT, ...binding]),
  );
  return { name: "AES-GCM", iv, additionalData, tagLength: 128 };
}
