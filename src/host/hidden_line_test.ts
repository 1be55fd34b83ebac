import assert from "node:assert/strict";
import { hiddenLine, type HiddenStep } from "./hidden_line.ts";

function type(text: string): { step: HiddenStep; text: string; rest: number } {
  const line = hiddenLine();
  const bytes = new TextEncoder().encode(text);
  for (const [i, byte] of bytes.entries()) {
    const step = line.push(byte);
    if (step === "more") continue;
    return { step, text: line.text(), rest: bytes.length - i - 1 };
  }
  return { step: "more", text: line.text(), rest: 0 };
}

Deno.test("hiddenLine() understands what is typed", () => {
  const cases: readonly (readonly [string, HiddenStep, string])[] = [
    ["hunter2\r", "entered", "hunter2"],
    ["hunter2\n", "entered", "hunter2"],
    ["pass word\tß日😀\r", "entered", "pass word\tß日😀"],
    ["abß\x7f\x7fc\r", "entered", "ac"],
    ["😀\x08x\r", "entered", "x"],
    ["\x7f\x7fx\r", "entered", "x"],
    ["wrong\x15right\r", "entered", "right"],
    ["half\x03", "interrupted", "half"],
    ["half\x04", "entered", "half"],
    ["\x04", "ended", ""],
    ["a\x01\x1a\x00b\r", "entered", "ab"],
    ["never", "more", "never"],
  ];
  for (const [typed, step, text] of cases) {
    const got = type(typed);
    assert.deepEqual([got.step, got.text], [step, text], JSON.stringify(typed));
  }
});

Deno.test("hiddenLine() passes over arrows and function keys", () => {
  assert.equal(type("a\x1b[Ab\x1bOPc\x1b[1;5Dd\x1b[15~e\r").text, "abcde");
  assert.equal(type("\x1b[3~ab\r").text, "ab");
});

Deno.test("hiddenLine() keeps the lines of what is pasted in brackets", () => {
  const pasted = "\x1b[200~-----BEGIN-----\rabc\x03\ndef\r\x1b[201~\r";
  const got = type(pasted);
  assert.equal(got.step, "entered");
  assert.equal(got.text, "-----BEGIN-----\nabc\x03\ndef");
  assert.equal(got.rest, 0);
});

Deno.test("hiddenLine() leaves what follows the line", () => {
  assert.equal(type("one\rtwo\r").rest, 4);
});

Deno.test("hiddenLine() is not lost in a sequence that never ends", () => {
  assert.equal(type(`\x1b[${"1".repeat(60)}x\rabc`).step, "entered");
});
