/**
 * Resources of all kinds, made from a seed: names, texts and references as
 * people write them, and some that nobody would.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { seededFraction } from "../../src/host/fake.ts";

const BATCH = 200;
const ODD_TEXTS = [
  "Look at the pull request: is it right?",
  "two\nlines and a # sign\n",
  "---\nkind: Agent\n",
  "tab\there, \"quotes\" and 'more'",
  "ends with blanks   ",
  "\u2028 and 😀 and \u0085",
  "yes",
];

/** Fills a home with about that many resources of all kinds. */
export async function fillHome(
  client: BackendClient,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<void> {
  const fraction = seededFraction(seed);
  const groups = Math.ceil(count / 7);
  const resources: Resource[] = [];
  for (let i = 0; i < groups; i++) {
    resources.push(...groupOf(i, fraction).map(toResource));
  }
  for (let at = 0; at < resources.length; at += BATCH) {
    const part = resources.slice(at, at + BATCH);
    const answer = await client.applyResources({ resources: part });
    assert.ok(answer.applied, faultOf(answer));
  }
  await fillOdd(client, groups, fraction);
}

/** What `apply` cannot make: skills, held schedules, changed defaults. */
async function fillOdd(
  client: BackendClient,
  groups: number,
  fraction: () => number,
): Promise<void> {
  for (let i = 0; i < groups; i++) {
    await client.pushSkill({
      metadata: { name: `skill-${i}`, labels: { z: "1", a: "2" } },
      files: [
        {
          path: "SKILL.md",
          content: bytesOf(
            `---\nname: skill-${i}\ndescription: When ${i} is asked for\n` +
              `---\n# Skill ${i}\n\r\n\ttext`,
          ),
        },
        {
          path: "data/raw.bin",
          content: new Uint8Array([0, 255, 254, i % 256]),
        },
      ],
    });
    if (i % 7 === 0) await client.pauseSchedule({ workflow: `flow-${i}` });
    if (i % 9 !== 0) continue;
    const { agentInstance } = await client.getAgentInstance({
      name: `agent-${i}-default`,
    });
    assert.ok(agentInstance?.spec);
    agentInstance.spec.description = oneOf(ODD_TEXTS, fraction).trim();
    await client.updateAgentInstance({ agentInstance });
  }
}

function groupOf(i: number, fraction: () => number): JsonValue[] {
  const text = oneOf(ODD_TEXTS, fraction);
  const meta = (name: string): JsonValue => ({
    name,
    labels: { team: `t${i % 5}`, b: "x", a: "y" },
    annotations: { note: text },
    ...(i % 2 === 0 ? { tags: ["two", "one"] } : {}),
  });
  return [
    {
      environment: {
        metadata: meta(`Env ${i}`),
        spec: {
          variables: { ZONE: `z${i}`, ALPHA: text },
          secrets: { KEY: `secret of ${i}`, B_KEY: `another ${text} ${i}` },
          secretRefs: { TOKEN: { env: "SOME_TOKEN" } },
        },
      },
    },
    {
      mcpServer: {
        metadata: meta(`Tools ${i}`),
        spec: {
          description: text.trim(),
          ...(i % 2 === 0 ? { catalog: "filesystem", args: [`folder-${i}`] } : {
            http: { url: "https://example.com/mcp", headers: { Z: "1" } },
          }),
          env: { ZONE: { default: text }, KEY: { secret: true } },
        },
      },
    },
    {
      agent: {
        metadata: meta(`Agent ${i}`),
        spec: {
          instructions: `${text} And more of it`,
          description: "d",
          mcpServers: [{ server: `Tools ${i}` }],
        },
      },
    },
    {
      agentInstance: {
        metadata: meta(`Bot ${i}`),
        spec: { agentId: `agent-${i}`, environmentIds: [`env-${i}`] },
      },
    },
    {
      workflow: {
        metadata: meta(`flow-${i}`),
        spec: {
          document: {
            dsl: "1.0.0",
            namespace: "test",
            name: `flow-${i}`,
            version: "1.0.0",
          },
          ...(i % 7 === 0 ? { schedule: { every: { hours: 1 } } } : {}),
          do: [
            { second: { set: { zebra: text, apple: "${ .x }", "10": null } } },
            {
              ask: {
                call: "agent",
                with: { agent: `Agent ${i}`, message: "hi" },
              },
            },
          ],
        },
      },
    },
    {
      workflowInstance: {
        metadata: meta(`Nightly ${i}`),
        spec: { workflowId: `flow-${i}`, environmentIds: [`env-${i}`] },
      },
    },
  ];
}

function toResource(json: JsonValue): Resource {
  return fromJson(ResourceSchema, json);
}

function faultOf(
  answer: Awaited<ReturnType<BackendClient["applyResources"]>>,
): string {
  const found = answer.results.flatMap((it) => it.diagnostics);
  return JSON.stringify(found.slice(0, 3).map((it) => it.message));
}

function oneOf(texts: readonly string[], fraction: () => number): string {
  return texts[Math.floor(fraction() * texts.length)] ?? "";
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
