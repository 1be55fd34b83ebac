import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type WorkflowSpec,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { callerSpec } from "./callers.ts";
import { fails, runningSuite } from "./suite.ts";

const TOKEN = "t0ken-9f8e7d";
const RUN_KEY = "run-key-5f6e7d";
const OTHER = "0ther-secret-1a2b";

/** A server that notes the keys that it is asked with, and may be broken. */
interface Listener extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
  broken: boolean;
}

function listener(): Listener {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url, headers }) => {
      const keys = [headers.get("key"), headers.get("run-key")].join(" ");
      asked.push(`${new URL(url).pathname} ${keys}`);
      return Response.json({}, { status: it.broken ? 500 : 200 });
    },
  );
  const it: Listener = {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    broken: false,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return it;
}

function specOf(spec: JsonObject): WorkflowSpec {
  return fromJson(WorkflowSpecSchema, JSON.parse(JSON.stringify(spec)));
}

/** A workflow that uses a variable and a secret itself, and runs "caller". */
const OUTER: JsonObject = {
  document: { dsl: "1.0.3", namespace: "t", name: "outer", version: "1.0.0" },
  use: { secrets: ["OTHER"] },
  do: [
    { show: { set: { region: "${ $env.REGION }" } } },
    {
      start: {
        run: { workflow: { namespace: "t", name: "caller", version: "1.0.0" } },
      },
    },
  ],
};

async function ended(
  client: BackendClient,
  execution: Execution | undefined,
): Promise<Execution> {
  const id = execution?.metadata?.id ?? "";
  for await (const _ of client.watchExecution({ id }));
  const answer = await client.getExecution({ id });
  assert.ok(answer.execution);
  return answer.execution;
}

function idOf(execution: Execution): string {
  return execution.metadata?.id ?? "";
}

/** Runs "outer" bound to an environment, and gives its child, which failed. */
async function failedChild(
  client: BackendClient,
  { url }: Listener,
): Promise<Execution> {
  for (
    const [name, spec] of [
      ["caller", callerSpec(url)],
      ["outer", specOf(OUTER)],
    ] as const
  ) {
    await client.createWorkflow({ workflow: { metadata: { name }, spec } });
  }
  await client.createEnvironment({
    environment: {
      metadata: { name: "prod" },
      spec: { secrets: { TOKEN, RUN_KEY } },
    },
  });
  await client.createWorkflowInstance({
    workflowInstance: {
      metadata: { name: "bound" },
      spec: { workflowId: "outer", environmentIds: ["prod"] },
    },
  });
  const made = await client.createExecution({
    kind: "Workflow",
    instance: "bound",
    variables: { REGION: "eu" },
    secrets: { OTHER },
  });
  const parent = await ended(client, made.execution);
  assert.equal(parent.status?.phase, Phase.FAILED);
  const { executions } = await client.listExecutions({
    parent: idOf(parent),
  });
  const [child] = executions;
  assert.ok(child);
  return await ended(client, child);
}

for (const latest of [false, true]) {
  runningSuite(
    `a child is retried with the environments of who started it, latest ${latest}`,
    async (backend) => {
      await using server = listener();
      const { client } = backend;
      server.broken = true;
      let last = await failedChild(client, server);
      // A retry of a retry has no starter any more.
      for (const _ of [1, 2]) {
        server.asked.splice(0);
        const { execution } = await client.retryExecution({
          id: idOf(last),
          latest,
          secrets: { OTHER },
        });
        last = await ended(client, execution);
        assert.deepEqual(server.asked, [`/one ${TOKEN} ${RUN_KEY}`]);
        assert.equal(last.status?.phase, Phase.FAILED);
      }
      server.broken = false;
      const { execution } = await client.retryExecution({
        id: idOf(last),
        latest,
        secrets: { OTHER },
      });
      const made = await ended(client, execution);
      assert.equal(
        made.status?.phase,
        Phase.COMPLETED,
        made.status?.error?.detail,
      );
    },
  );
}

runningSuite("a retry takes no secret that it cannot use", async (backend) => {
  await using server = listener();
  const { client } = backend;
  server.broken = true;
  await client.createWorkflow({
    workflow: { metadata: { name: "caller" }, spec: callerSpec(server.url) },
  });
  const secrets = { TOKEN, RUN_KEY };
  const made = await client.createExecution({
    kind: "Workflow",
    name: "caller",
    secrets,
  });
  const { id = "" } = (await ended(client, made.execution)).metadata ?? {};
  for (const latest of [false, true]) {
    await fails(
      client.retryExecution({
        id,
        latest,
        secrets: { ...secrets, TOKNE: "mistyped-secret" },
      }),
      "INVALID_ARGUMENT",
      /nothing in it uses secret "TOKNE"/,
    );
  }
});

runningSuite(
  "the latest version is retried without the variables that it does not use any more",
  async (backend) => {
    const { client } = backend;
    const flow = (value: string): WorkflowSpec =>
      specOf({
        document: { ...Object(OUTER.document), name: "flow" },
        do: [{ show: { set: { region: value } } }],
      });
    const metadata = { name: "flow" };
    await client.createWorkflow({
      workflow: { metadata, spec: flow("${ $env.REGION | error }") },
    });
    const made = await client.createExecution({
      kind: "Workflow",
      name: "flow",
      variables: { REGION: "eu" },
    });
    const failed = await ended(client, made.execution);
    assert.equal(failed.status?.phase, Phase.FAILED);
    await client.updateWorkflow({ workflow: { metadata, spec: flow("eu") } });
    const { execution } = await client.retryExecution({
      id: idOf(failed),
      latest: true,
    });
    const again = await ended(client, execution);
    assert.equal(again.status?.phase, Phase.COMPLETED);
  },
);
