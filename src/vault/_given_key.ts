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
const MAKE_KEY = "openssl rand -base64 32";
const NOT_SET = "it is not set";
const NO_KEY =
  `what it gives is no key, ${MASTER_KEY_BYTES} random bytes as base64 or hex`;
const HEX_REGEXP = /^[0-9a-fA-F]{64}$/;

/** Where the text of a key comes from. */
export interface GivenKey {
  /** The variable, which is what people set. */
  readonly variable: string;
  /**
   * Gives the text, or `undefined` where the variable is not set.
   *
   * @throws {StigmerError} When it cannot be had, in words that go on after
   * the name of the variable.
   */
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
      const { key, why } = await keyIn(first);
      if (key !== undefined) return { usable: true };
      return why === undefined
        ? { usable: false, why: NOT_SET }
        : { usable: false, why, broken: true };
    },
    async offered(use) {
      const given = use === "first" ? first : next;
      const { key, why = NOT_SET } = await keyIn(given);
      if (key !== undefined) return key;
      throw failedPrecondition(
        `Cannot take a master key from ${given.variable}: ${why}`,
        { hints: [`Make a key with: ${MAKE_KEY}`] },
      );
    },
    async read(keyId) {
      const found = [await keyIn(first), await keyIn(next)];
      for (const { key } of found) {
        if (key !== undefined && await masterKeyId(key) === keyId) return key;
      }
      const why = found.find((it) => it.why !== undefined)?.why;
      if (why !== undefined) throw failedPrecondition(why);
      return undefined;
    },
    async holds() {
      const found = [await keyIn(first), await keyIn(next)];
      const keys = found.flatMap(({ key }) => key === undefined ? [] : [key]);
      if (keys.length === 0) return undefined;
      return await Promise.all(keys.map(masterKeyId));
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

/** A key, why it is none, or neither where the variable is not set. */
interface Given {
  readonly key?: MasterKeyBytes;
  readonly why?: string;
}

async function keyIn(given: GivenKey): Promise<Given> {
  try {
    const text = (await given.text() ?? "").trim();
    if (text === "") return {};
    const key = parseMasterKey(text);
    return key === undefined ? { why: NO_KEY } : { key };
  } catch (error) {
    return { why: messageOf(error) };
  }
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
