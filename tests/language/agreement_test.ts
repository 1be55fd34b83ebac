import assert from "node:assert/strict";
import { type Schema, Validator } from "@cfworker/json-schema";
import { parse } from "yaml";
import { isJsonObject, type Json } from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import {
  readSpecification,
  specificationFolder,
} from "../conformance/specification.ts";
import { type Mutation, mutationsOf } from "./mutations.ts";

const schemas = specificationFolder("schema", ".yaml");
const examples = specificationFolder("examples", ".yaml");
const isAbsent = schemas.path === undefined || examples.path === undefined;

/** Which of the damages are looked at, so that it takes seconds. */
const STRIDE = Number(Deno.env.get("STIGMER_MUTATION_STRIDE") ?? 3);

/**
 * What the specification's schema refuses and Stigmer takes, with the reason.
 * The pattern is of the place and what was put there.
 */
const TAKEN: readonly (readonly [why: string, where: RegExp])[] = [
  [
    "true and false are expressions, which YAML reads as booleans",
    /\/(?:if|when|while|until|filter): true$/,
  ],
  [
    "a loop goes through any values, not only through objects",
    /\/for\/in(?:\/\d+)?: (?!\{)/,
  ],
  [
    "arguments may have names, and be numbers or flags",
    /\/arguments(?:\/\d+)?: (?:42|-1|0\.5|true|\[1\]|\{.*\})$/,
  ],
  [
    "headers, query parameters and variables may be numbers or flags",
    /\/(?:headers|query|environment)(?:\/[^/]+)?: (?:42|-1|0\.5|true|\{"zzz":1\}|zzz added)$/,
  ],
  [
    "a header or parameter that is null is left out",
    /\/(?:headers|query)\/[^/]+: null$/,
  ],
  ["a query parameter may be there several times", /\/query\/[^/]+: \[/],
  ["a message may be any value, as AsyncAPI says", /\/message\/payload: /],
  [
    "a source may be a regular expression",
    /\/with\/source: "(?:|no such thing|not a uri)"$/,
  ],
];

/** The damages of an example that the schema refuses and Stigmer takes. */
function takenBy(validator: Validator, json: Json): readonly Mutation[] {
  return mutationsOf(json).filter((mutation, i) =>
    i % STRIDE === 0 && isJsonObject(mutation.json) &&
    !validator.validate(mutation.json).valid &&
    checkWorkflow(mutation.json).plan !== undefined
  );
}

Deno.test({
  name: "what the specification's schema refuses, Stigmer refuses",
  ignore: isAbsent,
  fn() {
    const schema: Schema = parse(readSpecification(schemas, "workflow.yaml"));
    const validator = new Validator(schema, "2020-12", true);
    const used = new Set<string>();
    for (const name of examples.names) {
      const json: Json = parse(readSpecification(examples, name));
      for (const { what } of takenBy(validator, json)) {
        const reason = TAKEN.find(([, where]) => where.test(what))?.[0];
        assert.ok(reason !== undefined, `${name} ${what}`);
        used.add(reason);
      }
    }
    const unused = TAKEN.map(([why]) => why).filter((why) => !used.has(why));
    assert.deepEqual(unused, [], "a reason is not needed any more");
  },
});

Deno.test({
  name: "what Stigmer refuses, it refuses with a sentence of its own",
  ignore: isAbsent,
  fn() {
    for (const name of examples.names) {
      const json: Json = parse(readSpecification(examples, name));
      for (const [i, mutation] of mutationsOf(json).entries()) {
        if (i % (STRIDE * 3) !== 0 || !isJsonObject(mutation.json)) continue;
        // What the schemas in a definition say, their own words say.
        if (mutation.what.includes("/schema/document")) continue;
        const { plan, diagnostics } = checkWorkflow(mutation.json);
        const errors = diagnostics.filter((it) => it.severity === "error");
        assert.equal(plan === undefined, errors.length > 0, mutation.what);
        for (const { message, hint } of errors) {
          // The library for JSON Schema speaks in sentences with a period.
          const own = message.replace(/(schema of .*)\.$/, "$1");
          assert.match(own, /^["A-Z].*[^.]$/s, `${name} ${mutation.what}`);
          assert.doesNotMatch(`${message} ${hint ?? ""}`, /undefined|\[object/);
        }
      }
    }
  },
});
