import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { CreateExecutionRequestSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { valueMessage } from "../../src/backend/proto_json.ts";
import type { ErrorCode } from "../../src/model/error.ts";
import { flowOf } from "./flow.ts";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";

type Request = MessageInitShape<typeof CreateExecutionRequestSchema>;
type Definition = NonNullable<Request["definitions"]>[number];

const SPEC = flowOf().spec;
const FLOW: Request = { kind: "Workflow", name: "flow" };
const BOT: Request = { kind: "Agent", name: "bot", message: "Hello" };

/** A home with a workflow, two agents, an instance and an environment. */
async function furnish(client: BackendClient): Promise<void> {
  const spec = { instructions: INSTRUCTIONS };
  await client.createWorkflow({
    workflow: { metadata: { name: "flow" }, spec: SPEC },
  });
  await client.createAgent({ agent: { metadata: { name: "bot" }, spec } });
  await client.createAgent({ agent: { metadata: { name: "other" }, spec } });
  await client.createAgent({
    agent: {
      metadata: { name: "needy" },
      spec: { ...spec, env: { TOKEN_NAME: { required: true } } },
    },
  });
  await client.createAgentInstance({
    agentInstance: { metadata: { name: "own" }, spec: { agentId: "bot" } },
  });
  for (const slug of ["one", "two"]) {
    await client.createEnvironment({
      environment: { metadata: { name: "Twins", slug } },
    });
  }
}

function inline(name: string, fields: object = SPEC): Definition {
  const value = { metadata: { name }, spec: fields };
  return { resource: { case: "workflow", value } };
}

const TASK_OF = (agent: string) => ({
  ...SPEC,
  do: [{ ask: { call: "agent", with: { agent, message: "x" } } }],
});

/** Every way in which a run can be refused, each with what its error says. */
const REFUSALS: readonly (readonly [ErrorCode, RegExp, Request])[] = [
  ["INVALID_ARGUMENT", /kind "Robot"/, { ...FLOW, kind: "Robot" }],
  ["INVALID_ARGUMENT", /names no workflow/, { ...FLOW, name: "" }],
  ["NOT_FOUND", /workflow "flo"/, { ...FLOW, name: "flo" }],
  ["NOT_FOUND", /agent "flow"/, { ...FLOW, kind: "Agent" }],
  ["NOT_FOUND", /agent instance "no"/, { ...BOT, instance: "no" }],
  ["INVALID_ARGUMENT", /instance of another/, {
    ...BOT,
    name: "other",
    instance: "own",
  }],
  ["NOT_FOUND", /environment "no"/, { ...FLOW, environments: ["no"] }],
  ["INVALID_ARGUMENT", /Several environments/, {
    ...FLOW,
    environments: ["Twins"],
  }],
  ["NOT_FOUND", /session "no"/, { ...BOT, session: "no" }],
  ["INVALID_ARGUMENT", /only applied agents/, { ...FLOW, session: "x" }],
  ["INVALID_ARGUMENT", /TOKEN_NAME/, { ...BOT, name: "needy" }],
  ["INVALID_ARGUMENT", /without a message or an input/, {
    ...BOT,
    message: "",
  }],
  ["INVALID_ARGUMENT", /only agents take one/, { ...FLOW, message: "x" }],
  ["INVALID_ARGUMENT", /the message has 1048577/, {
    ...BOT,
    message: "x".repeat(1024 * 1024 + 1),
  }],
  ["INVALID_ARGUMENT", /its input has \d+ bytes/, {
    ...FLOW,
    input: valueMessage("ä".repeat(9 * 1024 * 1024)),
  }],
  ["INVALID_ARGUMENT", /the input: .*NaN/, {
    ...FLOW,
    input: create(ValueSchema, { kind: { case: "numberValue", value: NaN } }),
  }],
  ["INVALID_ARGUMENT", /idempotency key/, {
    ...FLOW,
    idempotencyKey: "x".repeat(201),
  }],
  ["INVALID_ARGUMENT", /"A B" is no name/, {
    ...FLOW,
    variables: { "A B": "x" },
  }],
  ["INVALID_ARGUMENT", /"ZERO" holds a NUL/, {
    ...FLOW,
    variables: { ZERO: "a\0b" },
  }],
  ["INVALID_ARGUMENT", /"LONG" is longer than 64 KiB/, {
    ...FLOW,
    variables: { LONG: "x".repeat(64 * 1024 + 1) },
  }],
  ["INVALID_ARGUMENT", /labels/, {
    ...FLOW,
    labels: Object.fromEntries(
      Array.from({ length: 65 }, (_, i) => [`k${i}`, ""]),
    ),
  }],
  ["INVALID_ARGUMENT", /Label "k" may have 256/, {
    ...FLOW,
    labels: { k: "x".repeat(257) },
  }],
  ["INVALID_ARGUMENT", /timeout .*negative/, {
    ...FLOW,
    timeout: { seconds: -1n },
  }],
  ["INVALID_ARGUMENT", /timeout may be 30 days/, {
    ...BOT,
    timeout: { seconds: 400_000_000_000n },
  }],
  ["INVALID_ARGUMENT", /names no provider/, { ...BOT, model: "gpt-5" }],
  ["INVALID_ARGUMENT", /Unknown type "strin"/, {
    ...BOT,
    outputSchema: { type: "strin" },
  }],
  ["INVALID_ARGUMENT", /only agents .*schema/, {
    ...FLOW,
    outputSchema: { type: "string" },
  }],
  ["INVALID_ARGUMENT", /empty definition/, {
    ...FLOW,
    definitions: [{ resource: { case: undefined } }],
  }],
  ["INVALID_ARGUMENT", /workflow "bad"/, {
    ...FLOW,
    name: "bad",
    definitions: [inline("bad", { ...SPEC, do: [{ x: {} }] })],
  }],
  ["INVALID_ARGUMENT", /workflow "asks"/, {
    ...FLOW,
    name: "asks",
    definitions: [inline("asks", TASK_OF("nobody"))],
  }],
  ["INVALID_ARGUMENT", /at most 1000/, {
    ...FLOW,
    name: "f1",
    definitions: Array.from({ length: 1001 }, (_, i) => inline(`f${i}`)),
  }],
  ["INVALID_ARGUMENT", /"loose" .*instance "own"/, {
    ...FLOW,
    name: "loose",
    instance: "own",
    definitions: [inline("loose")],
  }],
  ["INVALID_ARGUMENT", /only applied agents/, {
    ...FLOW,
    name: "loose",
    session: "x",
    definitions: [inline("loose")],
  }],
];

suite("CreateExecution refuses by name and stores nothing", async (client) => {
  await furnish(client);
  const before = (await client.getBackendInfo({})).counts;
  for (const [code, text, request] of REFUSALS) {
    await fails(client.createExecution(request), code, text);
    const { counts } = await client.getBackendInfo({});
    assert.deepEqual(counts, before, `${text} left something behind`);
  }
});

suite("a session goes on by any of its names", async (client) => {
  await furnish(client);
  const first = (await client.createExecution(BOT)).execution;
  const id = first?.spec?.sessionId ?? "";
  assert.match(id, /^ses-/);
  const byName = await client.createExecution({ ...BOT, session: "Hello" });
  assert.equal(byName.execution?.spec?.sessionId, id);
  const { session } = await client.getSession({ name: id });
  assert.equal(session?.status?.executionCount, 2);
});

suite("a repeated create begins no second session", async (client) => {
  await furnish(client);
  const request = { ...BOT, idempotencyKey: "once" };
  const made = await Promise.all(
    Array.from({ length: 5 }, () => client.createExecution(request)),
  );
  const ids = made.map((it) => it.execution?.metadata?.id);
  assert.equal(new Set(ids).size, 1);
  assert.equal((await client.listSessions({})).sessions.length, 1);
});

suite("environments that come along are bound by name", async (client) => {
  await furnish(client);
  await client.createEnvironment({
    environment: {
      metadata: { name: "prod" },
      spec: { variables: { WHERE: "stored", STORED: "1" } },
    },
  });
  const environment: Definition = {
    resource: {
      case: "environment",
      value: {
        metadata: { name: "prod" },
        spec: { variables: { WHERE: "inline" } },
      },
    },
  };
  const { execution } = await client.createExecution({
    ...FLOW,
    name: "loose",
    environments: ["prod"],
    definitions: [inline("loose"), environment],
  });
  const { context } = await client.getExecutionContext({
    executionId: execution?.metadata?.id ?? "",
  });
  assert.deepEqual(context?.variables, { WHERE: "inline" });
  assert.deepEqual(execution?.spec?.environmentIds, []);
});

suite("what cannot be asked of executions is refused", async (client) => {
  await furnish(client);
  const { execution } = await client.createExecution(FLOW);
  const id = execution?.metadata?.id ?? "";
  const payload = create(ValueSchema);
  await fails(
    client.signalExecution({ id, name: "x".repeat(201) }),
    "INVALID_ARGUMENT",
    /200 characters/,
  );
  await fails(
    client.signalExecution({ id, name: "x", payload }),
    "INVALID_ARGUMENT",
    /payload/,
  );
  await fails(
    client.listExecutions({ phases: [0] }),
    "INVALID_ARGUMENT",
    /phase/,
  );
  const { execution: after } = await client.getExecution({ id });
  assert.equal(after?.status?.lastSequence, 1);
});

suite("numbers that JSON lacks are refused in definitions", async (client) => {
  const spec = { ...SPEC, do: [{ x: { set: { n: NaN } } }] };
  await fails(
    client.createWorkflow({ workflow: { metadata: { name: "f" }, spec } }),
    "INVALID_ARGUMENT",
    /NaN/,
  );
  await fails(
    client.createExecution({
      ...FLOW,
      name: "f",
      definitions: [inline("f", spec)],
    }),
    "INVALID_ARGUMENT",
    /NaN/,
  );
});
