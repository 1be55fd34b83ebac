import { equal } from "node:assert/strict";
import { excerpt, shownLine } from "./shown_line.ts";

const SECRET = "one\ntwo three";
const hide = (text: string): string => text.replaceAll(SECRET, "***");

Deno.test("shownLine() hides what is secret before it cuts, and what breaks its line", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["a  b\n c ", 99, "a b c"],
    [`key ${SECRET}`, 99, "key ***"],
    [`${"x".repeat(6)}${SECRET}`, 8, "xxxxxx**"],
    ["x".repeat(300_000), 99, "300000 characters"],
  ];
  for (const [text, lengthMax, expected] of cases) {
    equal(shownLine(text, { hide, lengthMax }), expected);
  }
});

Deno.test("excerpt() keeps lines, and says where it ends", () => {
  equal(excerpt("a\nb", { hide, lengthMax: 9 }), "a\nb");
  equal(excerpt(`a\n${SECRET} and more`, { hide, lengthMax: 4 }), "a\n**…");
  equal(
    excerpt("x".repeat(300_000), { hide, lengthMax: 9 }),
    "300000 characters",
  );
});
