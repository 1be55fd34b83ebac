import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { fails, INSTRUCTIONS, runningSuite, temporaryHome } from "./suite.ts";

type Request = Parameters<BackendClient["createExecution"]>[0];

const VALUE = "t0ken-4f3e2d1c";
const NO_KEY =
  /^Cannot open secret "AHEAD" of environment "prod": master key .*; put that key back where it was/;
const AUTHORIZATION = /\/errors\/authorization$/;

/** A server that counts what is asked of it. */
interface Counter extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
}

function counter(): Counter {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url, headers }) => {
      asked.push(`${new URL(url).pathname} ${headers.get("key") ?? ""}`);
      return Response.json({ key: headers.get("key") });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Calls without a secret first, and then with the secret of that name. */
function twoCalls(url: string, name: string): Request {
  const call = (path: string, headers: Record<string, string> = {}) => ({
    call: "http",
    with: { method: "get", endpoint: `${url}/${path}`, headers },
  });
  return workflow({
    use: { secrets: [name] },
    do: [
      { first: call("first") },
      { second: call("second", { key: `\${ $secrets.${name} }` }) },
    ],
  });
}

function workflow(spec: object): Request {
  const document = {
    dsl: "1.0.3",
    namespace: "t",
    name: "ahead",
    version: "1.0.0",
  };
  return {
    kind: "Workflow",
    name: "ahead",
    definitions: [{
      resource: {
        case: "workflow",
        value: {
          metadata: { name: "ahead" },
          spec: fromJson(
            WorkflowSpecSchema,
            JSON.parse(JSON.stringify({ document, ...spec })),
          ),
        },
      },
    }],
  };
}

async function run(
  client: BackendClient,
  request: Request,
): Promise<Execution> {
  const { execution } = await client.createExecution(request);
  return await ended(client, execution?.metadata?.id ?? "");
}

async function ended(client: BackendClient, id: string): Promise<Execution> {
  for await (const _ of client.watchExecution({ id }));
  const { execution } = await client.getExecution({ id });
  return execution ?? assert.fail("it is gone");
}

/** Checks that a run was not allowed to begin. */
function notAllowed({ status }: Execution, detail: RegExp): void {
  assert.equal(status?.phase, Phase.FAILED);
  assert.match(status.error?.type ?? "", AUTHORIZATION);
  assert.equal(status.error?.status, 403);
  assert.match(status.error?.detail ?? "", detail);
}

/** A variable of this process, as long as it is held. */
function variable(name: string, value: string): Disposable {
  Deno.env.set(name, value);
  return { [Symbol.dispose]: () => Deno.env.delete(name) };
}

runningSuite(
  "a run whose reference leads nowhere does nothing",
  async (backend) => {
    await using server = counter();
    const { client } = backend;
    await client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: {
          secretRefs: {
            AHEAD: { source: { case: "env", value: "AHEAD_IS_NOT_THERE" } },
          },
        },
      },
    });
    const request = {
      ...twoCalls(server.url, "AHEAD"),
      environments: ["prod"],
    };
    const failed = await run(client, request);
    notAllowed(
      failed,
      /^Cannot open secret "AHEAD": variable AHEAD_IS_NOT_THERE/,
    );
    assert.deepEqual(server.asked, []);
    using _ = variable("AHEAD_IS_NOT_THERE", VALUE);
    const { execution } = await client.retryExecution({
      id: failed.metadata?.id ?? "",
    });
    const again = await ended(client, execution?.metadata?.id ?? "");
    assert.equal(again.status?.phase, Phase.COMPLETED);
    assert.deepEqual(server.asked, ["/first ", `/second ${VALUE}`]);
  },
);

Deno.test("local: a run without the key of its secrets does nothing", async () => {
  await using home = temporaryHome();
  await using server = counter();
  const request = {
    ...twoCalls(server.url, "AHEAD"),
    environments: ["prod"],
  };
  {
    await using backend = await openBackend({ home: home.path });
    await backend.client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: { secrets: { AHEAD: VALUE } },
      },
    });
  }
  await Deno.remove(`${home.path}/master.key`);
  await using backend = await openBackend({ home: home.path });
  const failed = await run(backend.client, request);
  notAllowed(failed, NO_KEY);
  const { execution } = await backend.client.retryExecution({
    id: failed.metadata?.id ?? "",
  });
  const again = await ended(backend.client, execution?.metadata?.id ?? "");
  notAllowed(again, NO_KEY);
  assert.deepEqual(server.asked, []);
});

runningSuite(
  "a secret that is too short to be hidden is not opened, unless that is allowed",
  async (backend) => {
    await using server = counter();
    const { client } = backend;
    await client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: {
          secretRefs: {
            AHEAD: { source: { case: "env", value: "AHEAD_IS_SHORT" } },
          },
        },
      },
    });
    using _a = variable("AHEAD_IS_SHORT", "zq7");
    using _b = variable("STIGMER_SECRET_AHEAD_TOO", "zq8");
    const referred = { environments: ["prod"] };
    for (
      const [name, place, more] of [
        ["AHEAD", "AHEAD_IS_SHORT", referred],
        ["AHEAD_TOO", "STIGMER_SECRET_AHEAD_TOO", {}],
      ] as const
    ) {
      server.asked.length = 0;
      const request: Request = {
        ...twoCalls(server.url, name),
        ...more,
        environments: "environments" in more ? [...more.environments] : [],
      };
      const failed = await run(client, request);
      notAllowed(
        failed,
        new RegExp(
          `secret "${name}": variable ${place} .* under 4 characters.*--allow-short`,
        ),
      );
      assert.deepEqual(server.asked, []);
      const id = failed.metadata?.id ?? "";
      const { execution } = await client.retryExecution({
        id,
        allowShortSecrets: true,
      });
      const again = await ended(client, execution?.metadata?.id ?? "");
      assert.equal(again.status?.phase, Phase.COMPLETED);
      const allowed = await run(client, {
        ...request,
        allowShortSecrets: true,
      });
      assert.equal(allowed.status?.phase, Phase.COMPLETED);
      assert.equal(allowed.spec?.allowShortSecrets, true);
      assert.equal(server.asked.length, 4);
    }
  },
);

Deno.test("local: what is left to a worker needs more than a variable of who leaves it", async () => {
  await using home = temporaryHome();
  await using server = counter();
  await using backend = await openBackend({ home: home.path, execute: "none" });
  const { client } = backend;
  using _ = variable("STIGMER_SECRET_AHEAD", VALUE);
  const request = twoCalls(server.url, "AHEAD");
  const error = await fails(
    client.createExecution(request),
    "INVALID_ARGUMENT",
    /to a worker: secret "AHEAD" is only in variable STIGMER_SECRET_AHEAD/,
  );
  assert.match(error.hints.join(), /--secret AHEAD/);
  const { execution } = await client.createExecution({
    ...request,
    secrets: { AHEAD: VALUE },
  });
  assert.ok(execution?.metadata);
});

runningSuite("a loop that opens a secret is noted once", async (backend) => {
  await using server = counter();
  const { client } = backend;
  const made = await run(client, {
    ...workflow({
      use: { secrets: ["AHEAD"] },
      do: [{
        each: {
          for: { each: "it", in: "${ [range(20)] }" },
          do: [{
            call: {
              call: "http",
              with: {
                method: "get",
                endpoint: `${server.url}/x`,
                headers: { key: "${ $secrets.AHEAD }" },
              },
            },
          }],
        },
      }],
    }),
    secrets: { AHEAD: VALUE },
  });
  assert.equal(made.status?.phase, Phase.COMPLETED, made.status?.error?.detail);
  assert.equal(server.asked.length, 20);
  const { accesses } = await client.listSecretAccesses({
    executionId: made.metadata?.id ?? "",
  });
  assert.deepEqual(
    accesses.map(({ path, purpose }) => [path, purpose]),
    [["/do/0/each/for/0/do/0/call", "use"], ["", "mask"]],
  );
});

runningSuite(
  "an agent whose tool server lacks its secret says so before anything",
  async (backend, home) => {
    const script = `${home.path}/bot.script.yaml`;
    await Deno.writeTextFile(script, "turns: [{ say: seen }]");
    const { client } = backend;
    await client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: {
          secretRefs: {
            AHEAD: { source: { case: "file", value: `${home.path}/nowhere` } },
          },
        },
      },
    });
    await client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          model: { name: `script:${script}` },
          mcpServers: [{
            name: "test",
            transport: {
              case: "stdio",
              value: {
                command: "touch",
                args: [`${home.path}/begun`],
                env: { AHEAD: "${AHEAD}" },
              },
            },
          }],
        },
      },
    });
    const failed = await run(client, {
      kind: "Agent",
      name: "bot",
      message: "Go",
      environments: ["prod"],
    });
    notAllowed(failed, /^Cannot open secret "AHEAD": file ".*\/nowhere"/);
    assert.deepEqual(failed.status?.tasks, []);
    await assert.rejects(Deno.stat(`${home.path}/begun`));
  },
);
