/**
 * Finds master keys where they are kept, makes sure that they are the right
 * ones, and keeps the last one at hand.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { findKey, type KeySource, type MissingKey } from "./key_source.ts";
import { isCheckedBy, type MasterKey, masterKeyOf } from "./master_key.ts";

/** What is known of a master key without having it. */
export interface KnownKey {
  readonly id: string;
  /** Where it was put; it may be elsewhere by now. */
  readonly source?: string;
  readonly checkValue?: Uint8Array<ArrayBuffer>;
}

/** What came of looking for a master key. */
export type SoughtKey =
  | { readonly kind: "found"; readonly master: MasterKey }
  | MissingKey;

/** The master keys that this process can get. */
export interface KeyRing {
  /** Finds a master key. */
  find(known: KnownKey): Promise<SoughtKey>;
  /** Keeps a key at hand, in the place of the one before. */
  keep(master: MasterKey): void;
}

/** Makes a ring over the places where keys are kept. */
export function createKeyRing(sources: readonly KeySource[]): KeyRing {
  let kept: MasterKey | undefined;
  // Who asks for a key that is being fetched waits for that.
  const fetching = new Map<string, Promise<SoughtKey>>();
  async function seekOnce(known: KnownKey): Promise<SoughtKey> {
    try {
      const sought = await seek(sources, known);
      if (sought.kind === "found") kept = sought.master;
      return sought;
    } finally {
      fetching.delete(known.id);
    }
  }
  return {
    async find(known) {
      if (kept?.id === known.id) return { kind: "found", master: kept };
      const begun = fetching.get(known.id) ?? seekOnce(known);
      fetching.set(known.id, begun);
      return await begun;
    },
    keep: (master) => void (kept = master),
  };
}

async function seek(
  sources: readonly KeySource[],
  known: KnownKey,
): Promise<SoughtKey> {
  const found = await findKey(sources, {
    keyId: known.id,
    ...(known.source === undefined ? {} : { keptIn: known.source }),
  });
  if (found.kind === "missing") return found;
  const master = await masterKeyOf(found.key);
  const { checkValue } = known;
  if (checkValue !== undefined && !await isCheckedBy(master, checkValue)) {
    throw new StigmerError(
      "DATA_LOSS",
      `Cannot use master key "${known.id}": its check value in the database ` +
        "was changed",
      { hints: ["Restore the database from a backup"] },
    );
  }
  return { kind: "found", master };
}
