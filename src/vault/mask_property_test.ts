/**
 * Secrets by chance, in whatever carries them, in pieces of any size: nothing
 * of them is left, and everything else is.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import { createMask } from "./mask.ts";

const SEED = 20260204;
const SECRETS = 300;
const TEXTS_WITHOUT = 3000;
/** Of a mark that stands where the secret is to stand. */
const MARK = "kMARKz";

type Pick = (below: number) => number;

/** Chance that gives the same again for the same seed (mulberry32). */
function chance(seed: number): Pick {
  let state = seed;
  return (below) => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % below;
  };
}

const ALPHABETS: readonly (readonly string[])[] = [
  [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"],
  [..."0123456789abcdef"],
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="],
  [..." !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"],
  [..."äßçñøłžабвгд漢字かな한글😀👩🏽‍🚀🇩🇪"],
  ["\n", "\r\n", "\t", "\u0001", "\u001b", "\u007f", "\u00a0", "\u2028"],
  ["$(id)", "`id`", "%2F", "+", "\\n", "\\u0041", "&amp;", "='", '"; ', "***"],
];

/** The first and the last character tell where it begins and ends. */
function secretOf(pick: Pick): string {
  const long = pick(50) === 0;
  const count = long ? 100 + pick(400) : 3 + pick(30);
  const from = [0, pick(ALPHABETS.length), pick(ALPHABETS.length)];
  const made = Array.from({ length: count }, () => {
    const alphabet = ALPHABETS[from[pick(from.length)] ?? 0] ?? [];
    return alphabet[pick(alphabet.length)];
  });
  return `k${made.join("")}z`;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function inLines(text: string, length: number, end = "\n"): string {
  return (text.match(new RegExp(`[^]{1,${length}}`, "g")) ?? []).join(end);
}

/** As `repr` of Python has it, or `ascii`, which leaves nothing else. */
function inPython(text: string, kept: RegExp): string {
  const short: Readonly<Record<string, string>> = {
    "\\": "\\\\",
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
  };
  const chars = Array.from(text, (char) => {
    const point = char.codePointAt(0) ?? 0;
    const hex = point.toString(16);
    if (short[char] !== undefined) return short[char];
    if (kept.test(char)) return char;
    if (point < 0x100) return `\\x${hex.padStart(2, "0")}`;
    return point < 0x10000
      ? `\\u${hex.padStart(4, "0")}`
      : `\\U${hex.padStart(8, "0")}`;
  });
  return `'${chars.join("")}'`;
}

/** What carries a secret whole: what is around it is left as it is. */
const CARRIERS: Readonly<Record<string, (secret: string) => string>> = {
  text: (it) => `say ${it}.`,
  twice: (it) => `${it}, ${it}`,
  "percent-encoded": (it) => `x=${encodeURIComponent(it)};`,
  "percent-encoded twice": (it) => encodeURIComponent(encodeURIComponent(it)),
  "percent-encoded in small letters": (it) =>
    encodeURIComponent(it).replaceAll(/%../g, (hex) => hex.toLowerCase()),
  form: (it) => `${new URLSearchParams({ a: "1", t: it, b: "2" })}`,
  "all in percent": (it) =>
    bytesOf(it).toHex().replaceAll(/../g, (hex) => `%${hex.toUpperCase()}`),
  JSON: (it) => JSON.stringify({ a: 1, t: it, b: [null] }),
  "JSON in JSON": (it) => JSON.stringify({ t: JSON.stringify({ u: it }) }),
  "JSON in JSON in JSON in JSON": (it) =>
    JSON.stringify([JSON.stringify([JSON.stringify([JSON.stringify(it)])])]),
  "JSON in ASCII": (it) =>
    JSON.stringify(it).replaceAll(
      /[\u007f-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  markup: (it) =>
    it.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;").replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
  "single quotes": (it) => `'${it.replaceAll("'", "'\\''")}'`,
  "double quotes": (it) => `"${it.replaceAll(/["$`\\]/g, "\\$&")}"`,
  "quotes of YAML": (it) => `- '${it.replaceAll("'", "''")}'`,
  "quoted-printable": (it) =>
    bytesOf(it).toHex().replaceAll(/../g, (hex) => {
      const char = String.fromCharCode(parseInt(hex, 16));
      return /[!-<>-~]/.test(char) ? char : `=${hex.toUpperCase()}`;
    }),
  hex: (it) => `<${bytesOf(it).toHex()}>`,
  "hex in upper case": (it) => `<${bytesOf(it).toHex().toUpperCase()}>`,
  "hex in lines": (it) => `<${inLines(bytesOf(it).toHex(), 60)}>`,
  "hex by bytes": (it) => `<${inLines(bytesOf(it).toHex(), 2, " ")}>`,
  base64: (it) => `<${bytesOf(it).toBase64()}>`,
  "base64 of addresses": (it) =>
    `<${bytesOf(it).toBase64({ alphabet: "base64url", omitPadding: true })}>`,
  "base64 in lines": (it) => `<${inLines(bytesOf(it).toBase64(), 76)}>`,
  "base64 in lines of CRLF": (it) =>
    `<${inLines(bytesOf(it).toBase64(), 64, "\r\n")}>`,
  "base64 in percent": (it) => encodeURIComponent(bytesOf(it).toBase64()),
  "repr of Python": (it) => inPython(it, /[ -~\p{L}\p{S}]/u),
  "ascii of Python": (it) => inPython(it, /[ -~]/),
  "ascii of Python in JSON": (it) => JSON.stringify(inPython(it, /[ -~]/)),
  "lines of Windows": (it) => `<${it.replaceAll(/\r?\n/g, "\r\n")}>`,
};

/** The same in pieces; some split a character, an escape, or a group of four. */
function inPieces(
  mask: ReturnType<typeof createMask>,
  text: string,
  pick: Pick,
): string {
  const pieces = mask.pieces();
  const most = 1 + pick(text.length > 500 ? 400 : 20);
  let shown = "";
  for (let at = 0; at < text.length;) {
    const size = 1 + pick(most);
    shown += pieces.push(text.slice(at, at + size));
    at += size;
  }
  return shown + pieces.flush();
}

Deno.test("secrets by chance are hidden in all that carries them, whole and in pieces", () => {
  const pick = chance(SEED);
  let cases = 0;
  for (let round = 0; round < SECRETS; round++) {
    const secret = secretOf(pick);
    const mask = createMask({ secret, other: secret.slice(1, 6) });
    const one = createMask({ secret });
    for (const [name, carry] of Object.entries(CARRIERS)) {
      const what = () =>
        `seed ${SEED}, round ${round}, ${name}: ${JSON.stringify(secret)}`;
      const carried = carry(secret);
      const masked = one.text(carried);
      const marked = createMask({ MARK }).text(carry(MARK));
      ok(masked === marked, `${what()} gave ${JSON.stringify(masked)}`);
      const streamed = inPieces(one, carried, pick);
      ok(streamed === marked, `${what()} in pieces gave ${streamed}`);
      ok(inPieces(mask, carried, pick) === mask.text(carried), what());
      cases += 3;
      if (round % 4 !== 0) continue;
      const computed = createMask({});
      computed.addComputed([secret]);
      ok(computed.text(carried) === marked, `${what()} as it was computed`);
      cases++;
    }
  }
  ok(cases >= 20_000, `${cases} cases`);
});

Deno.test("nothing of a secret is left in the base64 of a text around it, by chance", () => {
  const pick = chance(SEED + 1);
  for (let round = 0; round < SECRETS; round++) {
    const secret = secretOf(pick);
    const mask = createMask({ secret });
    const before = "b".repeat(pick(60));
    const after = "a".repeat(pick(60));
    const carried = inLines(bytesOf(before + secret + after).toBase64(), 76);
    const what = `seed ${SEED + 1}, round ${round}: ${JSON.stringify(secret)}`;
    const masked = inPieces(mask, carried, pick);
    strictEqual(masked, mask.text(carried), what);
    const around = Math.ceil((before.length + after.length) * 4 / 3);
    const left = masked.replace("***", "").replaceAll(/[=\n]/g, "");
    ok(
      masked.includes("***") && left.length <= around + 4,
      `${what} ${masked}`,
    );
  }
});

Deno.test("a text without secrets is left as it is, by chance", () => {
  const pick = chance(SEED + 2);
  const mask = createMask({
    a: "tok-9f8e7d6c5b4a",
    b: "p'a\"s$s w`o\\r%d&<é😀>",
    c: "line one is\nline two was",
    d: "xK9q",
    e: JSON.stringify({ user: "ada-lovelace", key: "pw-5a4b3c2d" }),
  });
  const parts = [
    ...ALPHABETS.flat(),
    "tok-9f8e",
    "line on",
    "pw-5a4b3c2",
    "xK9",
  ];
  for (let round = 0; round < TEXTS_WITHOUT; round++) {
    const text = Array.from(
      { length: pick(200) },
      () => parts[pick(parts.length)],
    ).join("");
    // By chance it is one.
    if (/tok-9f8e7d6c5b4a|line one is|xK9q|pw-5a4b3c2d/.test(text)) continue;
    const what = `seed ${SEED + 2}, round ${round}: ${JSON.stringify(text)}`;
    ok(mask.text(text) === text, what);
    ok(inPieces(mask, text, pick) === text, what);
  }
});
