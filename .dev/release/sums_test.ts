import { deepStrictEqual, match, ok, rejects } from "node:assert/strict";
import { CHECKSUMS_FILE, SIGNATURE_FILE } from "../../src/release/checksums.ts";
import { signerOf } from "../../src/release/signature.ts";
import { outputOf, runProgram } from "../command.ts";
import { makeKeys, publicKeyOf, sign, sumsOf } from "./sums.ts";

const BYTES: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "what is signed\n",
);

async function says(
  command: readonly [string, ...string[]],
  words: RegExp,
): Promise<boolean> {
  const result = await runProgram(command).catch(() => undefined);
  return result !== undefined && words.test(result.stdout);
}

Deno.test({
  name: "sumsOf() writes what sha256sum checks",
  ignore: !await says(["sha256sum", "--version"], /GNU/),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/b.zip`, "b");
      await Deno.writeTextFile(`${folder}/a.tar.gz`, "a");
      const list = await sumsOf(folder, ["b.zip", "a.tar.gz"]);
      match(list, /^[0-9a-f]{64} {2}a\.tar\.gz\n[0-9a-f]{64} {2}b\.zip\n$/);
      await Deno.writeTextFile(`${folder}/${CHECKSUMS_FILE}`, list);
      const check = () =>
        runProgram(["sha256sum", "--strict", "-c", CHECKSUMS_FILE], {
          cwd: folder,
        });
      const right = await check();
      ok(right.ok, outputOf(right));
      await Deno.writeTextFile(`${folder}/b.zip`, "c");
      ok(!(await check()).ok);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Asks what an upgrade asks. */
function isSignedBy(
  publicKey: string,
  signed: Parameters<typeof signerOf>[0],
): Promise<boolean> {
  return signerOf(signed, [{ name: "given", publicKey }])
    .then(() => true, () => false);
}

Deno.test("sign() gives 64 bytes that the public key verifies, of these bytes alone", async () => {
  const { privateKey, publicKey } = await makeKeys();
  deepStrictEqual(await publicKeyOf(privateKey), publicKey);
  const signature = await sign(BYTES, privateKey);
  deepStrictEqual(Uint8Array.fromBase64(signature).length, 64);
  ok(
    await isSignedBy(publicKey, { bytes: BYTES, signature: `${signature}\n` }),
  );
  const other = new TextEncoder().encode("what was not signed\n");
  ok(!await isSignedBy(publicKey, { bytes: other, signature }));
  const { publicKey: stranger } = await makeKeys();
  ok(!await isSignedBy(stranger, { bytes: BYTES, signature }));
});

Deno.test("sign() takes the key in one line, as secrets of a CI are pasted", async () => {
  const { privateKey, publicKey } = await makeKeys();
  const [, line = ""] = privateKey.split("\n");
  const signature = await sign(BYTES, line);
  ok(await isSignedBy(publicKey, { bytes: BYTES, signature }));
});

Deno.test("sign() refuses what is no key, and says nothing of it", async () => {
  for (const text of ["", "hunter2secret", btoa("hunter2secret")]) {
    await rejects(sign(BYTES, text), (error: Error) => {
      match(
        error.message,
        /^Cannot sign: STIGMER_RELEASE_KEY is no Ed25519 key/,
      );
      ok(text === "" || !Deno.inspect(error).includes(text));
      return true;
    });
  }
});

Deno.test({
  name: "openssl makes keys that sign, and verifies what they signed",
  // The one of macOS knows no such keys.
  ignore: !await says(["openssl", "version"], /^OpenSSL 3/),
  async fn() {
    const folder = await Deno.makeTempDir();
    const openssl = async (...args: readonly string[]) => {
      const result = await runProgram(["openssl", ...args], { cwd: folder });
      ok(result.ok, outputOf(result));
    };
    try {
      await openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem");
      await openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem");
      const privateKey = await Deno.readTextFile(`${folder}/key.pem`);
      const signature = await sign(BYTES, privateKey);
      await Deno.writeFile(`${folder}/${CHECKSUMS_FILE}`, BYTES);
      await Deno.writeFile(
        `${folder}/${SIGNATURE_FILE}`,
        Uint8Array.fromBase64(signature),
      );
      await openssl(
        ...["pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin"],
        ...["-in", CHECKSUMS_FILE, "-sigfile", SIGNATURE_FILE],
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
