import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { expandUriTemplate } from "../workflow/uri_template.ts";
import { createMask } from "./mask.ts";

/** Characters that some part of an address, JSON or markup treats specially. */
const ODD = [
  ..." !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\näß€😀漢\u0001\u007f",
  "%2F",
  "..",
  "./",
  "\ud800",
];
const USUAL = [..."abcXYZ0189"];
const SEED = 20260131;
const ROUNDS = 600;

/** Chance that gives the same again for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

function secretOf(pick: (below: number) => number): string {
  const made = Array.from({ length: 5 + pick(16) }, () => {
    const from = pick(2) === 0 ? ODD : USUAL;
    return from[pick(from.length)];
  });
  // Its first and last tell where a text begins and ends.
  return `k${made.join("")}z`;
}

/** What carries a secret, by what a failing test is to be called. */
const CARRIERS: Readonly<Record<string, (secret: string) => string>> = {
  text: (it) => `<${it}>`,
  "path of an address": (it) => new URL(`http://h/q/${it}/end`).href,
  "end of an address": (it) => new URL(`http://h/q/${it}`).href,
  "query of an address": (it) => new URL(`http://h/?t=${it}&u=1`).href,
  "fragment of an address": (it) => new URL(`http://h/#${it}`).href,
  "query by its parameters": (it) => {
    const url = new URL("http://h/q");
    url.searchParams.set("t", it);
    return url.href;
  },
  form: (it) => `${new URLSearchParams({ a: "1", t: it, b: "2" })}`,
  "user of an address": (it) => {
    const url = new URL("http://h/");
    url.username = it;
    return url.href;
  },
  encodeURIComponent: (it) => `x=${encodeURIComponent(it.toWellFormed())}&`,
  encodeURI: (it) => `/${encodeURI(it.toWellFormed())}/`,
  "simple template": (it) => expandUriTemplate("/a/{t}/b", { t: it }),
  "reserved template": (it) => expandUriTemplate("/a/{+t}/b", { t: it }),
  "query template": (it) => expandUriTemplate("/a{?t,u}", { t: it, u: 1 }),
  "template in an address": (it) =>
    new URL(expandUriTemplate("http://h/a/{t}/b", { t: it })).href,
  "escapes in small letters": (it) =>
    encodeURIComponent(it.toWellFormed())
      .replace(/%../g, (hex) => hex.toLowerCase()),
  "address in an address": (it) =>
    encodeURIComponent(encodeURIComponent(it.toWellFormed())),
  JSON: (it) => JSON.stringify({ t: it }),
  "JSON in JSON": (it) => JSON.stringify({ t: JSON.stringify([it]) }),
  "JSON in ASCII": (it) =>
    JSON.stringify(it).replace(
      /[\u0080-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  markup: (it) =>
    it.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;").replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
};

Deno.test("a secret of any characters is hidden in whatever carries it", () => {
  const pick = chance(SEED);
  let hidden = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const secret = secretOf(pick);
    const mask = createMask({ secret });
    for (const [name, carry] of Object.entries(CARRIERS)) {
      const carried = carry(secret);
      const around = carry("kMARKz").split("kMARKz");
      const masked = mask.text(carried);
      const what = `${name}: ${JSON.stringify(secret)} as ${carried}`;
      // An address may have dropped a part of it, as `k/..`: the rest is short.
      const kept = carried.length - around.join("").length;
      if (masked === carried) {
        ok(kept < 4 || /(^|[/\\])\.{1,2}([/\\?#]|$)/.test(secret), what);
        continue;
      }
      hidden++;
      if (/[/\\]\.{1,2}([/\\?#]|$)/.test(secret)) continue;
      strictEqual(masked, around.join("***"), what);
    }
  }
  ok(hidden > ROUNDS * Object.keys(CARRIERS).length * 0.95, `${hidden}`);
});

Deno.test("a secret that comes in pieces is hidden as it is in the whole", () => {
  const pick = chance(SEED + 1);
  for (let round = 0; round < 60; round++) {
    const secret = secretOf(pick);
    const mask = createMask({ secret, other: secret.slice(2, 8) });
    for (const [name, carry] of Object.entries(CARRIERS)) {
      const text = `one ${carry(secret)} ${secret.slice(0, 5)}${secret} two`;
      const pieces = mask.pieces();
      let shown = "";
      for (let at = 0; at < text.length;) {
        const size = 1 + pick(7);
        shown += pieces.push(text.slice(at, at + size));
        at += size;
      }
      strictEqual(shown + pieces.flush(), mask.text(text), `${name}: ${text}`);
    }
  }
});

Deno.test("what an address keeps of a secret is hidden, too", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    // What stands after # is not sent.
    ["first-part#second", "/q/first-part", "/q/***"],
    ["first-part?second", "/q/first-part", "/q/***"],
    ["a/../kept-part", "/kept-part", "/***"],
    [" in-spaces ", "/q/in-spaces", "/q/***"],
    ["UPPER-Case", "http://upper-case/", "http://***/"],
    ["with\ttab", "/q/withtab", "/q/***"],
    ["back\\slash", "/q/back/slash", "/q/***"],
  ];
  for (const [secret, text, masked] of cases) {
    deepStrictEqual(createMask({ secret }).text(text), masked, secret);
  }
});

Deno.test("overlapping secrets leave nothing of each other", () => {
  const mask = createMask({ one: "abcdef", two: "defghi" });
  strictEqual(mask.text("-abcdefghi-"), "-***-");
  strictEqual(mask.text("-abcdef-defghi-"), "-***-***-");
});

Deno.test("a large text is masked in a moment", () => {
  const text = "The quick brown fox jumps over 100 % of lazy dogs. \\ & \n"
    .repeat(100_000);
  const mask = createMask({
    a: "hunter2!",
    b: "The slow / fox",
    c: "a".repeat(4000),
  });
  const beginMs = performance.now();
  strictEqual(mask.text(text).length, text.length);
  const tookMs = performance.now() - beginMs;
  ok(tookMs < 5000, `${tookMs} ms for ${text.length} characters`);
});
