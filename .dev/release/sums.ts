/**
 * The checksums of a release, as `sha256sum` writes and reads them, and who
 * says that they are right: an Ed25519 signature over the list.
 *
 * @module
 */

/** The variable with the private key, as `openssl genpkey` writes it. */
export const KEY_VARIABLE = "STIGMER_RELEASE_KEY";

type Bytes = Uint8Array<ArrayBuffer>;

/** Writes the list for some files of a folder, by name. */
export async function sumsOf(
  folder: string,
  names: readonly string[],
): Promise<string> {
  const lines: string[] = [];
  for (const name of names.toSorted()) {
    lines.push(
      `${await sha256(await Deno.readFile(`${folder}/${name}`))}  ${name}\n`,
    );
  }
  return lines.join("");
}

/** The digest of some bytes in hexadecimal. */
export async function sha256(bytes: Bytes): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** A pair of keys in the forms in which they are kept. */
export interface ReleaseKeys {
  /** PKCS #8 in PEM: what the variable holds. */
  readonly privateKey: string;
  /** 32 bytes in base64: what a build believes. */
  readonly publicKey: string;
}

/** Makes a pair of keys. */
export async function makeKeys(): Promise<ReleaseKeys> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]);
  if (!("privateKey" in pair)) throw new Error("Ed25519 made no pair of keys");
  const bytes = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  const body = new Uint8Array(bytes).toBase64();
  return {
    privateKey:
      `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
    publicKey: new Uint8Array(raw).toBase64(),
  };
}

/**
 * Signs some bytes and gives the 64 of the signature in base64.
 *
 * @param privateKey PKCS #8, in PEM or its base64 alone.
 * @throws Error when it is no such key; the message has nothing of it.
 */
export async function sign(bytes: Bytes, privateKey: string): Promise<string> {
  const key = await importKey(privateKey);
  const signature = await crypto.subtle.sign("Ed25519", key, bytes);
  return new Uint8Array(signature).toBase64();
}

/** Gives the public key of a private one, 32 bytes in base64. */
export async function publicKeyOf(privateKey: string): Promise<string> {
  const jwk = await crypto.subtle.exportKey("jwk", await importKey(privateKey));
  const bytes = Uint8Array.fromBase64(jwk.x ?? "", { alphabet: "base64url" });
  return bytes.toBase64();
}

async function importKey(privateKey: string): Promise<CryptoKey> {
  const body = privateKey.replace(/-----[A-Z ]+-----/g, "");
  try {
    const bytes = Uint8Array.fromBase64(body);
    return await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", true, [
      "sign",
    ]);
  } catch {
    // The cause could name a part of the key.
    throw new Error(
      `Cannot sign: ${KEY_VARIABLE} is no Ed25519 key in PKCS #8; make one ` +
        "with deno task release keys",
    );
  }
}
