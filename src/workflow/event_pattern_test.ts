import assert from "node:assert/strict";
import {
  fitsPattern,
  PATTERN_TEXT_LENGTH_MAX,
  readPattern,
} from "./event_pattern.ts";

Deno.test("readPattern() tells texts from regular expressions", () => {
  const cases: readonly [string, ReturnType<typeof readPattern>["kind"]][] = [
    ["com.fake-hospital.vitals.measurements.bpm", "text"],
    ["", "text"],
    ["com\\.fake\\..*", "pattern"],
    ["(created|updated)", "pattern"],
    ["https?://x.y/.*", "pattern"],
    ["[a-z]+\\.[a-z]+\\.[a-z]+", "pattern"],
    ["(a", "broken"],
    ["*", "broken"],
    ["(a+)+", "pattern"],
    ["((a|b)c)*", "pattern"],
    ["(a?){20}", "pattern"],
    ["(a|a)*b", "pattern"],
    ["(.)\\1", "refused"],
    ["(?=a)b", "refused"],
    ["(?<!a)b", "refused"],
    ["(a{100}){100}", "refused"],
    [".*.*.*.*", "pattern"],
    ["a?a?a?a?a?a?a?", "pattern"],
    [`${"a".repeat(600)}*`, "refused"],
    ["(?:a|b)c", "pattern"],
    ["\\(a\\+\\)\\+", "pattern"],
    ["[(+*]+", "pattern"],
  ];
  for (const [text, kind] of cases) {
    assert.equal(readPattern(text).kind, kind, text);
  }
});

Deno.test("fitsPattern() compares the whole, by letter and by pattern", () => {
  const cases: readonly [string, string, boolean][] = [
    ["a.b", "a.b", true],
    ["a.b", "axb", false],
    ["a\\..*", "a.b.c", true],
    ["a\\..*", "xa.b", false],
    ["(a|b)", "b", true],
    ["(a|b)", "bb", false],
    ["a|b", "ab", false],
    ["(a+)+", "(a+)+", true],
    ["(a+)+", "aa", true],
    ["(a", "(a", true],
    [".*", "x".repeat(PATTERN_TEXT_LENGTH_MAX), true],
    [".*", "x".repeat(PATTERN_TEXT_LENGTH_MAX + 1), false],
  ];
  for (const [wanted, text, fits] of cases) {
    assert.equal(fitsPattern(wanted, text), fits, `${wanted} on ${text}`);
  }
});

Deno.test("fitsPattern() is quick on what makes a regular expression slow", () => {
  const text = `${"a".repeat(PATTERN_TEXT_LENGTH_MAX - 1)}!`;
  const start = performance.now();
  for (
    const pattern of [
      ".*ab",
      ".{0,511}ab",
      "a*a*a*b",
      "(a+)+b",
      "a?a?a?a?a?a?.*.*.*b",
      "(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)a*b",
      "(.*a){80}b",
    ]
  ) assert.equal(fitsPattern(pattern, text), false, pattern);
  assert.ok(performance.now() - start < 1000);
});

Deno.test("a filter of any length fits itself, and is not kept", () => {
  const long = "(a|b)".repeat(10_000);
  assert.equal(fitsPattern(long, long), true);
  assert.equal(fitsPattern(long, "a"), false);
  assert.notEqual(readPattern(long), readPattern(long));
  assert.equal(readPattern("(a|b)"), readPattern("(a|b)"));
});
