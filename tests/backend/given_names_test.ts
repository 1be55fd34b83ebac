import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { openBackend } from "../../src/backend/open.ts";
import type { JsonObject } from "../../src/model/json.ts";
import {
  fails,
  INSTRUCTIONS,
  runningSuite,
  suite,
  temporaryHome,
} from "./suite.ts";

/** What a run is given. */
interface Given {
  readonly variables?: Record<string, string>;
  readonly secrets?: Record<string, string>;
}

function flow(tasks: readonly JsonObject[], use: JsonObject = {}) {
  const spec: JsonObject = {
    document: { dsl: "1.0.3", namespace: "t", name: "flow", version: "1.0.0" },
    ...(Object.keys(use).length === 0 ? {} : { use }),
    do: tasks,
  };
  return {
    kind: "Workflow",
    name: "flow",
    definitions: [{
      resource: {
        case: "workflow" as const,
        value: {
          metadata: { name: "flow" },
          spec: fromJson(WorkflowSpecSchema, JSON.parse(JSON.stringify(spec))),
        },
      },
    }],
  };
}

const SHOW = { show: { set: { region: "${ $env.REGION }" } } };
const CALL = {
  call: {
    call: "http",
    with: {
      method: "get",
      endpoint: "http://127.0.0.1:1",
      headers: { key: "${ $secrets.API_KEY }" },
    },
  },
};

suite(
  "what a run is given and nothing uses is refused, with a near name",
  async (client) => {
    const given: readonly (readonly [Given, RegExp, RegExp])[] = [
      [
        { variables: { REGOIN: "eu" } },
        /nothing in it uses variable "REGOIN"/,
        /Did you mean "REGION"\?/,
      ],
      [
        { secrets: { UNHEARD_OF: "s3cret" } },
        /nothing in it uses secret "UNHEARD_OF"/,
        /It uses API_KEY, REGION/,
      ],
    ];
    const request = flow([SHOW, CALL], { secrets: ["API_KEY"] });
    for (const [more, message, hint] of given) {
      const error = await fails(
        client.createExecution({ ...request, ...more }),
        "INVALID_ARGUMENT",
        message,
      );
      assert.match(error.hints.join(), hint);
    }
    await client.createExecution({
      ...request,
      variables: { REGION: "eu" },
      secrets: { API_KEY: "s3cret-value" },
    });
  },
);

suite("where a name is computed, everything is taken", async (client) => {
  const open: readonly JsonObject[] = [
    { all: { set: { all: "${ $env }" } } },
    { one: { set: { one: "${ $env[.key] }" } } },
    { ask: { call: "agent", with: { agent: "${ .agent }", message: "x" } } },
  ];
  for (const task of open) {
    await client.createExecution({
      ...flow([task]),
      variables: { ANY_ONE: "1" },
    });
  }
});

suite("what those use that are started counts, too", async (client) => {
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        env: { TOPIC: {} },
        mcpServers: [{
          name: "own",
          transport: {
            case: "stdio",
            value: { command: "x", env: { KEY: "${SERVER_KEY}" } },
          },
        }],
      },
    },
  });
  const request = flow([{
    ask: { call: "agent", with: { agent: "bot", message: "x" } },
  }]);
  const secrets = { SERVER_KEY: "s3cret-value" };
  await client.createExecution({
    ...request,
    secrets,
    variables: { TOPIC: "tea", ANTHROPIC_BASE_URL: "http://127.0.0.1:1" },
  });
  await fails(
    client.createExecution({ ...request, secrets, variables: { TOPICS: "x" } }),
    "INVALID_ARGUMENT",
    /uses variable "TOPICS"/,
  );
  for (const it of [request, { kind: "Agent", name: "bot", message: "x" }]) {
    await fails(
      client.createExecution(it),
      "INVALID_ARGUMENT",
      /tool server "own" needs "SERVER_KEY" and nothing gives it/,
    );
  }
});

suite("a declared secret is not taken as a plain variable", async (client) => {
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        env: { TOKEN: { secret: true, required: true } },
      },
    },
  });
  const request = { kind: "Agent", name: "bot", message: "x" };
  const error = await fails(
    client.createExecution({ ...request, variables: { TOKEN: "pl4in-value" } }),
    "INVALID_ARGUMENT",
    /"TOKEN" is a secret, and is given as a plain variable/,
  );
  assert.ok(!error.message.includes("pl4in-value"));
  assert.deepEqual(error.hints, ["Give it with --secret TOKEN"]);
  await fails(
    client.createExecution(request),
    "INVALID_ARGUMENT",
    /needs "TOKEN" and nothing gives it/,
  );
  await client.createExecution({ ...request, secrets: { TOKEN: "s3cret" } });
});

runningSuite(
  "a secret that nothing gives is missed before the run, where it is used",
  async (backend) => {
    const { client } = backend;
    const request = flow([CALL], { secrets: ["API_KEY", "NEVER_USED"] });
    const environment = {
      resource: {
        case: "environment" as const,
        value: {
          metadata: { name: "prod" },
          spec: { secrets: { APIKEY: "s3cret-value" } },
        },
      },
    };
    const error = await fails(
      client.createExecution({
        ...request,
        definitions: [...request.definitions, environment],
        environments: ["prod"],
      }),
      "INVALID_ARGUMENT",
      /Secret "API_KEY" is used and nothing gives it/,
    );
    const [diagnostic] = error.diagnostics;
    assert.equal(error.diagnostics.length, 1);
    assert.equal(diagnostic?.pointer, "/spec/do/0/call/with/headers/key");
    assert.match(
      diagnostic?.hint ?? "",
      /^Did you mean "APIKEY"\? Give it with --secret API_KEY, or .*bound: "prod" with APIKEY\)$/,
    );
    assert.deepEqual((await client.listExecutions({})).executions, []);
  },
);

runningSuite(
  "of what is applied, missing secrets are named in words",
  async (backend) => {
    const { client } = backend;
    const { definitions } = flow([CALL], { secrets: ["API_KEY"] });
    const [definition] = definitions;
    await client.createWorkflow({ workflow: definition?.resource.value });
    const error = await fails(
      client.createExecution({ kind: "Workflow", name: "flow" }),
      "INVALID_ARGUMENT",
      /^Cannot execute workflow "flow": secret "API_KEY" is used, and nothing gives it$/,
    );
    assert.deepEqual(error.diagnostics, []);
    assert.equal(error.hints.length, 1);
    // The variables of who calls are not those of a server.
    assert.match(
      error.hints[0] ?? "",
      backend.type === "local"
        ? /^Give it with --secret API_KEY, .* set STIGMER_SECRET_API_KEY \(/
        : /^Give it with --secret API_KEY, .* set STIGMER_SECRET_API_KEY for the server itself \(/,
    );
  },
);

Deno.test("local: who leaves a run to others is told of a missing secret by its failure", async () => {
  await using home = temporaryHome();
  let id: string;
  {
    await using backend = await openBackend({
      home: home.path,
      execute: "none",
    });
    const { execution } = await backend.client.createExecution(
      flow([{ first: { set: { a: 1 } } }, CALL], { secrets: ["API_KEY"] }),
    );
    id = execution?.metadata?.id ?? "";
  }
  await using backend = await openBackend({ home: home.path });
  await backend.work({
    untilIdle: true,
    signal: AbortSignal.timeout(20_000),
  });
  const { execution } = await backend.client.getExecution({ id });
  assert.match(
    execution?.status?.error?.detail ?? "",
    /^Cannot begin: it uses secret "API_KEY", which nothing gives/,
  );
  assert.deepEqual(execution?.status?.tasks, []);
});

runningSuite(
  "a missing secret is named, whatever its name is",
  async (backend) => {
    for (const name of ["api-key", "a(b", "c++", "d.e", "[f", 'g"h']) {
      const headers = { key: `\${ $secrets[${JSON.stringify(name)}] }` };
      const call = { ...CALL.call, with: { ...CALL.call.with, headers } };
      const error = await fails(
        backend.client.createExecution(flow([{ call }], { secrets: [name] })),
        "INVALID_ARGUMENT",
        / is used and nothing gives it at \/spec\/do\/0\/call\/with\/headers\/key$/,
      );
      assert.ok(error.message.includes(`Secret "${name}"`), error.message);
    }
  },
);
