import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { checkStep, isShown, stepsOf } from "./transcript.ts";

Deno.test("stepsOf() reads lines, what they print and how they end", () => {
  const text = `$ one
said
$ two \\
  more
$ three <<END
> of
> END
[exit 4]
$ stay &
Listening
`;
  deepStrictEqual(stepsOf(text), [
    { line: "one", stays: false, code: 0, output: ["said"] },
    { line: "two \\\n  more", stays: false, code: 0, output: [] },
    { line: "three <<END\nof\nEND", stays: false, code: 4, output: [] },
    { line: "stay", stays: true, code: 0, output: ["Listening"] },
  ]);
  throws(() => stepsOf("said\n$ one\n"), /begins with "\$ ": said/);
});

Deno.test("isShown() takes … for anything, columns of any width, all in order", () => {
  const said = "A    B\nwex-1  c (x)\n\nlast\n";
  const cases: readonly (readonly [string, boolean])[] = [
    ["A B|wex-… c (x)||last", true],
    ["A B|…", true],
    ["…|last", true],
    ["A B|…|last", true],
    ["A B", false],
    ["A B|wex-… c (x)|last", false],
    ["last|…|A B", false],
    ["A B|wex-… d (x)||last", false],
    ["A B|wex-… c .x.||last", false],
  ];
  for (const [shown, expected] of cases) {
    strictEqual(isShown(said, shown.split("|")), expected, shown);
  }
});

Deno.test("checkStep() holds the exit code though nothing is shown", () => {
  const step = { line: "x", stays: false, code: 0, output: [] };
  checkStep(step, { code: 0, said: "anything" });
  throws(() => checkStep(step, { code: 1, said: "" }), /\$ x/);
  const shows = { ...step, output: ["a"] };
  throws(() => checkStep(shows, { code: 0, said: "b\n" }), /shown:\na/);
});
