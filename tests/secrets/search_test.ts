import assert from "node:assert/strict";
import { oddSecrets } from "./odd_secrets.ts";
import { searchFolder, searchFor } from "./search.ts";

const SEED = "9f2c81d7aa01";
const SECRETS = oddSecrets(SEED);

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

Deno.test("searchFor() finds each secret in each way that it may be written", () => {
  const search = searchFor(SECRETS);
  const writings: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => JSON.stringify({ a: text }),
    (text) => encodeURIComponent(text),
    (text) => bytes(`xy${text}z`).toBase64(),
    (text) => bytes(`x${text}`).toBase64({ alphabet: "base64url" }),
    (text) => bytes(text).toHex(),
  ];
  for (const { name, value } of SECRETS) {
    for (const write of writings) {
      if (name === "FOUR" && write(value).length < 8) continue;
      const hits = search("here", bytes(`before ${write(value)} after`));
      assert.ok(
        hits.some((it) => it.secret === name),
        `${name}: ${write(value).slice(0, 80)}`,
      );
    }
  }
});

Deno.test("searchFor() finds a line of a secret of several, and nothing in what is clean", () => {
  const search = searchFor(SECRETS);
  const pem = SECRETS.find((it) => it.name === "PEM")?.value ?? "";
  const line = pem.split("\n")[1] ?? "";
  assert.equal(search("here", bytes(line))[0]?.secret, "PEM");
  assert.deepEqual(search("here", bytes("*** nothing of it here ***")), []);
});

Deno.test("searchFolder() looks into files and at their names, below folders too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const search = searchFor(SECRETS);
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    await Deno.writeTextFile(`${folder}/a/b/x`, `.. tok_${SEED}_plain ..`);
    await Deno.writeTextFile(`${folder}/tok_${SEED}_plain.txt`, "");
    const hits = await searchFolder(search, folder);
    assert.equal(hits.filter((it) => it.secret === "PLAIN").length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
