import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import {
  openPassphraseText,
  parsePassphraseText,
  passphraseKeys,
  passphraseTextOf,
  saltOf,
} from "./passphrase_text.ts";

const OF = { environment: "prod", name: "KEY" };
const SALT = await saltOf([OF]);
const KEYS = await passphraseKeys("correct horse", { salt: SALT });

Deno.test("a secret under a passphrase is opened by it, whatever it holds", async () => {
  for (const plain of ["a", "", "\ufeffé😀\u0000", "x".repeat(65_536)]) {
    const text = await passphraseTextOf(KEYS, plain, OF);
    assert.ok(!text.includes(plain) || plain.length < 2);
    const read = parsePassphraseText(text);
    assert.equal(await openPassphraseText(KEYS, read, OF), plain);
  }
});

Deno.test("the same secret is the same text, and another one under another nonce", async () => {
  const text = await passphraseTextOf(KEYS, "hunter22", OF);
  assert.equal(await passphraseTextOf(KEYS, "hunter22", OF), text);
  const others = [
    await passphraseTextOf(KEYS, "hunter23", OF),
    await passphraseTextOf(KEYS, "hunter22", { ...OF, name: "OTHER" }),
    await passphraseTextOf(KEYS, "hunter22", { ...OF, environment: "test" }),
  ];
  const nonces = [text, ...others].map((it) =>
    parsePassphraseText(it).nonce.toHex()
  );
  assert.equal(new Set(nonces).size, nonces.length);
});

Deno.test("what is moved, changed or under another passphrase does not open", async () => {
  const text = await passphraseTextOf(KEYS, "hunter22", OF);
  const read = parsePassphraseText(text);
  const open = openPassphraseText;
  assert.equal(await open(KEYS, read, { ...OF, name: "X" }), undefined);
  assert.equal(await open(KEYS, read, { ...OF, environment: "x" }), undefined);
  const wrong = await passphraseKeys("correct horsf", { salt: SALT });
  assert.equal(await open(wrong, read, OF), undefined);
  for (let i = 0; i < read.encrypted.length; i++) {
    const encrypted = read.encrypted.slice();
    encrypted[i] = (encrypted[i] ?? 0) ^ 1;
    assert.equal(await open(KEYS, { ...read, encrypted }, OF), undefined);
  }
});

Deno.test("parsePassphraseText() refuses what is not whole, and few rounds", async () => {
  const text = await passphraseTextOf(KEYS, "hunter22", OF);
  const bad = [
    "hunter22",
    text.slice(0, -30),
    text.replace("600000", "1000"),
    text.replace("600000", "99999999999"),
    text.replaceAll(".", ","),
    `${text}.x`,
  ];
  for (const it of bad) {
    assert.throws(
      () => parsePassphraseText(it),
      (error) =>
        error instanceof StigmerError && error.code === "INVALID_ARGUMENT" &&
        !error.message.includes(it),
    );
  }
});

Deno.test("salts differ with the names, and not with their values", async () => {
  const salts = await Promise.all([
    saltOf([OF]),
    saltOf([]),
    saltOf([OF, { ...OF, name: "B" }]),
    saltOf([{ environment: "prod/KEY", name: "" }]),
  ]);
  assert.equal(new Set(salts.map((it) => it.toHex())).size, salts.length);
  assert.equal((await saltOf([OF])).toHex(), SALT.toHex());
});

Deno.test("a passphrase that is too short is refused", async () => {
  await assert.rejects(passphraseKeys("short", { salt: SALT }), /8 characters/);
});
