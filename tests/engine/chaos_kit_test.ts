import assert from "node:assert/strict";
import { parse } from "yaml";
import { createCallActivities } from "../../src/activity/calls.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import { parseFeature, type Scenario } from "../conformance/gherkin.ts";
import { KIT_HOSTS } from "../conformance/kit_hosts.ts";
import {
  readSpecification,
  specificationFolder,
} from "../conformance/specification.ts";
import { openWorld } from "../servers/world.ts";
import {
  type Ended,
  type Kill,
  runGenerated,
  type Subject,
} from "./generated_home.ts";

const TIMEOUT_MS = 60_000;

const folder = specificationFolder("ctk/features", ".feature");
const scenarios = folder.names.flatMap((name) =>
  parseFeature(readSpecification(folder, name)).scenarios
);

/** The workflow of a scenario under a name of its own. */
function subjectOf(scenario: Scenario, name: string): Subject {
  const text = (pattern: RegExp): unknown => {
    const document = scenario.steps.find((it) => pattern.test(it.text))
      ?.document;
    return document === undefined ? undefined : parse(document);
  };
  const definition = text(/workflow with definition/);
  assert.ok(typeof definition === "object" && definition !== null);
  const { plan, diagnostics } = checkWorkflow({ ...definition }, { name });
  assert.ok(plan, JSON.stringify(diagnostics));
  const input = text(/workflow input is/) ?? {};
  return {
    name,
    input: JSON.parse(JSON.stringify(input)),
    plans: { [name]: plan },
  };
}

/** What ended, without what is new each time: ids and times. */
function comparable(ended: Ended | undefined): string {
  const { phase, output, failure } = ended ?? assert.fail("it has ended");
  return JSON.stringify({ phase, output, failure })
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
    .replaceAll(/"date":"[^"]*"/g, '"date":"<time>"')
    .replaceAll(/wex-[0-9a-z]{26}/g, "<execution>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
}

Deno.test({
  name: "the kit's workflows end the same, killed at any of their events",
  ignore: folder.path === undefined,
  async fn() {
    await using world = openWorld({ hosts: KIT_HOSTS });
    const options = {
      host: world.host,
      activities: createCallActivities({ host: world.host }).activities,
      timeoutMs: TIMEOUT_MS,
    };
    const subjects = scenarios.map((it, i) => subjectOf(it, `kit-${i}`));
    const calm = await runGenerated(subjects, options);
    const kills = new Map<string, Kill>();
    const again = scenarios.flatMap((scenario, i) => {
      const last = calm.ended.get(`kit-${i}`)?.events.length ?? 0;
      // The first event is of whoever stored it.
      return Array.from({ length: last - 1 }, (_, at) => at + 2)
        .flatMap((sequence) =>
          [true, false].map((before) => {
            const name = `kit-${i}-${sequence}-${before}`;
            kills.set(name, { sequence, before });
            return { of: `kit-${i}`, subject: subjectOf(scenario, name) };
          })
        );
    });
    const wild = await runGenerated(again.map((it) => it.subject), {
      ...options,
      kills,
    });
    for (const { of, subject: { name } } of again) {
      assert.equal(
        comparable(wild.ended.get(name)),
        comparable(calm.ended.get(of)),
        name,
      );
    }
    assert.ok(wild.kills > again.length * 0.9, `${wild.kills} kills`);
  },
});
