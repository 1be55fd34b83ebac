import assert from "node:assert/strict";
import { sha256Hex } from "./sha256.ts";

async function reference(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

Deno.test("sha256Hex() gives the digest of the standard's own example", () => {
  assert.equal(
    sha256Hex(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("sha256Hex() agrees with the platform at every length around a block", async () => {
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 100_003]) {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = (i * 31 + length) % 256;
    assert.equal(sha256Hex(bytes), await reference(bytes), `${length} bytes`);
  }
});

Deno.test("sha256Hex() reads a view from its own start", async () => {
  const bytes = new Uint8Array(300).fill(7);
  const view = bytes.subarray(100, 200);
  assert.equal(sha256Hex(view), await reference(view));
});
