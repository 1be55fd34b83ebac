import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createFlow } from "./flow.ts";
import { widthOf } from "./width.ts";

/** A text as it comes out, in pieces of some length. */
function flowed(
  text: string,
  columns: number | undefined,
  length = text.length,
): string {
  const flow = createFlow(() => columns);
  let shown = "";
  for (let at = 0; at < text.length; at += length) {
    shown += flow.push(text.slice(at, at + length));
  }
  return shown + flow.end();
}

const PROSE = "It is a truth universally acknowledged, that a single man in " +
  "possession of a good fortune, must be in want of a wife.\n\n" +
  "  - However little known the feelings or views of such a man may be\n" +
  "on  his   first entering a neighbourhood\n";

Deno.test("a text breaks between words, whatever its pieces are", () => {
  for (const columns of [20, 39, 80]) {
    const whole = flowed(PROSE, columns);
    for (const line of whole.split("\n")) ok(widthOf(line) <= columns, line);
    deepStrictEqual(
      whole.split(/\s+/).filter((it) => it !== ""),
      PROSE.split(/\s+/).filter((it) => it !== ""),
    );
    for (const length of [1, 2, 3, 7, 50]) {
      strictEqual(flowed(PROSE, columns, length), whole);
    }
  }
  // It goes on under its own first word, and keeps the spaces within.
  ok(
    flowed(PROSE, 39).includes("\n  - However little known the feelings\n  or"),
  );
  ok(flowed(PROSE, 39).includes("\non  his   first"));
});

Deno.test("a text that fits, and one on no terminal or a tiny one, stays as it is", () => {
  strictEqual(flowed(PROSE, 300), PROSE);
  strictEqual(flowed(PROSE, undefined), PROSE);
  strictEqual(flowed(PROSE, 10), PROSE);
});

Deno.test("what is no prose is not broken: code, tables, a word wider than a line", () => {
  const code = "```sh\ncurl --very-long-option https://a.example/b | jq .\n```";
  strictEqual(flowed(code, 20, 3), code);
  strictEqual(
    flowed(`${code}\none two three four five`, 20, 3),
    `${code}\none two three four\nfive`,
  );
  const table = "| one | two | three | four | five |\n|---|---|---|---|---|";
  strictEqual(flowed(table, 20, 4), table);
  const link = `see https://a.example/${"x".repeat(60)} for more of it`;
  strictEqual(
    flowed(link, 30, 5),
    `see\nhttps://a.example/${"x".repeat(60)}\nfor more of it`,
  );
});

Deno.test("a text of a language without spaces breaks between its signs", () => {
  const text = "日本語のテキストは空白なしで書かれます。".repeat(3);
  const shown = flowed(text, 20, 3);
  strictEqual(shown.replaceAll("\n", ""), text);
  for (const line of shown.split("\n")) ok(widthOf(line) <= 20, line);
});

Deno.test("what is written of several characters is one sign", () => {
  const text = "e\u0301te\u0301 ".repeat(9) + "👩‍👩‍👧‍👦".repeat(12);
  const shown = flowed(text, 20);
  strictEqual(shown.replaceAll(/\s/g, ""), text.replaceAll(" ", ""));
  for (const line of shown.split("\n")) {
    ok(widthOf(line) <= 20, line);
    // Neither a word nor a sign was taken apart.
    ok(/^(e\u0301te\u0301 ?)*(👩‍👩‍👧‍👦)*$/u.test(line.trim()), line);
  }
});

Deno.test("a word is written once it has come, and the last one at the end", () => {
  const flow = createFlow(() => 40);
  strictEqual(flow.push("It is d"), "It is");
  strictEqual(flow.push("one"), "");
  strictEqual(flow.push(", so"), " done,");
  strictEqual(flow.end(), " so");
  strictEqual(flow.push("next"), "");
  strictEqual(flow.end(), "next");
});

Deno.test("a terminal that is made narrower counts from the next line on", () => {
  let columns = 40;
  const flow = createFlow(() => columns);
  const first = flow.push("one two three four five six\n");
  columns = 20;
  strictEqual(first, "one two three four five six\n");
  strictEqual(
    flow.push("one two three four five six ") + flow.end(),
    "one two three four\nfive six",
  );
});

Deno.test("a word of marks without a width is written as it comes", () => {
  const flow = createFlow(() => 80);
  const mark = "\u0301";
  const length = 100_000;
  let text = "";
  for (let i = 0; i < length; i += 4) text += flow.push(mark.repeat(4));
  // What is held back of it is measured again with each piece.
  ok(text.length > length - 2000, `${text.length} of ${length}`);
  strictEqual(text + flow.end(), mark.repeat(length));
});
