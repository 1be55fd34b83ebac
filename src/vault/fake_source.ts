/**
 * A place for master keys in memory, for tests.
 *
 * @module
 */

import type { KeySource, KeySourceKind, MasterKeyBytes } from "./key_source.ts";

/** A source whose keys a test can see and take away. */
export interface FakeKeySource extends KeySource {
  readonly keys: Map<string, MasterKeyBytes>;
}

/** Makes an empty source. */
export function fakeKeySource(
  kind: KeySourceKind = "key-file",
): FakeKeySource {
  const keys = new Map<string, MasterKeyBytes>();
  const location = `memory (${kind})`;
  return {
    kind,
    location,
    keys,
    probe: () => Promise.resolve({ usable: true }),
    offered: () => Promise.resolve(undefined),
    read: (keyId) => Promise.resolve(keys.get(keyId)?.slice()),
    holds: () =>
      Promise.resolve(keys.size === 0 ? undefined : [...keys.keys()]),
    write(keyId, key) {
      keys.set(keyId, key.slice());
      return Promise.resolve({ location });
    },
    remove(keyId) {
      keys.delete(keyId);
      return Promise.resolve();
    },
  };
}
