import { deepStrictEqual, rejects } from "node:assert/strict";
import { signerOf } from "./signature.ts";

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Test 2 and 3 of RFC 8032, section 7.1. */
const VECTORS = [
  {
    publicKey:
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    publicKey:
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
];

function base64(hex: string): string {
  return Uint8Array.fromHex(hex).toBase64();
}

Deno.test("signerOf() knows the signatures of RFC 8032", async () => {
  const keys = VECTORS.map(({ publicKey }, i) => ({
    name: `${i}`,
    publicKey: base64(publicKey),
  }));
  for (const [i, { message, signature }] of VECTORS.entries()) {
    const signed = {
      bytes: Uint8Array.fromHex(message),
      signature: `${base64(signature)}\n`,
    };
    deepStrictEqual((await signerOf(signed, keys)).name, `${i}`);
    await rejects(signerOf(signed, []), /no key of this build made it/);
    const other = { ...signed, bytes: utf8("r!") };
    await rejects(signerOf(other, keys), /no key of this build made it/);
  }
});

Deno.test("signerOf() takes 64 bytes of base64 for a signature, and nothing else", async () => {
  const [vector] = VECTORS;
  const key = { name: "a", publicKey: base64(vector?.publicKey ?? "") };
  const signature = base64(vector?.signature ?? "");
  for (
    const text of [
      "",
      "?",
      signature.slice(0, -4),
      signature + signature,
      `${signature} x`,
      signature.slice(0, 8) + "\n" + signature.slice(8),
    ]
  ) {
    await rejects(
      signerOf({ bytes: utf8("r"), signature: text }, [key]),
      /it is no signature/,
      JSON.stringify(text),
    );
  }
});

Deno.test("signerOf() refuses to work with a key that is none", async () => {
  const signed = { bytes: utf8("r"), signature: base64("00".repeat(64)) };
  for (const publicKey of ["", "AAAA", base64("00".repeat(33))]) {
    const key = { name: "odd", publicKey };
    await rejects(signerOf(signed, [key]), /Release key "odd" is no Ed25519/);
  }
});

/** Runs openssl, or gives `undefined` where there is none that knows Ed25519. */
async function openssl(
  folder: string,
  line: string,
): Promise<boolean | undefined> {
  try {
    const { success } = await new Deno.Command("openssl", {
      args: line.split(" "),
      cwd: folder,
      stderr: "null",
    }).output();
    return success;
  } catch {
    return undefined;
  }
}

Deno.test("signerOf() knows what openssl signed with a key of its own", async () => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-key-" });
  try {
    await Deno.writeTextFile(`${folder}/sums`, "a  b\n");
    const made = await openssl(
      folder,
      "genpkey -algorithm ed25519 -out key.pem",
    );
    const signed = await openssl(
      folder,
      "pkeyutl -sign -rawin -inkey key.pem -in sums -out sig",
    );
    if (!made || !signed) {
      console.warn("Skipped: there is no openssl 3 here");
      return;
    }
    await openssl(folder, "pkey -in key.pem -pubout -outform DER -out pub");
    const der = await Deno.readFile(`${folder}/pub`);
    const signature = (await Deno.readFile(`${folder}/sig`)).toBase64();
    // What the install scripts put before a key to make it one of openssl.
    deepStrictEqual(der.subarray(0, 12).toBase64(), "MCowBQYDK2VwAyEA");
    const key = { name: "own", publicKey: der.subarray(12).toBase64() };
    const bytes = utf8("a  b\n");
    deepStrictEqual(await signerOf({ bytes, signature }, [key]), key);
    await rejects(
      signerOf({ bytes: utf8("a  c\n"), signature }, [key]),
      /its signature is wrong/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
