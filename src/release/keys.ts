/**
 * The keys that releases are signed with, as this build believes them.
 *
 * They are part of the program and of nothing else: no option, variable or
 * file adds one, for whoever could set those could also replace the program.
 * `.github/release/install.sh` and `install.ps1` carry the same; a test holds
 * them equal. How a key is made, kept and replaced is in
 * docs/decisions/0026-signed-releases.md.
 *
 * @module
 */

/** A key that may have signed a release. */
export interface ReleaseKey {
  /** What people call it, as `2026-1`. */
  readonly name: string;
  /** The 32 bytes of an Ed25519 public key, in base64. */
  readonly publicKey: string;
}

/** Empty until the first release: `stigmer upgrade` says so and stops. */
export const RELEASE_KEYS: readonly ReleaseKey[] = [];
