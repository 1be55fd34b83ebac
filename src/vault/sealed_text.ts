/**
 * Sealed secrets as texts, as an exported environment has them: all that is
 * needed to open them again, but for the master key.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { SEALED_TEXT_PREFIX, secretForm } from "../model/secret_text.ts";

/** What a sealed text holds. */
export interface SealedText {
  /** The master key that opens it. */
  readonly keyId: string;
  readonly dataKey: {
    readonly id: string;
    readonly ownerId: string;
    readonly wrapped: Uint8Array<ArrayBuffer>;
  };
  readonly originId: string;
  readonly name: string;
  readonly version: number;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

const SEPARATOR = ".";
const PARTS = 8;

/** Writes a sealed secret as text. */
export function sealedTextOf(sealed: SealedText): string {
  const { dataKey } = sealed;
  return SEALED_TEXT_PREFIX + [
    sealed.keyId,
    dataKey.id,
    dataKey.ownerId,
    sealed.originId,
    String(sealed.version),
    encoded(new TextEncoder().encode(sealed.name)),
    encoded(dataKey.wrapped),
    encoded(sealed.sealed),
  ].join(SEPARATOR);
}

/**
 * Reads a sealed secret.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a text that is none, or not
 * whole.
 */
export function parseSealedText(text: string): SealedText {
  if (secretForm(text) === "passphrase") throw underPassphrase();
  if (!text.startsWith(SEALED_TEXT_PREFIX)) throw notSealed("another format");
  const parts = text.slice(SEALED_TEXT_PREFIX.length).trimEnd()
    .split(SEPARATOR);
  const [keyId, id, ownerId, originId, version, name, wrapped, sealed] = parts;
  if (
    parts.length !== PARTS || !keyId || !id || !ownerId || !originId ||
    !name || !wrapped || !sealed || !/^[1-9]\d{0,9}$/.test(version ?? "")
  ) throw notSealed("it is not whole");
  return {
    keyId,
    dataKey: { id, ownerId, wrapped: decoded(wrapped) },
    originId,
    version: Number(version),
    name: new TextDecoder().decode(decoded(name)),
    sealed: decoded(sealed),
  };
}

function encoded(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    throw notSealed("it has characters that it cannot have");
  }
}

function underPassphrase(): Error {
  return invalidArgument("Cannot read a secret that is under a passphrase", {
    hints: [
      "Import it with: stigmer import --passphrase-stdin",
      "Or write *** for it, and give its value with `stigmer env set`",
    ],
  });
}

function notSealed(why: string): Error {
  return invalidArgument(`Cannot read a sealed secret: ${why}`, {
    hints: ["Export it again with `stigmer env get NAME --sealed -o yaml`"],
  });
}
