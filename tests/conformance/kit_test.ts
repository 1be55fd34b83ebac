import { equal } from "node:assert/strict";
import { petstore } from "../servers/petstore.ts";
import type { Answer } from "../servers/world.ts";
import { parseFeature } from "./gherkin.ts";
import { readSpecification, specificationFolder } from "./specification.ts";
import { performScenario } from "./steps.ts";

/** The hosts that the kit's workflows call. */
const HOSTS: Readonly<Record<string, Answer>> = {
  "petstore.swagger.io": petstore,
  "httpbin.org": (request, url) => {
    const [, name, user, password] = url.pathname.split("/");
    const wanted = `Basic ${btoa(`${user}:${password}`)}`;
    const given = request.headers.get("authorization");
    return name === "basic-auth" && given === wanted
      ? Response.json({ authenticated: true, user })
      : Response.json({ authenticated: false }, { status: 401 });
  },
};

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
      await performScenario(scenario, HOSTS);
    });
  }
}
