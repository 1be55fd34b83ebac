import assert from "node:assert/strict";
import { linearRegExp } from "./linear_regexp.ts";

/** Numbers by chance, the same each time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const ATOMS = ["a", "b", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "\\x61"];
const REPEATS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "+?"];

function patternBy(random: (below: number) => number, depth: number): string {
  const option = (): string =>
    Array.from({ length: 1 + random(3) }, () => {
      const isGroup = depth > 0 && random(3) === 0;
      const atom = isGroup
        ? `(${random(2) === 0 ? "?:" : ""}${patternBy(random, depth - 1)})`
        : ATOMS[random(ATOMS.length)] ?? "";
      return atom +
        (/[$^]$|\\b$/.test(atom) ? "" : REPEATS[random(REPEATS.length)]);
    }).join("");
  return Array.from({ length: 1 + random(2) }, option).join("|");
}

Deno.test("linearRegExp() fits what the platform's matcher fits", () => {
  const random = seeded(7);
  let fitting = 0;
  for (let i = 0; i < 3000; i++) {
    const source = patternBy(random, 2);
    const platform = new RegExp(`^(?:${source})$`, "s");
    const { fits } = linearRegExp(source);
    assert.ok(fits !== undefined, source);
    for (let n = 0; n < 8; n++) {
      const text = Array.from(
        { length: random(5) },
        () => "aab!"[random(4)],
      ).join("");
      assert.equal(fits(text), platform.test(text), `${source} on "${text}"`);
      if (fits(text)) fitting++;
    }
  }
  assert.ok(fitting > 1000);
});

Deno.test("linearRegExp() reads all that a pattern is made of", () => {
  const cases: readonly [string, string, boolean][] = [
    ["com\\.example\\.[a-z]+\\.v\\d+", "com.example.order.v12", true],
    ["com\\.example\\.[a-z]+\\.v\\d+", "comXexample.order.v12", false],
    ["a.c", "a\nc", true],
    ["[]a]", "a]", false],
    ["[^]", "x", true],
    ["[\\]a]+", "a]", true],
    ["a{,2}", "a{,2}", true],
    ["\\u0061\\cJ", "a\n", true],
    ["(?:)", "", true],
    ["", "", true],
    ["(a*)*b", "aab", true],
    ["(|a)+", "aaa", true],
  ];
  for (const [source, text, wanted] of cases) {
    assert.equal(linearRegExp(source).fits?.(text), wanted, source);
    assert.equal(new RegExp(`^(?:${source})$`, "s").test(text), wanted, source);
  }
});

Deno.test("linearRegExp() refuses what it cannot follow", () => {
  const cases: readonly [string, RegExp][] = [
    ["(.)\\1", /refers back/],
    ["(?=a)b", /looks ahead or back/],
    ["(?<!a)b", /looks ahead or back/],
    ["(?<name>a)", /names a group/],
    ["(a{100}){100}", /more than 1000 steps/],
    ["a{2000000000}", /more than 1000 steps/],
    [`${"(".repeat(200)}a${")".repeat(200)}`, /groups stand in each other/],
  ];
  for (const [source, reason] of cases) {
    assert.match(linearRegExp(source).refused ?? "", reason, source);
  }
});
