/**
 * Says whether a list of checksums is one of ours: Ed25519 over its bytes.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { INSTALLING_PAGE } from "./address.ts";
import type { ReleaseKey } from "./keys.ts";

const SIGNATURE_BYTES = 64;
const KEY_BYTES = 32;
const BASE64_REGEXP = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Finds the key that signed some bytes.
 *
 * @param signature The 64 bytes of the signature in base64, as
 * `SHA256SUMS.sig` holds them.
 * @throws {StigmerError} DATA_LOSS when it is no signature of these bytes by
 * any of the keys.
 */
export async function signerOf(
  signed: { readonly bytes: BufferSource; readonly signature: string },
  keys: readonly ReleaseKey[],
): Promise<ReleaseKey> {
  const signature = bytesOf(signed.signature.trim(), SIGNATURE_BYTES);
  if (signature === undefined) throw wrongSignature("it is no signature");
  for (const key of keys) {
    const publicKey = bytesOf(key.publicKey, KEY_BYTES);
    if (publicKey === undefined) {
      throw new Error(`Release key "${key.name}" is no Ed25519 key`);
    }
    const imported = await crypto.subtle.importKey(
      "raw",
      publicKey,
      "Ed25519",
      false,
      ["verify"],
    );
    const isHis = await crypto.subtle.verify(
      "Ed25519",
      imported,
      signature,
      signed.bytes,
    );
    if (isHis) return key;
  }
  throw wrongSignature("no key of this build made it");
}

/** Reads base64 of exactly that many bytes. */
function bytesOf(
  text: string,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  if (!BASE64_REGEXP.test(text) || text.length % 4 !== 0) return undefined;
  const bytes = Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
  return bytes.length === length ? bytes : undefined;
}

function wrongSignature(why: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot trust this release: its signature is wrong, ${why}`,
    {
      hints: [
        "Somebody may have changed it on the way: do not use it",
        `If the keys of the project were replaced, install anew: ${INSTALLING_PAGE}`,
      ],
    },
  );
}
