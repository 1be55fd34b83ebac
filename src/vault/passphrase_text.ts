/**
 * Secrets as texts that a passphrase opens: for exports that leave a machine
 * and its keys behind.
 *
 * The same secret under the same passphrase gives the same text, so that an
 * export of what was imported is the export again: the nonce is made of the
 * secret, under a key of its own, and so is never used for two secrets. Who
 * has two exports sees which secrets have not changed between them.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { PASSPHRASE_TEXT_PREFIX } from "../model/secret_text.ts";

/** Characters of a passphrase at the least. */
export const PASSPHRASE_LENGTH_MIN = 8;

/** What a text is bound to: moved elsewhere it does not open. */
export interface PassphraseBinding {
  /** Slug of the environment. */
  readonly environment: string;
  readonly name: string;
}

/** Keys that were made of a passphrase and a salt. */
export interface PassphraseKeys {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  readonly encryption: CryptoKey;
  /** What nonces are made with. */
  readonly nonce: CryptoKey;
}

/** A text under a passphrase, read. */
export interface PassphraseText {
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly encrypted: Uint8Array<ArrayBuffer>;
}

/** Rounds of PBKDF2 with SHA-256, as OWASP advises since 2023. */
const ITERATIONS = 600_000;
/** More would let an import keep a server busy. */
const ITERATIONS_MAX = 10_000_000;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEPARATOR = ".";
const PARTS = 4;

/** Makes the salt of an export: of names, so that equal exports have it equal. */
export async function saltOf(
  names: Iterable<PassphraseBinding>,
): Promise<Uint8Array<ArrayBuffer>> {
  const lines = ["stigmer export salt v1"];
  for (const { environment, name } of names) {
    lines.push(JSON.stringify([environment, name]));
  }
  const bytes = new TextEncoder().encode(lines.join("\n"));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest, 0, SALT_BYTES).slice();
}

/**
 * Makes keys of a passphrase: slow, on purpose.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a passphrase that is too short.
 */
export async function passphraseKeys(
  passphrase: string,
  options: {
    readonly salt: Uint8Array<ArrayBuffer>;
    readonly iterations?: number;
  },
): Promise<PassphraseKeys> {
  checkPassphrase(passphrase);
  const { salt, iterations = ITERATIONS } = options;
  const { subtle } = crypto;
  const word = new TextEncoder().encode(passphrase.normalize("NFC"));
  const base = await subtle.importKey("raw", word, "PBKDF2", false, [
    "deriveBits",
  ]);
  const bits = await subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    base,
    256,
  );
  const root = await subtle.importKey("raw", bits, "HKDF", false, [
    "deriveKey",
  ]);
  const derived = (info: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt,
    info: new TextEncoder().encode(info),
  });
  const encryption = await subtle.deriveKey(
    derived("stigmer export encryption v1"),
    root,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
  const nonce = await subtle.deriveKey(
    derived("stigmer export nonce v1"),
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  return { salt, iterations, encryption, nonce };
}

/**
 * Refuses a passphrase that is too short to be one.
 *
 * @throws {StigmerError} INVALID_ARGUMENT.
 */
export function checkPassphrase(passphrase: string): void {
  if (Array.from(passphrase).length >= PASSPHRASE_LENGTH_MIN) return;
  throw invalidArgument(
    passphrase === ""
      ? "Cannot do this without a passphrase"
      : `Cannot take a passphrase of under ${PASSPHRASE_LENGTH_MIN} characters`,
    { hints: ["Give one on standard input with --passphrase-stdin"] },
  );
}

/** Writes a secret as a text that the passphrase opens. */
export async function passphraseTextOf(
  keys: PassphraseKeys,
  plain: string,
  of: PassphraseBinding,
): Promise<string> {
  const bytes = new TextEncoder().encode(plain);
  const bound = bindingBytes(of);
  const iv = await nonceOf(keys, bound, bytes);
  const encrypted = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: bound, tagLength: TAG_BYTES * 8 },
    keys.encryption,
    bytes,
  );
  return PASSPHRASE_TEXT_PREFIX + [
    String(keys.iterations),
    encoded(keys.salt),
    encoded(iv),
    encoded(new Uint8Array(encrypted)),
  ].join(SEPARATOR);
}

/**
 * Reads a text under a passphrase, without opening it.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a text that is none.
 */
export function parsePassphraseText(text: string): PassphraseText {
  const parts = text.slice(PASSPHRASE_TEXT_PREFIX.length).trimEnd()
    .split(SEPARATOR);
  const [rounds = "", saltText = "", nonceText = "", body = ""] = parts;
  const iterations = /^[1-9]\d{0,8}$/.test(rounds) ? Number(rounds) : 0;
  const salt = decoded(saltText);
  const nonce = decoded(nonceText);
  const encrypted = decoded(body);
  const isWhole = text.startsWith(PASSPHRASE_TEXT_PREFIX) &&
    parts.length === PARTS && iterations >= ITERATIONS &&
    iterations <= ITERATIONS_MAX && salt?.length === SALT_BYTES &&
    nonce?.length === NONCE_BYTES && (encrypted?.length ?? 0) >= TAG_BYTES;
  if (!isWhole || !salt || !nonce || !encrypted) {
    throw invalidArgument(
      "Cannot read a secret under a passphrase: " +
        "it is not whole",
      { hints: ["Export it again"] },
    );
  }
  return { iterations, salt, nonce, encrypted };
}

/** Opens a text, or gives `undefined` for what does not open. */
export async function openPassphraseText(
  keys: PassphraseKeys,
  { nonce, encrypted }: PassphraseText,
  of: PassphraseBinding,
): Promise<string | undefined> {
  try {
    const additionalData = bindingBytes(of);
    const plain = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: nonce,
        additionalData,
        tagLength: TAG_BYTES * 8,
      },
      keys.encryption,
      encrypted,
    );
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(plain);
  } catch {
    // It says no more than that it did not open, on purpose.
    return undefined;
  }
}

async function nonceOf(
  keys: PassphraseKeys,
  bound: Uint8Array<ArrayBuffer>,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = new Uint8Array(
    new BigUint64Array([BigInt(bound.length)]).buffer,
  );
  const message = new Uint8Array([...length, ...bound, ...plain]);
  const sum = await crypto.subtle.sign("HMAC", keys.nonce, message);
  return new Uint8Array(sum, 0, NONCE_BYTES).slice();
}

/** As JSON no two bindings have the same bytes, wherever their parts end. */
function bindingBytes(of: PassphraseBinding): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    JSON.stringify(["stigmer export v1", of.environment, of.name]),
  );
}

function encoded(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decoded(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}
