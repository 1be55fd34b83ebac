/**
 * Seals and opens one secret.
 *
 * @module
 */

import type { Random } from "../host/host.ts";
import { invalidArgument } from "../model/error.ts";
import { openBytes, sealBytes } from "./sealing.ts";

/** What a sealed secret is bound to: swapped ones do not open. */
export interface SecretBinding {
  /** Whose secret it was when it was sealed. */
  readonly originId: string;
  readonly name: string;
  /** Counts the values that the secret had. */
  readonly version: number;
}

/**
 * Seals a secret under a data key.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a text that has half a character
 * in it: it would come back as another one.
 */
export function sealSecret(
  value: string,
  options: {
    readonly of: SecretBinding;
    readonly dataKey: CryptoKey;
    readonly random: Random;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { of, dataKey, random } = options;
  if (!value.isWellFormed()) throw halfCharacter(of.name);
  return sealBytes(dataKey, new TextEncoder().encode(value), {
    binding: bindingOf(of),
    random,
  });
}

/** Opens a secret, or gives `undefined` for what does not open. */
export async function openSecret(
  sealed: Uint8Array<ArrayBuffer>,
  options: { readonly of: SecretBinding; readonly dataKey: CryptoKey },
): Promise<string | undefined> {
  const { of, dataKey } = options;
  const bytes = await openBytes(dataKey, sealed, { binding: bindingOf(of) });
  if (bytes === undefined) return undefined;
  // A mark of the byte order at its beginning is part of a secret, too.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function bindingOf(of: SecretBinding): readonly (string | number)[] {
  return ["secret", of.originId, of.name, of.version];
}

function halfCharacter(name: string): Error {
  return invalidArgument(
    `Cannot seal secret "${name}": it has half of a surrogate pair in it, ` +
      "which is no character of Unicode",
  );
}
