import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { searchFolder, searchFor } from "../secrets/search.ts";
import { serveAnthropic } from "../servers/anthropic.ts";
import { INSTRUCTIONS, runningSuite } from "./suite.ts";

const SECRETS = { TOKEN: "t0ken-9f8e7d6c5b", OTHER: "0ther 'odd' \"s3cret\"" };
const REFERENCE = "‹sealed:";

/** A server that notes what it is sent, and answers with it. */
function listener() {
  const bodies: Json[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body: Json = await request.json();
      bodies.push(body);
      return Response.json({ echo: body });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    bodies,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function send(url: string, body: Json): JsonObject {
  return { call: "http", with: { method: "post", endpoint: url, body } };
}

function workflow(name: string, spec: JsonObject) {
  const document = { dsl: "1.0.3", namespace: "t", name, version: "1.0.0" };
  const json = JSON.parse(JSON.stringify({ document, ...spec }));
  return {
    metadata: { name },
    spec: fromJson(WorkflowSpecSchema, json),
  };
}

/** All that can be read of an execution, as text. */
async function readAll(client: BackendClient, id: string): Promise<{
  readonly execution: Execution;
  readonly text: string;
}> {
  const events: unknown[] = [];
  for await (const { event } of client.watchExecution({ id })) {
    events.push(event);
  }
  const { execution } = await client.getExecution({ id });
  assert.ok(execution);
  const text = JSON.stringify(
    [
      events,
      execution,
      await client.traceExecution({ id }),
      await client.listExecutions({}),
    ],
    (_, value) => typeof value === "bigint" ? String(value) : value,
  );
  return { execution, text };
}

function outputOf({ status }: Execution): Json {
  return jsonOfValue(status?.output, { absent: null, what: "it" });
}

/** Nothing that is kept or shown has a secret; nothing shown a reference. */
async function holdsNothing(home: string, shown: string): Promise<void> {
  const search = searchFor(
    Object.entries(SECRETS).map(([name, value]) => ({ name, value })),
  );
  assert.deepEqual(await searchFolder(search, home), []);
  assert.deepEqual(search("shown", new TextEncoder().encode(shown)), []);
  assert.ok(!shown.includes(REFERENCE), shown);
  using database = standardDriver().open(`${home}/stigmer.db`);
  const left = database.prepare(
    "SELECT count(*) AS n FROM sealed_values WHERE owner_id NOT LIKE 'env-%'",
  ).get();
  assert.equal(left?.["n"], 0);
}

runningSuite(
  "secrets go through the data of a run, to a child and back",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    await client.createWorkflow({
      workflow: workflow("child", {
        input: {
          schema: {
            document: {
              properties: { key: { type: "string", pattern: "^t0k" } },
            },
          },
        },
        do: [
          { a: { set: { key: "${ .key }", h: "${ .login | @base64 }" } } },
          { b: send(server.url, { key: "${ .key }", h: "${ .h }" }) },
          {
            c: {
              set: { got: "${ .echo.key }", had: "${ $workflow.input.key }" },
            },
          },
        ],
      }),
    });
    await client.createWorkflow({
      workflow: workflow("parent", {
        use: { secrets: ["TOKEN", "OTHER"] },
        do: [
          {
            a: {
              set: { key: "${ $secrets.TOKEN }", n: 1 },
              export: { as: "${ {other: $secrets.OTHER, n: .n} }" },
              if: '$secrets.TOKEN | startswith("t0ken")',
            },
          },
          {
            b: {
              ...send(server.url, {
                key: "${ .key }",
                other: "${ $context.other | length }",
              }),
              output: { as: "${ {echoed: .echo.key, n: $input.n} }" },
            },
          },
          {
            c: {
              run: {
                workflow: {
                  namespace: "t",
                  name: "child",
                  version: "1.0.0",
                  input: {
                    key: "${ $secrets.TOKEN }",
                    login: '${ "u:" + $context.other }',
                  },
                },
              },
            },
          },
          { d: { set: { child: "${ . }", key: "${ $secrets.TOKEN }" } } },
        ],
      }),
    });
    const { execution: made } = await client.createExecution({
      kind: "Workflow",
      name: "parent",
      secrets: SECRETS,
    });
    const id = made?.metadata?.id ?? "";
    const { execution, text } = await readAll(client, id);
    const { status } = execution;
    assert.equal(status?.phase, Phase.COMPLETED, status?.error?.detail);
    assert.deepEqual(outputOf(execution), {
      child: { got: "***", had: "***" },
      key: "***",
    });
    const bytes = new TextEncoder().encode(`u:${SECRETS.OTHER}`);
    assert.deepEqual(server.bodies, [
      { key: SECRETS.TOKEN, other: SECRETS.OTHER.length },
      { key: SECRETS.TOKEN, h: bytes.toBase64() },
    ]);
    const childId = status?.tasks.find((it) => it.name === "c")
      ?.childExecutionId ?? "";
    const child = await readAll(client, childId);
    assert.deepEqual(
      jsonOfValue(child.execution.spec?.input, { absent: null, what: "it" }),
      { key: "***", login: "***" },
    );
    await holdsNothing(home.path, text + child.text);
    // Who reads it long after does not need what is gone.
    assert.deepEqual(
      status?.tasks.map((it) => [it.name, Phase[it.phase]]),
      [["a", "COMPLETED"], ["b", "COMPLETED"], ["c", "COMPLETED"], [
        "d",
        "COMPLETED",
      ]],
    );
  },
);

runningSuite(
  "an agent of a graph is asked with the secret that it is given",
  async (backend, home) => {
    await using provider = serveAnthropic([{
      kind: "answer",
      text: "Thanks.",
    }]);
    const { client } = backend;
    await client.createAgent({
      agent: {
        metadata: { name: "analyzer" },
        spec: {
          instructions: INSTRUCTIONS,
          model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` },
        },
      },
    });
    await client.createWorkflow({
      workflow: {
        metadata: { name: "review" },
        spec: fromJson(WorkflowSpecSchema, {
          tasks: [{
            name: "check-tests",
            agent: "analyzer",
            inputs: { diff: "+1", key: "${secrets.API_KEY}" },
          }],
        }),
      },
    });
    const { execution: made } = await client.createExecution({
      kind: "Workflow",
      name: "review",
      secrets: { API_KEY: SECRETS.TOKEN, ANTHROPIC_API_KEY: "key-of-provider" },
    });
    const { execution, text } = await readAll(client, made?.metadata?.id ?? "");
    assert.deepEqual(
      outputOf(execution),
      { "check-tests": "Thanks." },
      execution.status?.error?.detail,
    );
    const [request] = provider.requests;
    assert.ok(JSON.stringify(request?.body.messages).includes(SECRETS.TOKEN));
    const [task] = execution.status?.tasks ?? [];
    const child = await readAll(client, task?.childExecutionId ?? "");
    await holdsNothing(home.path, text + child.text);
  },
);
