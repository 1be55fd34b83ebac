import { equal } from "node:assert/strict";
import type { LocatedDiagnostic } from "./located.ts";
import { renderDiagnostic } from "./render.ts";

const PLAIN: LocatedDiagnostic = {
  severity: "error",
  file: "bot.yaml",
  line: 12,
  column: 3,
  message: 'Unknown field "modl" in spec',
  hint: 'Did you mean "model"?',
  excerpt: { text: "  modl: x", column: 3, length: 4 },
};

function check(diagnostic: LocatedDiagnostic, lines: readonly string[]): void {
  equal(renderDiagnostic(diagnostic), lines.join("\n"));
}

Deno.test("renderDiagnostic() shows place, line, caret and way out", () => {
  check(PLAIN, [
    'bot.yaml:12:3: error: Unknown field "modl" in spec',
    " 12 |   modl: x",
    "    |   ^^^^",
    'hint: Did you mean "model"?',
  ]);
});

Deno.test("renderDiagnostic() shows what there is", () => {
  const { hint: _, excerpt: __, ...bare } = PLAIN;
  check({ ...bare, severity: "warning", file: "-", line: 1, column: 1 }, [
    '-:1:1: warning: Unknown field "modl" in spec',
  ]);
});

Deno.test("renderDiagnostic() puts the caret under wide and narrow characters", () => {
  const cases: readonly (readonly [string, number, number, string])[] = [
    ["日本: x", 5, 1, "      ^"],
    ["a😀b", 3, 1, "   ^"],
    ["x: 日本", 4, 2, "   ^^^^"],
    ["e\u0301: x", 4, 1, "  ^"],
    ["\ta: x", 2, 1, "  ^"],
    ["a:\tx", 4, 1, "    ^"],
    ["a", 2, 1, " ^"],
  ];
  for (const [text, column, length, marks] of cases) {
    const [, , carets] = renderDiagnostic({
      ...PLAIN,
      line: 1,
      excerpt: { text, column, length },
    }).split("\n");
    equal(carets, `   | ${marks}`, text);
  }
});

Deno.test("renderDiagnostic() never sends control characters", () => {
  const text = renderDiagnostic({
    ...PLAIN,
    file: "\x1b]0;x\x07.yaml",
    message: "Got \x1b[31m\u202e",
    hint: "\x9b5m",
    excerpt: { text: "\x1b[2J\r", column: 1, length: 1 },
  });
  // deno-lint-ignore no-control-regex -- these are what it looks for
  equal(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), false);
});

Deno.test("renderDiagnostic() colours when asked", () => {
  const [first, , carets] = renderDiagnostic(PLAIN, { color: true }).split(
    "\n",
  );
  equal(
    first,
    '\x1b[1mbot.yaml:12:3:\x1b[0m \x1b[1;31merror:\x1b[0m Unknown field "modl" in spec',
  );
  equal(carets, " \x1b[2m   |\x1b[0m \x1b[1;31m  ^^^^\x1b[0m");
});
