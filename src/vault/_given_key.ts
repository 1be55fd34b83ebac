/**
 * Master keys that people keep themselves, in a variable or in a file: read
 * here, and never written.
 *
 * @module
 */

import { failedPrecondition, messageOf } from "../model/error.ts";
import type { KeySource, MasterKeyBytes } from "./key_source.ts";
import { MASTER_KEY_BYTES, masterKeyId } from "./key_id.ts";

/** How to make one. */
const MAKE = "openssl rand -base64 32";
const HEX_REGEXP = /^[0-9a-fA-F]{64}$/;

/** Where the text of a key comes from. */
export interface GivenKey {
  /** The variable, which is what people set. */
  readonly variable: string;
  /** Gives the text, or `undefined` where the variable is not set. */
  readonly text: () => Promise<string | undefined>;
}

/** Gives a source of two keys: the one in use, and the one to rotate to. */
export function givenKeySource(options: {
  readonly kind: "env" | "env-file";
  readonly location: string;
  readonly first: GivenKey;
  readonly next: GivenKey;
}): KeySource {
  const { kind, location, first, next } = options;
  return {
    kind,
    location,
    async probe() {
      try {
        return await keyIn(first) === undefined
          ? { usable: false, why: "it is not set" }
          : { usable: true };
      } catch (error) {
        return { usable: false, why: messageOf(error), broken: true };
      }
    },
    async offered(use) {
      const given = use === "first" ? first : next;
      const key = await keyIn(given);
      if (key !== undefined) return key;
      throw failedPrecondition(
        `Cannot take a master key from ${given.variable}: it is not set`,
        { hints: [`Make a key with: ${MAKE}`] },
      );
    },
    async read(keyId) {
      for (const given of [first, next]) {
        const key = await keyIn(given);
        if (key !== undefined && await masterKeyId(key) === keyId) return key;
      }
      return undefined;
    },
    write: () => Promise.reject(unwritable(first, next)),
    remove: () => Promise.reject(unwritable(first, next)),
  };
}

function unwritable(first: GivenKey, next: GivenKey): Error {
  return failedPrecondition(
    `Cannot change ${first.variable}: you keep it yourself, give a new key ` +
      `in ${next.variable} and remove the old one by hand`,
  );
}

async function keyIn(given: GivenKey): Promise<MasterKeyBytes | undefined> {
  const text = await given.text();
  if (text === undefined || text.trim() === "") return undefined;
  const key = parseMasterKey(text.trim());
  if (key !== undefined) return key;
  throw failedPrecondition(
    `${given.variable} gives no key: ${MASTER_KEY_BYTES} random bytes are ` +
      `needed, as base64 or hex; make them with: ${MAKE}`,
  );
}

/** Reads a key as base64, base64url or hex; `undefined` for anything else. */
export function parseMasterKey(text: string): MasterKeyBytes | undefined {
  if (HEX_REGEXP.test(text)) return Uint8Array.fromHex(text);
  const alphabet = /[-_]/.test(text) ? "base64url" : "base64";
  try {
    const key = Uint8Array.fromBase64(text, { alphabet });
    return key.length === MASTER_KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}
