import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { systemHost } from "../host/system.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { type AgentActivities, createAgentActivities } from "./activities.ts";

const SCRIPT = fileURLToPath(
  new URL("../../tests/servers/tool_server.ts", import.meta.url),
);
const SERVER = {
  name: "test",
  enabledTools: [],
  transport: {
    kind: "stdio",
    command: Deno.execPath(),
    args: ["run", "-q", "--no-config", "-A", SCRIPT, "good"],
    env: {},
    cwd: "",
  },
};

function contextOf(executionId: string): ActivityContext {
  return {
    executionId,
    path: "/turn/1/tool/c1",
    name: "test_count",
    attempt: 1,
    idempotencyKey: `${executionId}/turn/1/tool/c1#1`,
    signal: new AbortController().signal,
    variables: {},
    workingDirectory: Deno.cwd(),
    emit: () => {},
  };
}

/** Asks the server of an execution to count on. */
async function count(
  agents: AgentActivities,
  executionId: string,
): Promise<Json | undefined> {
  const outcome = await run(agents, executionId, {
    server: SERVER,
    tool: "count",
    arguments: {},
  });
  assert(outcome?.kind === "completed");
  return isJsonObject(outcome.output)
    ? member(outcome.output, "text")
    : undefined;
}

async function run(
  agents: AgentActivities,
  executionId: string,
  input: Json,
): Promise<ActivityOutcome | undefined> {
  return await agents.activities["tool"]?.(input, contextOf(executionId));
}

Deno.test("each execution has servers of its own, until it is released", async () => {
  const agents = createAgentActivities({ host: systemHost() });
  try {
    assert.equal(await count(agents, "aex-1"), "1");
    assert.equal(await count(agents, "aex-1"), "2");
    assert.equal(await count(agents, "aex-2"), "1");
    await agents.release("aex-1");
    await agents.release("aex-1");
    assert.equal(await count(agents, "aex-2"), "2");
    // One that comes back, as after a wait, gets new ones.
    assert.equal(await count(agents, "aex-1"), "1");
  } finally {
    await agents.close();
  }
});

Deno.test("a call of a server that is nowhere is a failure, not a throw", async () => {
  const agents = createAgentActivities({ host: systemHost() });
  try {
    const server = { name: "nowhere", transport: { kind: "catalog" } };
    const input = { server, tool: "x", arguments: {} };
    const outcome = await run(agents, "aex-1", input);
    assert(outcome?.kind === "failed");
    assert.match(outcome.failure.type, /configuration$/);
    assert.match(outcome.failure.detail, /the catalog has no "nowhere"/);
  } finally {
    await agents.close();
  }
});

Deno.test("what a skill says is rid of the secrets of the run", async () => {
  const text = "---\nname: pdf\ndescription: x\n---\nCall it with hunter2.";
  const agents = createAgentActivities({
    host: systemHost(),
    skills: {
      files: () => [{ path: "SKILL.md", sizeBytes: text.length }],
      read: () => new TextEncoder().encode(text),
    },
  });
  const context: ActivityContext = {
    ...contextOf("a"),
    secrets: {
      names: [],
      open: () => Promise.resolve({}),
      hide: (it) => it.replaceAll("hunter2", "***"),
    },
  };
  const skills = [{ name: "pdf", contentHash: "0" }];
  const outcome = await agents.activities["skill"]?.(
    { tool: "load", arguments: { name: "pdf" }, skills },
    context,
  );
  assert(outcome?.kind === "completed");
  const told = JSON.stringify(outcome.output);
  assert.match(told, /Call it with \*\*\*\./);
  await agents.close();
});
