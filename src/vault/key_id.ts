/**
 * Ids of master keys. An id is derived from its key, so that a wrong key is
 * known for one before anything is opened with it; it tells nothing of the key.
 *
 * @module
 */

/** Bytes of a master key. */
export const MASTER_KEY_BYTES = 32;

const ID_PREFIX = "key-";
const ID_BYTES = 10;
const DERIVATION = new TextEncoder().encode("stigmer master key id v1");

/** Says the id of a master key: `key-` and 20 hexadecimal digits. */
export async function masterKeyId(
  key: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const base = await crypto.subtle.importKey("raw", key, "HKDF", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(),
      info: DERIVATION,
    },
    base,
    ID_BYTES * 8,
  );
  return ID_PREFIX + new Uint8Array(bits).toHex();
}
