import assert from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { until } from "../until.ts";
import { callerOf, callerSpec } from "./callers.ts";
import { childOf, fails, runningSuite, temporaryHome } from "./suite.ts";

const SCRIPT_WAIT_MS = 60_000;
const RUN_KEY = "run-key-5f6e7d";

/** A server that notes the keys that it is asked with. */
interface Listener extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
  /** Answers nothing as long as it is set. */
  held: boolean;
}

function listener(): Listener {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url, headers }) => {
      const keys = [headers.get("key"), headers.get("run-key")].join(" ");
      asked.push(`${new URL(url).pathname} ${keys}`);
      while (it.held) await pause();
      return Response.json({});
    },
  );
  const it: Listener = {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    held: false,
    async [Symbol.asyncDispose]() {
      it.held = false;
      await server.shutdown();
    },
  };
  return it;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

async function addEnvironment(
  client: BackendClient,
  name: string,
  secrets: Record<string, string>,
): Promise<string> {
  const { environment } = await client.createEnvironment({
    environment: { metadata: { name }, spec: { secrets } },
  });
  return environment?.metadata?.id ?? "";
}

async function ended(client: BackendClient, id: string): Promise<Phase> {
  for await (const _ of client.watchExecution({ id }));
  const { execution } = await client.getExecution({ id });
  return execution?.status?.phase ?? Phase.PHASE_UNSPECIFIED;
}

/** What the database keeps for executions: contexts, values, data keys. */
function leftIn(home: string): readonly number[] {
  using database = standardDriver().open(`${home}/stigmer.db`);
  return [
    "SELECT count(*) AS n FROM execution_contexts",
    "SELECT count(*) AS n FROM sealed_values WHERE owner_id NOT LIKE 'env-%'",
    "SELECT count(*) AS n FROM data_keys WHERE owner_id NOT LIKE 'env-%'",
  ].map((sql) => Number(database.prepare(sql).get()?.n));
}

runningSuite(
  "secrets come from the environments of the instance, then of the run",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    await addEnvironment(client, "low", { TOKEN: "low-t0ken", RUN_KEY });
    await addEnvironment(client, "high", { TOKEN: "high-t0ken" });
    await addEnvironment(client, "other", { TOKEN: "other-t0ken" });
    await client.createWorkflow({
      workflow: { metadata: { name: "caller" }, spec: callerSpec(server.url) },
    });
    for (
      const [name, environmentIds] of [
        ["up", ["low", "high"]],
        ["down", ["high", "low"]],
      ] as const
    ) {
      await client.createWorkflowInstance({
        workflowInstance: {
          metadata: { name },
          spec: { workflowId: "caller", environmentIds: [...environmentIds] },
        },
      });
    }
    for (
      const request of [
        { instance: "up" },
        { instance: "down" },
        { instance: "up", environments: ["other"] },
      ]
    ) {
      const { execution } = await client.createExecution({
        kind: "Workflow",
        ...request,
      });
      assert.equal(
        await ended(client, execution?.metadata?.id ?? ""),
        Phase.COMPLETED,
      );
    }
    assert.deepEqual(
      server.asked.filter((it) => it.startsWith("/one")),
      ["high", "low", "other"].map((it) => `/one ${it}-t0ken ${RUN_KEY}`),
    );
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
    const { accesses } = await client.listSecretAccesses({
      environment: "other",
    });
    assert.deepEqual(
      accesses.map((
        { name, origin, purpose, path },
      ) => [name, origin, purpose, path]).toSorted(),
      [
        ["TOKEN", "other", "mask", ""],
        ["TOKEN", "other", "use", "/do/0/one"],
        ["TOKEN", "other", "use", "/do/1/two"],
      ],
    );
  },
);

runningSuite(
  "a run keeps the secrets that it was made with, a retry takes those of now",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    await addEnvironment(client, "prod", { TOKEN: "t0ken-before", RUN_KEY });
    server.held = true;
    const { execution } = await client.createExecution({
      ...callerOf(server.url),
      environments: ["prod"],
    });
    const id = execution?.metadata?.id ?? "";
    await until(() => server.asked.length === 1);
    await client.updateEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: { secrets: { TOKEN: "t0ken-after", RUN_KEY: "***" } },
      },
    });
    await client.rekeyEnvironment({ name: "prod" });
    server.held = false;
    assert.equal(await ended(client, id), Phase.COMPLETED);
    const again = await client.retryExecution({ id, from: "one" });
    await ended(client, again.execution?.metadata?.id ?? "");
    assert.deepEqual(server.asked, [
      `/one t0ken-before ${RUN_KEY}`,
      `/two t0ken-before ${RUN_KEY}`,
      `/one t0ken-after ${RUN_KEY}`,
      `/two t0ken-after ${RUN_KEY}`,
    ]);
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
  },
);

runningSuite(
  "a reference is read when a run needs it, and missed by name",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    await Deno.writeTextFile(`${home.path}/token`, "fr0m-a-file\n");
    await client.createEnvironment({
      environment: {
        metadata: { name: "prod" },
        spec: {
          secrets: { RUN_KEY },
          secretRefs: {
            TOKEN: { source: { case: "file", value: `${home.path}/token` } },
          },
        },
      },
    });
    const request = { ...callerOf(server.url), environments: ["prod"] };
    const { execution } = await client.createExecution(request);
    const id = execution?.metadata?.id ?? "";
    assert.equal(await ended(client, id), Phase.COMPLETED);
    assert.equal(server.asked[0], `/one fr0m-a-file ${RUN_KEY}`);
    const { accesses } = await client.listSecretAccesses({
      executionId: id,
      name: "TOKEN",
    });
    assert.deepEqual(
      new Set(accesses.map((it) => it.origin)),
      new Set(["prod"]),
    );
    await Deno.remove(`${home.path}/token`);
    const second = await client.createExecution(request);
    const secondId = second.execution?.metadata?.id ?? "";
    assert.equal(await ended(client, secondId), Phase.FAILED);
    const failed = await client.getExecution({ id: secondId });
    assert.match(
      failed.execution?.status?.error?.detail ?? "",
      /^Cannot open secret "TOKEN": file ".*\/token" cannot be read/,
    );
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
  },
);

runningSuite(
  "a run is refused where a secret of its environment is lost",
  async (backend, home) => {
    const { client } = backend;
    await addEnvironment(client, "low", { TOKEN: "of another one", RUN_KEY });
    await addEnvironment(client, "prod", { TOKEN: "t0ken-value" });
    {
      using database = standardDriver().open(`${home.path}/stigmer.db`);
      database.prepare(
        "DELETE FROM sealed_values WHERE owner_id = " +
          "(SELECT id FROM environments WHERE slug = 'prod')",
      ).run();
    }
    const request = callerOf("http://127.0.0.1:9");
    // It must not run with what "low" has under that name.
    const error = await fails(
      client.createExecution({ ...request, environments: ["low", "prod"] }),
      "DATA_LOSS",
      /secret "TOKEN" of environment "prod": its value is not in the database/,
    );
    assert.match(error.hints.join(), /env set prod --secret TOKEN/);
  },
);

Deno.test(
  "local: what a schedule starts has the secrets of its instance",
  async () => {
    await using home = temporaryHome();
    await using server = listener();
    await using backend = await openBackend({ home: home.path });
    const { client } = backend;
    await client.createWorkflow({
      workflow: {
        metadata: { name: "caller" },
        spec: callerSpec(server.url, { schedule: { every: { seconds: 1 } } }),
      },
    });
    await addEnvironment(client, "prod", { TOKEN: "t0ken-value", RUN_KEY });
    const { workflowInstances } = await client.listWorkflowInstances({});
    const [instance] = workflowInstances;
    assert.ok(instance?.spec && instance.metadata);
    await client.updateWorkflowInstance({
      workflowInstance: {
        metadata: { name: instance.metadata.name },
        spec: { ...instance.spec, environmentIds: ["prod"] },
      },
    });
    const stop = new AbortController();
    const working = backend.work({ untilIdle: false, signal: stop.signal });
    await until(() => server.asked.length >= 2, SCRIPT_WAIT_MS);
    stop.abort();
    await working;
    assert.equal(server.asked[0], `/one t0ken-value ${RUN_KEY}`);
  },
);

Deno.test("local: a run that was killed goes on with its secrets, and leaves none", async () => {
  await using home = temporaryHome();
  await using server = listener();
  {
    await using backend = await openBackend({
      home: home.path,
      execute: "none",
    });
    await addEnvironment(backend.client, "prod", { TOKEN: "t0ken-value" });
  }
  server.held = true;
  const process = childOf("secret_run.ts", [home.path, server.url, RUN_KEY])
    .spawn();
  await until(() => server.asked.length === 1);
  process.kill("SIGKILL");
  const { stdout } = await process.output();
  const id = new TextDecoder().decode(stdout).trim();
  assert.deepEqual(leftIn(home.path), [1, 2, 1]);
  server.held = false;
  await using backend = await openBackend({ home: home.path });
  const { client } = backend;
  await backend.work({
    untilIdle: true,
    signal: AbortSignal.timeout(SCRIPT_WAIT_MS),
  });
  assert.equal(await ended(client, id), Phase.COMPLETED);
  assert.deepEqual(
    new Set(server.asked),
    new Set([
      `/one t0ken-value ${RUN_KEY}`,
      `/two t0ken-value ${RUN_KEY}`,
    ]),
  );
  assert.deepEqual(leftIn(home.path), [0, 0, 0]);
  await fails(
    client.getExecutionContext({ executionId: id }),
    "FAILED_PRECONDITION",
  );
});
