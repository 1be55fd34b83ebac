import assert from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import { AgentSchema } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { WorkflowSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { BACKENDS, type OpenHome } from "./backends.ts";
import { temporaryHome } from "./suite.ts";

const AGENT = {
  metadata: {
    name: "Ünï ☃ 👩‍🚀",
    slug: "uni",
    labels: { z: "1", a: "2", ü: "3" },
    annotations: { note: "a\u2028b\ttab\n“quoted” \\u0000 \\" },
    tags: ["z", "a"],
  },
  spec: {
    instructions: "Line one\r\nline two\u0000 with a NUL, kept as it is",
    model: { name: "script:a b.yaml", temperature: 0, maxOutputTokens: 7 },
    mcpServers: [{ name: "filesystem", args: ["/tmp", ""] }],
    env: { EMPTY: { default: "" }, NONE: {}, REQUIRED: { required: true } },
    limits: { maxTurns: 3, timeout: { seconds: 90n, nanos: 500_000_000 } },
    outputSchema: {
      type: "object",
      properties: { n: { type: "number", maximum: 1e300 } },
      required: ["n"],
    },
  },
};

const WORKFLOW = {
  metadata: { name: "numbers" },
  spec: {
    document: { dsl: "1.0.0", namespace: "t", name: "n", version: "1.0.0" },
    do: [{
      keep: {
        set: {
          zero: 0,
          tiny: 5e-324,
          big: 9007199254740991,
          negative: -1.5,
          null: null,
          empty: {},
          list: [[], [[null]], "☃"],
          'key with . and "': true,
        },
      },
    }],
  },
};

for (const [name, open] of Object.entries(BACKENDS)) {
  Deno.test(`${name}: what was stored is the same, byte for byte, after reopening`, async () => {
    await using home = temporaryHome();
    const before = await readBoth(open, home.path, true);
    const after = await readBoth(open, home.path, false);
    assert.deepEqual(after, before);
  });
}

/** Opens a home, stores both resources if asked, and reads their bytes. */
async function readBoth(
  open: OpenHome,
  home: string,
  create: boolean,
): Promise<readonly Uint8Array[]> {
  await using backend = await open(home);
  const { client } = backend;
  if (create) {
    await client.createAgent({ agent: AGENT });
    await client.createWorkflow({ workflow: WORKFLOW });
  }
  const { agent } = await client.getAgent({ name: "uni" });
  const { workflow } = await client.getWorkflow({ name: "numbers" });
  assert.ok(agent && workflow);
  assert.equal(agent.spec?.instructions, AGENT.spec.instructions);
  assert.equal(agent.spec?.env["EMPTY"]?.default, "");
  assert.equal(agent.spec?.env["NONE"]?.default, undefined);
  assert.equal(agent.spec?.model?.temperature, 0);
  assert.equal(agent.spec?.limits?.timeout?.seconds, 90n);
  assert.deepEqual(agent.metadata?.annotations, AGENT.metadata.annotations);
  assert.deepEqual(workflow.spec?.do, WORKFLOW.spec.do);
  return [toBinary(AgentSchema, agent), toBinary(WorkflowSchema, workflow)];
}
