import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { INSTRUCTIONS } from "../backend/suite.ts";
import { createPlace } from "../cli/program.ts";
import { fillHome, toldOf } from "./history_scene.ts";
import { createScene, recordsOf, wentWell } from "./migrate_scene.ts";

/** How many of each; a template has an instance with it: 1,000 in all. */
const ENVIRONMENTS = 200;
const AGENTS = 250;
const WORKFLOWS = 100;
const SKILLS = 100;
const EXECUTIONS = 200;

type Choice = Resource["resource"];

/** Fills a backend with resources of all kinds that refer to each other. */
async function fillResources(client: BackendClient): Promise<void> {
  await applyAll(client, ENVIRONMENTS, (i) => ({
    case: "environment",
    value: {
      metadata: { name: `env ${i}`, labels: { index: String(i) } },
      spec: {
        variables: { REGION: `region-${i % 7}`, PLACE: "Straße \u{1F980}" },
        secrets: { TOKEN: `the-secret-of-${i}` },
      },
    },
  }));
  await applyAll(client, AGENTS, (i) => ({
    case: "agent",
    value: {
      metadata: { name: `agent-${i}`, tags: [`tag-${i % 3}`] },
      spec: { instructions: `${INSTRUCTIONS} No. ${i}`, description: `${i}` },
    },
  }));
  await applyAll(client, WORKFLOWS, (i) => ({
    case: "workflow",
    value: {
      metadata: { name: `flow-${i}` },
      spec: fromJson(WorkflowSpecSchema, {
        document: {
          dsl: "1.0.3",
          namespace: "test",
          name: `flow-${i}`,
          version: "1.0.0",
        },
        ...(i % 10 === 0 ? { schedule: { every: "PT1H" } } : {}),
        do: [{
          ask: { call: "agent", with: { agent: `agent-${i}`, message: "x" } },
        }],
      }),
    },
  }));
  for (let i = 0; i < SKILLS; i++) {
    const text = `---\nname: skill-${i}\ndescription: No. ${i}\n---\n${i}`;
    const content = new TextEncoder().encode(text);
    await client.pushSkill({
      metadata: { name: `skill-${i}` },
      spec: { description: `No. ${i}` },
      files: [{ path: "SKILL.md", content }],
    });
  }
}

async function applyAll(
  client: BackendClient,
  count: number,
  choiceOf: (i: number) => unknown,
): Promise<void> {
  const resources = Array.from(
    { length: count },
    (_, i) => ({ resource: choiceOf(i) as Choice }),
  );
  const answer = await client.applyResources({ resources });
  assert.ok(answer.applied, JSON.stringify(answer.results[0]?.diagnostics));
}

/** Records but for schedules, which arrive paused. */
async function comparable(client: BackendClient): Promise<readonly string[]> {
  const records = await recordsOf(client);
  return records.filter((it) => !it.startsWith("Schedule "));
}

Deno.test("1,000 resources and 200 executions go to a server and back the same", async () => {
  await using scene = await createScene();
  const { ended } = await fillHome(scene.place.home, {
    quickCount: EXECUTIONS,
  });
  await scene.local(fillResources);
  const before = await scene.local(comparable);
  const move = ["migrate", "--with-history", "--yes"];
  wentWell(await scene.run([...move, "--from", "local", "--to", "prod"]));
  assert.deepEqual(await comparable(scene.server.client), before);
  await using other = await createPlace();
  const config = await Deno.readTextFile(`${scene.place.home}/config.yaml`);
  await other.write("home/config.yaml", config);
  const token = await scene.server.token("back", { role: "admin" });
  const back = await other.run([...move, "--from", "prod", "--to", "local"], {
    env: { STIGMER_TOKEN: token },
  });
  wentWell(back);
  assert.match(back.stderr, /Compared at "local": \d+ records the same/);
  await using there = await openBackend({ home: other.home, execute: "none" });
  assert.deepEqual(await comparable(there.client), before);
  const some = ended.slice(-20);
  assert.deepEqual(
    await toldOf(there.client, some),
    await scene.local((client) => toldOf(client, some)),
  );
  const { secrets } = await there.client.revealSecrets({
    environment: "env-7",
    names: ["TOKEN"],
  });
  assert.equal(secrets["TOKEN"], "the-secret-of-7");
});
