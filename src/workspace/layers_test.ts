import assert from "node:assert/strict";
import type { RuleLayer } from "../model/permission.ts";
import { layersFromJson, layerToJson } from "./layers.ts";

Deno.test("layersFromJson() reads what layerToJson() wrote", () => {
  const layers: readonly RuleLayer[] = [
    { agent: "chief", rules: { allow: ["read"], ask: ["write"], deny: ["*"] } },
    { agent: "", rules: { allow: [], ask: [], deny: [] } },
  ];
  const written = JSON.parse(JSON.stringify(layers.map(layerToJson)));
  assert.deepEqual(layersFromJson(written), layers);
});

Deno.test("layersFromJson() loses no layer, whatever it is written as", () => {
  assert.deepEqual(layersFromJson(undefined), []);
  assert.deepEqual(
    layersFromJson([{ rules: { deny: ["write"], ask: 1 } }, {}]),
    [
      { agent: "", rules: { allow: [], ask: [], deny: ["write"] } },
      { agent: "", rules: { allow: [], ask: [], deny: [] } },
    ],
  );
});
