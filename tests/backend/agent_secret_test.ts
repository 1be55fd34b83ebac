import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { searchFolder, searchFor } from "../secrets/search.ts";
import { serveAnthropic } from "../servers/anthropic.ts";
import { INSTRUCTIONS, runningSuite } from "./suite.ts";

const TOOLS = new URL("../servers/tool_server.ts", import.meta.url).pathname;
const SECRETS = {
  TOKEN: 't0ken "of" the server',
  ANTHROPIC_API_KEY: "key-of-the-provider-0815",
  UNUSED: "no-one-asked-for-this-one",
};

runningSuite(
  "an agent's tool server and provider are given its environment's secrets",
  async (backend, home) => {
    await using provider = serveAnthropic([
      {
        kind: "answer",
        calls: [{ id: "c1", name: "test_echo", argumentsText: "{}" }],
      },
      { kind: "answer", text: "Fine." },
    ]);
    const { client } = backend;
    const { environment } = await client.createEnvironment({
      environment: { metadata: { name: "prod" }, spec: { secrets: SECRETS } },
    });
    await client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          permissions: { allow: ["test"] },
          model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` },
          mcpServers: [{
            name: "test",
            transport: {
              case: "stdio",
              value: {
                command: Deno.execPath(),
                args: ["run", "-q", "--no-config", "-A", TOOLS, "env"],
                env: { MY_TOKEN: "Bearer ${TOKEN}" },
              },
            },
          }],
        },
      },
    });
    const { execution } = await client.createExecution({
      kind: "Agent",
      name: "bot",
      message: "What do you see?",
      environments: ["prod"],
    });
    const id = execution?.metadata?.id ?? "";
    const seen: unknown[] = [];
    for await (const { event } of client.watchExecution({ id })) {
      seen.push(event?.data);
    }
    const { execution: ended } = await client.getExecution({ id });
    assert.equal(
      jsonOfValue(ended?.status?.output, { absent: null, what: "it" }),
      "Fine.",
      ended?.status?.error?.detail,
    );
    const [first, second] = provider.requests;
    assert.equal(first?.headers.get("x-api-key"), SECRETS.ANTHROPIC_API_KEY);
    // The server tells its whole environment, which the model is not told.
    const told = JSON.stringify(second?.body.messages).replaceAll("\\", "");
    assert.match(told, /"MY_TOKEN":"Bearer \*\*\*"/);
    assert.ok(!told.includes("UNUSED") && !told.includes("ANTHROPIC"));
    // The key of the provider goes into a header and nowhere else.
    const bodies = JSON.stringify(provider.requests.map((it) => it.body));
    assert.ok(!Object.values(SECRETS).some((it) => bodies.includes(it)));

    const search = searchFor(
      Object.entries(SECRETS).map(([name, value]) => ({ name, value })),
    );
    assert.deepEqual(await searchFolder(search, home.path), []);
    const shown = JSON.stringify(
      [seen, ended],
      (_, value) => typeof value === "bigint" ? String(value) : value,
    );
    assert.deepEqual(search("events", new TextEncoder().encode(shown)), []);

    using database = standardDriver().open(`${home.path}/stigmer.db`);
    const used = database.prepare(
      "SELECT name || ' ' || path AS used FROM secret_accesses " +
        "WHERE execution_id = ? AND purpose = 'use' ORDER BY sequence",
    ).all(id).map((row) => row["used"]);
    assert.deepEqual(used.toSorted(), [
      "ANTHROPIC_API_KEY /turn/1",
      "ANTHROPIC_API_KEY /turn/2",
      "TOKEN /turn/1",
    ]);
    const left = database.prepare(
      "SELECT count(*) AS n FROM sealed_values WHERE owner_id <> ?",
    ).get(environment?.metadata?.id ?? "");
    assert.equal(left?.["n"], 0);
  },
);

/** A workflow that hands a secret and what is made of it to an agent. */
function handing(session: string): NonNullable<
  Parameters<BackendClient["createExecution"]>[0]["definitions"]
>[number] {
  const spec = fromJson(WorkflowSpecSchema, {
    document: { dsl: "1.0.3", namespace: "t", name: "hand", version: "1.0.0" },
    use: { secrets: ["KEY"] },
    do: [{
      ask: {
        call: "agent",
        with: {
          agent: "bot",
          session,
          message: "Use ${ $secrets.KEY } now",
          input: { basic: '${ "u:" + $secrets.KEY | @base64 }' },
        },
      },
    }],
  });
  const value = { metadata: { name: "hand" }, spec };
  return { resource: { case: "workflow", value } };
}

runningSuite(
  "what a session says later of a secret is ***",
  async (backend, home) => {
    const KEY = "k3y-of-the-workflow";
    await using provider = serveAnthropic([
      { kind: "answer", text: "Hello." },
      { kind: "answer", text: `I know ${KEY}.` },
      { kind: "answer", text: "Bye." },
    ]);
    const { client } = backend;
    await client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` },
        },
      },
    });
    const run = async (
      request: Parameters<BackendClient["createExecution"]>[0],
    ): Promise<{ readonly session: string; readonly output: unknown }> => {
      const variables = { ANTHROPIC_API_KEY: "a" };
      const made = await client.createExecution({ ...request, variables });
      const id = made.execution?.metadata?.id ?? "";
      for await (const _ of client.watchExecution({ id }));
      const { execution } = await client.getExecution({ id });
      assert.equal(execution?.status?.error?.detail, undefined);
      return {
        session: execution?.spec?.sessionId ?? "",
        output: jsonOfValue(execution?.status?.output, {
          absent: null,
          what: "it",
        }),
      };
    };
    const asked = { kind: "Agent", name: "bot" };
    const { session } = await run({ ...asked, message: "Hi" });
    const handed = await run({
      kind: "Workflow",
      name: "hand",
      definitions: [handing(session)],
      secrets: { KEY },
    });
    assert.equal(handed.output, "I know ***.");
    await run({ ...asked, session, message: "What was it?" });
    const texts = provider.requests.map(({ body }) =>
      body.messages.map((it: { content: readonly { text: string }[] }) =>
        it.content[0]?.text
      )
    );
    const basic = btoa(`u:${KEY}`);
    const said = `Use ${KEY} now\n\nInput:\n${
      JSON.stringify({ basic }, null, 2)
    }`;
    assert.deepEqual(texts[1], ["Hi", "Hello.", said]);
    const [hi, hello, use, ...rest] = texts[2];
    assert.deepEqual([hi, hello], ["Hi", "Hello."]);
    assert.match(use, /^Use \*\*\* now/);
    assert.deepEqual(rest, ["I know ***.", "What was it?"]);
    const search = searchFor([{ name: "KEY", value: KEY }]);
    assert.deepEqual(await searchFolder(search, home.path), []);
  },
);
