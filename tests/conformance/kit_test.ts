import { equal } from "node:assert/strict";
import { parseFeature } from "./gherkin.ts";
import { KIT_HOSTS } from "./kit_hosts.ts";
import { readSpecification, specificationFolder } from "./specification.ts";
import { performScenario } from "./steps.ts";

const folder = specificationFolder("ctk/features", ".feature");
const features = folder.names.map((name) =>
  parseFeature(readSpecification(folder, name))
);

Deno.test({
  name: "the conformance kit has 21 scenarios in 11 features",
  ignore: folder.path === undefined,
  fn() {
    equal(folder.names.length, 11);
    equal(features.flatMap((it) => it.scenarios).length, 21);
  },
});

for (const [i, feature] of features.entries()) {
  for (const scenario of feature.scenarios) {
    Deno.test(`conformance: ${folder.names[i]}: ${scenario.name}`, async () => {
      await performScenario(scenario, KIT_HOSTS);
    });
  }
}
