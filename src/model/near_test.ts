import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { didYouMean, nearestName } from "./near.ts";

const KNOWN = ["agent", "workflow", "environment", "execution"];

Deno.test("nearestName() finds slips and leaves strangers alone", () => {
  const cases: readonly [string, string | undefined][] = [
    ["agnet", "agent"],
    ["Agent", "agent"],
    ["wrokflow", "workflow"],
    ["enviroment", "environment"],
    ["excution", "execution"],
    ["zebra", undefined],
    ["", undefined],
    ["x", undefined],
  ];
  for (const [name, expected] of cases) {
    strictEqual(nearestName(name, KNOWN), expected, name);
  }
});

Deno.test("nearestName() prefers swapped letters, and asks for more than half of them", () => {
  strictEqual(nearestName("taks", ["tags", "abs", "task"]), "task");
  strictEqual(nearestName("taks", ["abs", "text"]), undefined);
  strictEqual(nearestName("agnt", ["agent", "and"]), "agent");
  strictEqual(nearestName("got", ["PUT", "GET", "POST"]), "GET");
  strictEqual(nearestName("fetch", ["PUT", "GET", "PATCH"]), undefined);
  strictEqual(nearestName("batch", ["PUT", "GET", "PATCH"]), "PATCH");
  strictEqual(nearestName("ptach", ["PUT", "GET", "PATCH"]), "PATCH");
});

Deno.test("nearestName() offers nothing for one letter but its own other case", () => {
  strictEqual(nearestName("ask", ["a", "as"]), undefined);
  strictEqual(nearestName("iff", ["if"]), undefined);
  strictEqual(nearestName("x", ["a", "b", "xy"]), undefined);
  strictEqual(nearestName("A", ["b", "a"]), "a");
});

Deno.test("didYouMean() gives a hint only when a name is near", () => {
  deepStrictEqual(didYouMean("agnet", KNOWN), {
    hint: 'Did you mean "agent"?',
  });
  deepStrictEqual(didYouMean("zebra", KNOWN), {});
});
