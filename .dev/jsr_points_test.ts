import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type JsrEvidence,
  jsrPoints,
  pointLines,
  pointsOf,
} from "./jsr_points.ts";

const ALL: JsrEvidence = {
  readme: "# A\n```sh\nls\n```\n",
  modules: [
    { doc: "Main", symbols: 8, documentedSymbols: 8 },
    { doc: "Other", symbols: 2, documentedSymbols: 0 },
  ],
  hasFastTypes: true,
  hasProvenance: true,
  settings: { description: "A", runtimes: { deno: true, node: true } },
};

function total(evidence: JsrEvidence): number {
  return pointsOf(jsrPoints(evidence));
}

Deno.test("jsrPoints() gives what JSR gives for each thing", () => {
  const runtimes = { deno: true, node: false };
  const cases: readonly (readonly [string, Partial<JsrEvidence>, number])[] = [
    ["all", {}, 18],
    ["one runtime", { settings: { description: "A", runtimes } }, 17],
    ["no settings", { settings: { description: "", runtimes: {} } }, 15],
    ["no README, and no example", { readme: "" }, 17],
    ["README without an example", { readme: "# A" }, 17],
    ["slow types", { hasFastTypes: false }, 13],
    ["no provenance", { hasProvenance: false }, 17],
    [
      "an entry point without docs",
      { modules: [{ doc: "", symbols: 0, documentedSymbols: 0 }], readme: "" },
      14,
    ],
    [
      "half of the symbols",
      { modules: [{ doc: "M", symbols: 2, documentedSymbols: 1 }] },
      16,
    ],
    [
      "no symbols",
      { modules: [{ doc: "M", symbols: 0, documentedSymbols: 0 }] },
      18,
    ],
  ];
  for (const [name, change, expected] of cases) {
    strictEqual(total({ ...ALL, ...change }), expected, name);
  }
});

Deno.test("pointLines() says what is a setting, and how much follows from here", () => {
  const lines = pointLines(jsrPoints({
    ...ALL,
    settings: { description: "A", runtimes: { deno: true } },
  }));
  deepStrictEqual(
    lines.at(-1),
    "17 of 18 points, 100 %; 15 of them follow from what is here",
  );
  strictEqual(lines.filter((it) => it.includes("set on jsr.io")).length, 3);
});
