import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";
import { ITEMS_ALLOWED_MAX, STEPS_ALLOWED_MAX } from "./evaluation.ts";

const DOCUMENT = { do: [{ a: { set: { x: 1 } } }] };
const GRAPH = { tasks: [{ name: "a", set: { x: 1 } }] };

function checked(spec: JsonObject) {
  return checkWorkflow(spec, { name: "w" });
}

Deno.test("evaluate.limits of either dialect are in the plan", () => {
  const evaluate = { limits: { steps: 5, items: 6 } };
  for (const spec of [DOCUMENT, GRAPH]) {
    const { plan, diagnostics } = checked({ ...spec, evaluate });
    deepStrictEqual(diagnostics, []);
    deepStrictEqual(plan?.evaluationLimits, { stepsMax: 5, cellsMax: 6 });
    strictEqual(checked(spec).plan?.evaluationLimits, undefined);
  }
});

Deno.test("evaluate.limits that cannot be are refused", () => {
  const cases: readonly (readonly [JsonObject, string, string])[] = [
    [
      { steps: 0 },
      "/evaluate/limits/steps",
      `"steps" must be from 1 to ${STEPS_ALLOWED_MAX}, not 0`,
    ],
    [
      { steps: "many" },
      "/evaluate/limits/steps",
      '"steps" must be a whole number, not "many"',
    ],
    [
      { items: 1e12 },
      "/evaluate/limits/items",
      `"items" must be from 1 to ${ITEMS_ALLOWED_MAX}, not 1000000000000`,
    ],
    [{ step: 1 }, "/evaluate/limits/step", 'Unknown field "step" of "limits"'],
  ];
  for (const [limits, pointer, message] of cases) {
    const { diagnostics } = checked({ ...DOCUMENT, evaluate: { limits } });
    deepStrictEqual(
      diagnostics.map((it) => [it.pointer, it.message]),
      [[pointer, message]],
    );
  }
  const mode = checked({ ...GRAPH, evaluate: { mode: "loose" } });
  strictEqual(mode.plan, undefined);
});
