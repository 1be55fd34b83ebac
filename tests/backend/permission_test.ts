import assert from "node:assert/strict";
import type { ToolPermissions } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  Approval,
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import { type LedgerTools, startLedgerTools } from "../servers/ledger_tools.ts";
import { until } from "../until.ts";
import { fails, INSTRUCTIONS, runningSuite, suite } from "./suite.ts";

const SCRIPT = `turns:
  - { when: { message: delegate }, call: { tool: agent_helper, arguments: { message: book } } }
  - { when: { message: book }, call: { tool: ledger_book, arguments: { text: "a room" } } }
  - { when: { message: look }, call: { tool: ledger_look, arguments: { text: "a room" } } }
  - { say: "\${toolResult}", repeat: true }
`;
const BY_DEFAULT = "default: its server does not say what it does";

/** The rules of an agent, and of the two ways in which it has a helper. */
interface Rules {
  readonly clerk?: Partial<ToolPermissions>;
  /** Of a helper of its own. */
  readonly own?: Partial<ToolPermissions>;
  /** Of a helper that was applied; absent where it has one of its own. */
  readonly applied?: Partial<ToolPermissions>;
  /** What the agent says of the one that was applied. */
  readonly beside?: Partial<ToolPermissions>;
}

interface Scene {
  readonly client: BackendClient;
  readonly path: string;
  readonly tools: LedgerTools;
}

function lists(rules: Partial<ToolPermissions>) {
  const { allow = [], ask = [], deny = [] } = rules;
  return { allow, ask, deny };
}

/** Stores the agents. */
async function furnish(scene: Scene, rules: Rules): Promise<void> {
  const { client, path, tools } = scene;
  await Deno.writeTextFile(`${path}/all.yaml`, SCRIPT);
  const common = {
    instructions: INSTRUCTIONS,
    model: { name: `script:${path}/all.yaml` },
    mcpServers: [{
      name: "ledger",
      transport: { case: "http" as const, value: { url: tools.url } },
    }],
  };
  const { clerk, own, applied, beside } = rules;
  if (applied !== undefined) {
    const spec = { ...common, permissions: lists(applied) };
    await client.createAgent({ agent: { metadata: { name: "temp" }, spec } });
  }
  const helper = applied === undefined
    ? {
      name: "helper",
      instructions: INSTRUCTIONS,
      ...(own && { permissions: lists(own) }),
    }
    : {
      name: "helper",
      agent: "temp",
      ...(beside && { permissions: lists(beside) }),
    };
  const spec = {
    ...common,
    ...(clerk && { permissions: lists(clerk) }),
    subAgents: [helper],
  };
  await client.createAgent({ agent: { metadata: { name: "clerk" }, spec } });
}

async function run(
  client: BackendClient,
  message: string,
  approval = Approval.NONE,
): Promise<Execution> {
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "clerk",
    message,
    approval,
  });
  const id = execution?.metadata?.id ?? "";
  for await (const _ of client.watchExecution({ id }));
  const done = (await client.getExecution({ id })).execution;
  assert.equal(done?.status?.phase, Phase.COMPLETED);
  return done;
}

/** The rule by which the one call of an execution was judged. */
function ruleIn({ status }: Execution): string {
  const [rule = "", ...others] = status?.tasks.map((it) => it.rule)
    .filter((it) => it !== "") ?? [];
  assert.deepEqual(others, []);
  return rule;
}

async function helperOf(
  client: BackendClient,
  { metadata }: Execution,
): Promise<Execution> {
  const parent = metadata?.id ?? "";
  const { executions: [child] } = await client.listExecutions({ parent });
  const id = child?.metadata?.id ?? "";
  const { execution } = await client.getExecution({ id });
  assert(execution !== undefined);
  return execution;
}

const CASES: readonly {
  readonly claim: string;
  readonly rules: Rules;
  readonly approval?: Approval;
  readonly rule: string;
  readonly made: boolean;
}[] = [
  {
    claim: "one of an agent's own may what the agent may",
    rules: { clerk: { allow: ["ledger", "agent"] } },
    rule: 'allow ledger of agent "clerk"',
    made: true,
  },
  {
    claim: "one of an agent's own may not what the agent may not",
    rules: { clerk: { deny: ["ledger:bo*"] }, own: { allow: ["*"] } },
    rule: 'deny ledger:bo* of agent "clerk"',
    made: false,
  },
  {
    claim: "one of an agent's own may be held to more",
    rules: {
      clerk: { allow: ["*"] },
      own: { deny: ["ledger:*:text=a room"] },
    },
    rule: 'deny ledger:*:text=a room of agent "helper"',
    made: false,
  },
  {
    claim: "an applied one is held to what the agent above it says",
    rules: { clerk: { deny: ["ledger"] }, applied: { allow: ["ledger"] } },
    rule: 'deny ledger of agent "clerk"',
    made: false,
  },
  {
    claim: "an applied one is held to what the agent above says of it alone",
    rules: {
      clerk: { allow: ["ledger"] },
      applied: { allow: ["ledger"] },
      beside: { deny: ["ledger:book"] },
    },
    rule: 'deny ledger:book of agent "clerk/helper"',
    made: false,
  },
  {
    claim: "an applied one without rules asks, whatever the one above may",
    rules: { clerk: { allow: ["ledger"] }, applied: {} },
    rule: `${BY_DEFAULT}; this run approves none`,
    made: false,
  },
  {
    claim: "what is approved for a run is approved for those who work for it",
    rules: { applied: {} },
    approval: Approval.ALL,
    rule: `${BY_DEFAULT}; this run approves all`,
    made: true,
  },
];

for (const { claim, rules, approval, rule, made } of CASES) {
  runningSuite(`of sub-agents: ${claim}`, async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, rules);
    const done = await run(client, "delegate", approval);
    const child = await helperOf(client, done);
    assert.equal(ruleIn(child), rule);
    assert.equal(tools.ledger.length, made ? 1 : 0);
  });
}

runningSuite(
  "the approval of a workflow holds for the agents that it calls",
  async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, {});
    const document = { dsl: "1.0.3", namespace: "t", version: "1.0.0" };
    await client.createWorkflow({
      workflow: {
        metadata: { name: "flow" },
        spec: {
          document: { ...document, name: "flow" },
          do: [{
            ask: { call: "agent", with: { agent: "clerk", message: "book" } },
          }],
        },
      },
    });
    for (const approval of [Approval.NONE, Approval.ALL]) {
      const { execution } = await client.createExecution({
        kind: "Workflow",
        name: "flow",
        approval,
      });
      const id = execution?.metadata?.id ?? "";
      for await (const _ of client.watchExecution({ id }));
      assert.equal(tools.ledger.length, approval === Approval.ALL ? 1 : 0);
    }
  },
);

runningSuite(
  "a retry approves what the run before it did, unless it says otherwise",
  async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, {});
    const id = (await run(client, "book")).metadata?.id ?? "";
    assert.equal(tools.ledger.length, 0);
    const retried = async (approval: Approval): Promise<Execution> => {
      const from = "/turn/1";
      const { execution } = await client.retryExecution({ id, from, approval });
      const again = execution?.metadata?.id ?? "";
      for await (const _ of client.watchExecution({ id: again }));
      const done = (await client.getExecution({ id: again })).execution;
      assert(done !== undefined);
      return done;
    };
    const same = await retried(Approval.APPROVAL_UNSPECIFIED);
    assert.equal(same.spec?.approval, Approval.NONE);
    assert.equal(tools.ledger.length, 0);
    const other = await retried(Approval.ALL);
    assert.equal(other.spec?.approval, Approval.ALL);
    assert.equal(tools.ledger.length, 1);
  },
);

runningSuite(
  "a retry makes no call again that was made, whatever becomes of calls now",
  async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, {});
    const done = await run(client, "book", Approval.ALL);
    const id = done.metadata?.id ?? "";
    for (const approval of [Approval.ASK, Approval.NONE]) {
      const { execution } = await client.retryExecution({
        id,
        from: "/turn/2",
        approval,
      });
      const again = execution?.metadata?.id ?? "";
      const { status } = await until(async () => {
        const { execution } = await client.getExecution({ id: again });
        const phase = execution?.status?.phase ?? Phase.PENDING;
        return [Phase.WAITING, Phase.COMPLETED].includes(phase) && execution;
      });
      assert.equal(status?.phase, Phase.COMPLETED, status?.waitingFor);
      assert.deepEqual(status.output, done.status?.output);
      assert.equal(tools.ledger.length, 1);
    }
  },
);

runningSuite(
  "a word for approvals that there is not lets no run go unjudged",
  async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, { clerk: { deny: ["ledger"] } });
    const done = await run(client, "book", Approval.ALL);
    const id = done.metadata?.id ?? "";
    // A number of the wire that this version knows no word for.
    const approval = 99 as Approval;
    await fails(
      client.createExecution({
        kind: "Agent",
        name: "clerk",
        message: "book",
        approval,
      }),
      "INVALID_ARGUMENT",
      /approval 99 is none that is known/,
    );
    await fails(
      client.retryExecution({ id, from: "/turn/1", approval }),
      "INVALID_ARGUMENT",
      /approval 99 is none that is known/,
    );
    assert.equal(tools.ledger.length, 0);
  },
);

runningSuite(
  "a sub-agent that is retried alone is held to the agents above it still",
  async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, {
      clerk: { deny: ["ledger:book"] },
      applied: { allow: ["ledger"] },
    });
    const child = await helperOf(client, await run(client, "delegate"));
    for (const latest of [false, true]) {
      const { execution } = await client.retryExecution({
        id: child.metadata?.id ?? "",
        from: "/turn/1",
        latest,
        approval: Approval.ALL,
      });
      const id = execution?.metadata?.id ?? "";
      for await (const _ of client.watchExecution({ id }));
      const { execution: done } = await client.getExecution({ id });
      assert(done !== undefined);
      assert.equal(ruleIn(done), 'deny ledger:book of agent "clerk"');
      assert.equal(tools.ledger.length, 0);
    }
  },
);

runningSuite(
  "what only reads is made and says so, and nobody is asked about it",
  async ({ client }, { path }) => {
    await using tools = startLedgerTools();
    await furnish({ client, path, tools }, {});
    const done = await run(client, "look");
    assert.equal(ruleIn(done), "default: it only reads");
    assert.deepEqual(tools.ledger.map(({ tool }) => tool), ["look"]);
    const output = done.status?.output;
    const answer = jsonOfValue(output, { absent: null, what: "it" });
    assert.match(String(answer), /look/);
  },
);

suite("a run asks where its request does not say", async (client) => {
  const spec = { instructions: INSTRUCTIONS };
  await client.createAgent({ agent: { metadata: { name: "clerk" }, spec } });
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "clerk",
    message: "book",
  });
  assert.equal(execution?.spec?.approval, Approval.ASK);
});
