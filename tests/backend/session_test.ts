import assert from "node:assert/strict";
import type { BackendClient } from "../../src/backend/open.ts";
import { fails, identityOf, INSTRUCTIONS, suite } from "./suite.ts";

async function makeAgent(client: BackendClient, name: string): Promise<void> {
  await client.createAgent({
    agent: { metadata: { name }, spec: { instructions: INSTRUCTIONS } },
  });
}

/** Begins an execution that nobody runs, and gives its ids. */
async function ask(
  client: BackendClient,
  name: string,
  given: { session?: string; environments?: string[]; message?: string } = {},
): Promise<{ readonly id: string; readonly session: string }> {
  const { execution } = await client.createExecution({
    kind: "Agent",
    name,
    message: "Hello   there",
    ...given,
  });
  return {
    id: execution?.metadata?.id ?? "",
    session: execution?.spec?.sessionId ?? "",
  };
}

suite("a session holds the executions of one conversation", async (client) => {
  await makeAgent(client, "bot");
  const first = await ask(client, "bot");
  const second = await ask(client, "bot", { session: first.session });
  assert.equal(second.session, first.session);
  const { session } = await client.getSession({ name: first.session });
  assert.equal(session?.kind, "Session");
  assert.equal(session?.apiVersion, "agentic.stigmer.ai/v1");
  assert.equal(session?.spec?.subject, "Hello there");
  assert.equal(session?.status?.executionCount, 2);
  assert.equal(
    session?.status?.audit?.createdBy,
    await identityOf(client),
  );
  const { agent } = await client.getAgent({ name: "bot" });
  assert.equal(
    session?.spec?.agentInstanceId,
    agent?.status?.defaultInstanceId,
  );
  await fails(client.getSession({ name: "ses-x" }), "NOT_FOUND");
});

suite("sessions are listed by agent", async (client) => {
  await makeAgent(client, "one");
  await makeAgent(client, "two");
  const ids = [await ask(client, "one"), await ask(client, "one")]
    .map((it) => it.session);
  await ask(client, "two");
  const { sessions } = await client.listSessions({ agent: "one" });
  assert.deepEqual(
    sessions.map((it) => it.metadata?.id).sort(),
    ids.sort(),
  );
  assert.equal((await client.listSessions({})).sessions.length, 3);
  await fails(client.listSessions({ agent: "nobody" }), "NOT_FOUND");
});

suite(
  "a session stays while an execution of it is under way",
  async (client) => {
    await makeAgent(client, "bot");
    const { id, session } = await ask(client, "bot");
    await fails(
      client.deleteSession({ name: session }),
      "FAILED_PRECONDITION",
      new RegExp(id),
    );
    await client.cancelExecution({ id });
    await client.deleteSession({ name: session });
    await fails(client.getSession({ name: session }), "NOT_FOUND");
    const { execution } = await client.getExecution({ id });
    assert.equal(execution?.spec?.sessionId, session);
  },
);

suite("what an unfinished execution needs stays", async (client) => {
  await makeAgent(client, "bot");
  await client.createEnvironment({
    environment: { metadata: { name: "prod" } },
  });
  await client.createAgentInstance({
    agentInstance: { metadata: { name: "own" }, spec: { agentId: "bot" } },
  });
  const { id } = await ask(client, "bot", { environments: ["prod"] });
  const own = await client.createExecution({
    kind: "Agent",
    instance: "own",
    message: "x",
  });
  const ownId = own.execution?.metadata?.id ?? "";
  const deletes = {
    agent: () => client.deleteAgent({ name: "bot" }),
    environment: () => client.deleteEnvironment({ name: "prod" }),
    instance: () => client.deleteAgentInstance({ name: "own" }),
  };
  await fails(deletes.environment(), "FAILED_PRECONDITION", new RegExp(id));
  await fails(deletes.instance(), "FAILED_PRECONDITION", new RegExp(ownId));
  await client.cancelExecution({ id: ownId });
  await client.deleteSession({ name: own.execution?.spec?.sessionId ?? "" });
  await deletes.instance();
  const error = await fails(deletes.agent(), "FAILED_PRECONDITION", /refers/);
  assert.match(error.message, new RegExp(id));
  assert.match(error.hints[0] ?? "", /execution cancel/);
  await client.cancelExecution({ id });
  await deletes.environment();
  await deletes.agent();
  const { execution } = await client.getExecution({ id });
  const { version } = await client.getResourceVersion({
    kind: "Agent",
    name: execution?.spec?.resourceId ?? "",
    version: execution?.spec?.resourceVersionId ?? "",
  });
  assert.equal(version?.version?.number, 1);
  assert.equal((await client.listSessions({})).sessions.length, 0);
});
