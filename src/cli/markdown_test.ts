import { strictEqual } from "node:assert/strict";
import { createFlow } from "./flow.ts";
import { createMarkdown } from "./markdown.ts";
import { type Style, styleOf } from "./style.ts";

/** Marks that can be read in a test. */
const MARKS: Style = {
  ...styleOf(false),
  bold: (text) => text === "" ? "" : `<b>${text}</b>`,
  dim: (text) => text === "" ? "" : `<d>${text}</d>`,
  cyan: (text) => text === "" ? "" : `<c>${text}</c>`,
};

function dressed(
  text: string,
  length = text.length,
  columns?: number,
): string {
  const flow = createMarkdown(MARKS, createFlow(() => columns));
  let shown = "";
  for (let at = 0; at < text.length; at += length) {
    shown += flow.push(text.slice(at, at + length));
  }
  const whole = shown + flow.end();
  // Where a piece ends, what is dressed alike is dressed again.
  return whole.replaceAll("</c></b><b><c>", "").replaceAll(/<\/(\w)><\1>/g, "");
}

const CASES: readonly (readonly [string, string])[] = [
  ["It is **very** good.", "It is <b>very</b> good."],
  [
    "**All** of `it`, **`both`**",
    "<b>All</b> of <c>it</c>, <b><c>both</c></b>",
  ],
  ["## A heading\ntext", "<b>A heading</b>\ntext"],
  [
    "- one\n* two\n  10. three",
    "<c>-</c> one\n<c>*</c> two\n  <c>10.</c> three",
  ],
  ["- **b** c", "<c>-</c> <b>b</b> c"],
  [
    "```sh\na ** b `c` # d\n- e\n```\nafter **b**",
    "<d>```sh</d>\n<c>a ** b `c` # d</c>\n<c>- e</c>\n<d>```</d>\nafter <b>b</b>",
  ],
  ["bold **over\ntwo** lines", "bold <b>over</b>\n<b>two</b> lines"],
  ["**never closed\n\nplain", "<b>never closed</b>\n\nplain"],
];
/** What has marks in it that mean nothing. */
const PLAIN: readonly string[] = [
  "2 ** 3 = 8, a * b * c and 5*6",
  "#hashtag and C# and #1",
  "a ` b",
  "-5 degrees, 3.14, 1.5) and *",
  "-",
  "1.",
  "***",
  "a **",
  "f(**kwargs), g(**kw)",
  "src/**/*.ts and **/*.md",
  "snake_case and __init__",
  "",
  "\n\n  indented\n",
];

Deno.test("Markdown is dressed, whatever the pieces are that it comes in", () => {
  for (const [text, expected] of CASES) {
    for (const length of [text.length, 1, 2, 3, 5]) {
      strictEqual(dressed(text, length), expected, `${length}`);
    }
  }
});

Deno.test("what is no Markdown stays as it is", () => {
  for (const text of PLAIN) {
    for (const length of [Math.max(1, text.length), 1, 2]) {
      strictEqual(dressed(text, length), text, `${length}`);
    }
  }
});

Deno.test("what is bold goes on in the line that a narrow terminal breaks", () => {
  strictEqual(
    dressed("It is **a truth universally acknowledged** here", 1, 30),
    "It is <b>a truth universally</b>\n<b>acknowledged</b> here",
  );
});
