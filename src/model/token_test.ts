import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import {
  hideTokens,
  isSameHash,
  newTokenText,
  parseTokenText,
  tokenHash,
} from "./token.ts";

const SOME = newTokenText(Uint8Array.from({ length: 32 }, (_, i) => i * 7));

Deno.test("newTokenText() gives 53 letters and digits, whatever chance gives", () => {
  for (const byte of [0, 1, 127, 255]) {
    const text = newTokenText(new Uint8Array(32).fill(byte));
    match(text, /^stg_[0-9A-Za-z]{49}$/);
    strictEqual(parseTokenText(text), text);
  }
  const texts = new Set(
    Array.from(
      { length: 200 },
      () => newTokenText(crypto.getRandomValues(new Uint8Array(32))),
    ),
  );
  strictEqual(texts.size, 200);
});

Deno.test("parseTokenText() tells a typo anywhere", () => {
  for (let at = 0; at < SOME.length; at++) {
    const other = SOME[at] === "x" ? "y" : "x";
    const typo = SOME.slice(0, at) + other + SOME.slice(at + 1);
    strictEqual(parseTokenText(typo), undefined, typo);
  }
});

Deno.test("parseTokenText() refuses what can be no token", () => {
  const bad = [
    "",
    "stg_",
    SOME.slice(0, -1),
    `${SOME}a`,
    `${SOME}\n`,
    ` ${SOME}`,
    SOME.toUpperCase(),
    SOME.replace("stg_", "ghp_"),
    `stg_${"ü".repeat(49)}`,
    `stg_${"a".repeat(100_000)}`,
    "' OR 1=1 --",
  ];
  for (const text of bad) strictEqual(parseTokenText(text), undefined, text);
});

Deno.test("tokenHash() is the SHA-256 of the text", async () => {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(SOME),
  );
  deepStrictEqual(tokenHash(SOME), new Uint8Array(digest));
});

Deno.test("isSameHash() looks at every byte, and at the length", () => {
  const hash = tokenHash(SOME);
  ok(isSameHash(hash, hash.slice()));
  for (let at = 0; at < hash.length; at++) {
    const other = hash.slice();
    other[at] = (other[at] ?? 0) ^ 1;
    ok(!isSameHash(hash, other));
  }
  ok(!isSameHash(hash, hash.slice(0, 31)));
  ok(!isSameHash(hash.slice(0, 31), hash));
});

Deno.test("hideTokens() hides every token in a text, and nothing else", () => {
  strictEqual(
    hideTokens(`a ${SOME}, "${SOME}" and stg_short`),
    'a stg_***, "stg_***" and stg_short',
  );
});

Deno.test("hideTokens() hides a token that was cut, of which the rest could be found", () => {
  // The last six digits follow from those before.
  for (const length of [52, 47, 40, 28]) {
    strictEqual(hideTokens(`"${SOME.slice(0, length)}"`), '"stg_***"');
  }
  strictEqual(hideTokens(SOME.slice(0, 8)), SOME.slice(0, 8));
  strictEqual(hideTokens(`${SOME}x`), "stg_***");
});
