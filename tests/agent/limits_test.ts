import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createAgentActivities } from "../../src/agent/activities.ts";
import { LIMIT_TYPE } from "../../src/agent/limit.ts";
import { createAgentMachine } from "../../src/agent/machine.ts";
import {
  AGENT_LIMITS_DEFAULT,
  type AgentPlan,
  type AgentPlanLimits,
} from "../../src/agent/plan.ts";
import { systemHost } from "../../src/host/system.ts";
import type { JournalEvent, Machine } from "../../src/model/durable.ts";
import type { ProviderServer, WireReply } from "../servers/provider_server.ts";
import { type Wire, WIRES } from "../servers/wires.ts";
import { BACKENDS } from "../backend/backends.ts";
import { ended, idOf } from "../backend/retry_scene.ts";
import { INSTRUCTIONS, temporaryHome } from "../backend/suite.ts";
import { drive, type Driven } from "./drive.ts";

const TOOL_SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** A thousand tokens cost a thousandth of a dollar. */
const PRICE = { input: 1, output: 1 };

interface Options {
  readonly wire: Wire;
  readonly server: ProviderServer;
  readonly limits?: Partial<AgentPlanLimits>;
  /** The file in which the tool server writes its calls; none without it. */
  readonly log?: string;
  /** What an earlier owner wrote. */
  readonly journal?: readonly JournalEvent[];
}

interface Ran extends Driven {
  readonly machine: Machine;
}

function planOf({ wire, server, limits, log }: Options): AgentPlan {
  return {
    name: "looper",
    instructions: "Go on",
    model: { name: wire.name, baseUrl: `${server.url}/v1`, price: PRICE },
    mcpServers: log === undefined ? [] : [{
      name: "test",
      enabledTools: [],
      transport: {
        kind: "stdio",
        command: Deno.execPath(),
        args: ["run", "-q", "--no-config", "-A", TOOL_SERVER, "good", log],
        env: {},
        cwd: "",
      },
    }],
    limits: { ...AGENT_LIMITS_DEFAULT, ...limits },
    subAgents: [],
    skills: [],
    history: [],
    input: null,
    message: "Begin",
  };
}

async function run(options: Options): Promise<Ran> {
  const agents = createAgentActivities({ host: systemHost() });
  try {
    const executionId = "aex-test";
    const machine = createAgentMachine(planOf(options), { executionId });
    const driven = await drive(machine, {
      activities: agents.activities,
      variables: { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" },
      ...(options.journal === undefined ? {} : { journal: options.journal }),
    });
    return { ...driven, machine };
  } finally {
    await agents.close();
  }
}

/** How a run failed by a limit. */
function limitOf({ end }: Driven): string {
  assert(end.kind === "failed", JSON.stringify(end));
  assert.equal(end.failure.type, LIMIT_TYPE, end.failure.detail);
  assert.equal(end.failure.status, 429);
  return end.failure.detail;
}

/** Turns that call a tool, each with other arguments. */
function loop(
  { turns, tool = "nope", same = false }: {
    readonly turns: number;
    readonly tool?: string;
    readonly same?: boolean;
  },
): readonly WireReply[] {
  return Array.from({ length: turns }, (_, index) => ({
    kind: "answer",
    inputTokens: 900,
    outputTokens: 100,
    calls: [{
      id: `call_${index}`,
      name: tool,
      argumentsText: JSON.stringify({ text: same ? "x" : `x${index}` }),
    }],
  }));
}

/** Limits, how many turns they let be asked, and how the run fails. */
const CAPS: readonly (readonly [Partial<AgentPlanLimits>, number, RegExp])[] = [
  [{ maxTurns: 4 }, 4, /^Agent "looper" gave no answer within 4 model turns, /],
  [{ maxToolCalls: 3 }, 4, /1 more tool call after 3 of the 3 that it may/],
  [{ maxTokens: 2500 }, 3, /within 2,500 tokens, it used 3,000, raise spec/],
  [{ maxCostUsd: 0.0015 }, 2, /within \$0\.0015, it used \$0\.002, raise/],
];

for (const wire of WIRES) {
  Deno.test(`an endless loop of calls on ${wire.name} ends at every cap`, async () => {
    for (const [limits, turns, message] of CAPS) {
      await using server = wire.serve(loop({ turns: 9 }));
      const ran = await run({ wire, server, limits });
      assert.match(limitOf(ran), message);
      assert.equal(server.requests.length, turns, message.source);
      const usage = ran.machine.usage?.();
      assert.equal(usage?.turns, turns);
      assert.equal(usage.inputTokens, turns * 900);
      // The call of a turn that goes too far is not made, and not counted.
      const made = ran.journal.filter(({ path }) => path.includes("/tool/"));
      assert.equal(made.length, turns - 1);
      assert.equal(usage.toolCalls, turns - 1);
    }
  });

  Deno.test(`the same call again and again on ${wire.name} is told, then ends`, async () => {
    await using home = temporaryHome();
    const log = `${home.path}/calls`;
    const replies = loop({ turns: 20, tool: "test_echo", same: true });
    await using server = wire.serve(replies);
    const limits = { maxRepeatedCalls: 3 };
    const ran = await run({ wire, server, limits, log });
    assert.match(
      limitOf(ran),
      /goes round in circles: it called "test_echo" once more after 3 times .* raise spec\.limits\.maxRepeatedCalls$/,
    );
    const calls = (await Deno.readTextFile(log)).match(/^call echo x$/gm);
    assert.equal(calls?.length, 3);
    assert.equal(server.requests.length, 5);
    const told = JSON.stringify(server.requests[4]?.body);
    assert.match(told, /was not carried out: .*gave the same result 3 times/);
    assert.match(told, /do something else/);
    if (wire !== WIRES[0]) return;
    // Whoever takes over at any event comes to the same end.
    for (let kept = 1; kept <= ran.journal.length; kept++) {
      const journal = ran.journal.slice(0, kept);
      const { end } = await run({ wire, server, limits, log, journal });
      assert.deepEqual(end, ran.end, `after ${kept} events`);
    }
  });

  Deno.test(`an answer without end on ${wire.name} is cut by tokens and by cost`, async () => {
    const cases = [
      [{ maxTokens: 400 }, /within 400 tokens, it used \d+/],
      [{ maxCostUsd: 0.0004 }, /within \$0\.0004, it used /],
    ] as const;
    for (const [limits, message] of cases) {
      await using server = wire.serve([{ kind: "endless", text: "On and on" }]);
      const ran = await run({ wire, server, limits });
      assert.match(limitOf(ran), message);
      await server.abandoned;
      const usage = ran.machine.usage?.();
      const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
      // A quarter of an answer is let through that may be estimated too high.
      assert(tokens > 300 && tokens < 500, `${tokens}`);
      assert((usage?.costUsd ?? 0) > 0.0003);
    }
  });

  Deno.test(`a question on ${wire.name} that is over what is left is not asked`, async () => {
    await using server = wire.serve(loop({ turns: 2 }));
    const ran = await run({ wire, server, limits: { maxTokens: 1010 } });
    assert.match(
      limitOf(ran),
      /1,000: 10 are left, too few for a question of ab/,
    );
    assert.equal(server.requests.length, 1);
    assert.equal(ran.machine.usage?.()?.turns, 1);
  });
}

Deno.test("a call that gives something new each time is no repeat", async () => {
  const [wire] = WIRES;
  assert(wire);
  await using home = temporaryHome();
  await using server = wire.serve([
    ...loop({ turns: 9, tool: "test_count", same: true }),
    { kind: "answer", text: "Nine" },
  ]);
  const limits = { maxRepeatedCalls: 2 };
  const { end } = await run({
    wire,
    server,
    limits,
    log: `${home.path}/calls`,
  });
  assert.deepEqual(end, { kind: "done", output: "Nine" });
});

Deno.test("the time of a run ends a turn in the middle, on every wire", async () => {
  await Promise.all(WIRES.map(async ({ name, serve }) => {
    await using server = serve([{ kind: "hanging", text: "It begins " }]);
    await using home = temporaryHome();
    await using backend = await BACKENDS.local(home.path, { execute: "own" });
    const { client } = backend;
    const { execution } = await client.createExecution({
      kind: "Agent",
      name: "slow",
      message: "hi",
      timeout: { seconds: 1n },
      variables: { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" },
      definitions: [{
        resource: {
          case: "agent",
          value: {
            metadata: { name: "slow" },
            spec: {
              instructions: INSTRUCTIONS,
              model: { name, baseUrl: `${server.url}/v1` },
            },
          },
        },
      }],
    });
    const { status } = await ended(client, idOf(execution));
    assert.equal(
      status?.error?.detail,
      'Agent "slow" gave no answer within 1 s, raise --timeout',
      name,
    );
    assert.equal(status.error.status, 408);
    await server.abandoned;
  }));
});
