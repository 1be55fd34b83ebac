import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { WorkflowSpecSchema } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import {
  type Backend,
  type BackendClient,
  openBackend,
} from "../../src/backend/open.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { fails, INSTRUCTIONS, runningSuite, temporaryHome } from "./suite.ts";

type Request = Parameters<BackendClient["createExecution"]>[0];

const TOKEN = "t0ken-9f8e7d6c5b";

/** A server that notes the `key` of what it is asked. */
interface Listener extends AsyncDisposable {
  readonly url: string;
  readonly keys: (string | null)[];
  /** Answers 500 as long as it is set. */
  broken: boolean;
}

function listener(): Listener {
  const keys: (string | null)[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      keys.push(request.headers.get("key"));
      const echo = { key: request.headers.get("key") };
      return Response.json(echo, { status: it.broken ? 500 : 200 });
    },
  );
  const it: Listener = {
    url: `http://127.0.0.1:${server.addr.port}`,
    keys,
    broken: false,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return it;
}

/** A workflow that uses the secret TOKEN in a call. */
function caller(url: string, more: readonly JsonObject[] = []): JsonObject {
  return {
    document: {
      dsl: "1.0.3",
      namespace: "t",
      name: "caller",
      version: "1.0.0",
    },
    use: { secrets: ["TOKEN"] },
    do: [{
      call: {
        call: "http",
        with: {
          method: "get",
          endpoint: url,
          headers: { key: "${ $secrets.TOKEN }" },
        },
      },
    }, ...more],
  };
}

const WAIT: JsonObject = { pause: { wait: { seconds: 3600 } } };

function inline(
  spec: JsonObject,
  more: NonNullable<Request["definitions"]> = [],
  name = "caller",
): Request {
  return {
    kind: "Workflow",
    name,
    definitions: [{
      resource: {
        case: "workflow",
        value: {
          metadata: { name },
          spec: fromJson(WorkflowSpecSchema, JSON.parse(JSON.stringify(spec))),
        },
      },
    }, ...more],
  };
}

/** An environment that comes along. */
function environment(
  name: string,
  spec: {
    readonly variables?: Record<string, string>;
    readonly secrets?: Record<string, string>;
  },
): NonNullable<Request["definitions"]>[number] {
  return {
    resource: { case: "environment", value: { metadata: { name }, spec } },
  };
}

async function ended(client: BackendClient, id: string): Promise<Execution> {
  for await (const _ of client.watchExecution({ id }));
  return await read(client, id);
}

async function read(client: BackendClient, id: string): Promise<Execution> {
  const { execution } = await client.getExecution({ id });
  assert.ok(execution);
  return execution;
}

async function run(
  { client }: Backend,
  request: Request,
): Promise<Execution> {
  const { execution } = await client.createExecution(request);
  return await ended(client, idOf(execution));
}

/** Starts a run and waits until it waits. */
async function waiting(
  { client }: Backend,
  request: Request,
): Promise<string> {
  const { execution } = await client.createExecution(request);
  const id = idOf(execution);
  for await (const { event } of client.watchExecution({ id })) {
    if (event?.path !== "" && event?.name === "pause") return id;
  }
  return assert.fail("it ended");
}

function idOf(execution: Execution | undefined): string {
  return execution?.metadata?.id ?? "";
}

function outputOf(execution: Execution): Json {
  return jsonOfValue(execution.status?.output, { absent: null, what: "it" });
}

/** How many sealed values, contexts and data keys of executions there are. */
function leftIn(home: string): readonly number[] {
  using database = standardDriver().open(`${home}/stigmer.db`);
  return [
    "SELECT count(*) AS n FROM sealed_values WHERE owner_id NOT LIKE 'env-%'",
    "SELECT count(*) AS n FROM execution_contexts",
    "SELECT count(*) AS n FROM data_keys WHERE owner_id NOT LIKE 'env-%'",
  ].map((sql) => Number(database.prepare(sql).get()?.n));
}

/** Every byte that a home keeps beside its keys, as text. */
async function bytesOf(home: string): Promise<string> {
  let all = "";
  for await (const entry of Deno.readDir(home)) {
    if (!entry.isFile || entry.name.includes("master")) continue;
    const bytes = await Deno.readFile(`${home}/${entry.name}`);
    all += new TextDecoder("latin1").decode(bytes);
  }
  return all;
}

runningSuite(
  "a secret of a run is used by its effects, and gone with it",
  async (backend, home) => {
    await using server = listener();
    const request = {
      ...inline(caller(server.url)),
      secrets: { TOKEN },
    };
    const made = await run(backend, request);
    assert.equal(
      made.status?.phase,
      Phase.COMPLETED,
      made.status?.error?.detail,
    );
    assert.deepEqual(server.keys, [TOKEN]);
    assert.deepEqual(outputOf(made), { key: "***" });
    assert.deepEqual(made.spec?.secretNames, ["TOKEN"]);
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
    assert.ok(!(await bytesOf(home.path)).includes(TOKEN));
    const { accesses } = await backend.client.listSecretAccesses({
      executionId: idOf(made),
    });
    assert.deepEqual(
      accesses.map((
        { name, origin, path, purpose, identity },
      ) => [name, origin, path, purpose, identity]),
      [
        ["TOKEN", "run", "/do/0/call", "use", "local-user"],
        ["TOKEN", "run", "", "mask", "local-user"],
      ],
    );
  },
);

runningSuite(
  "a later environment hides an earlier one, and the run all",
  async (backend, home) => {
    await using server = listener();
    const low = environment("low", { secrets: { TOKEN: "low-t0ken" } });
    const high = environment("high", { secrets: { TOKEN: "high-t0ken" } });
    const request = inline(caller(server.url), [low, high]);
    const both = ["low", "high"];
    await run(backend, { ...request, environments: both });
    await run(backend, { ...request, environments: both.toReversed() });
    await run(backend, {
      ...request,
      environments: both,
      secrets: { TOKEN },
    });
    assert.deepEqual(server.keys, ["high-t0ken", "low-t0ken", TOKEN]);
    const bytes = await bytesOf(home.path);
    assert.ok(!bytes.includes("low-t0ken") && !bytes.includes("high-t0ken"));
    await fails(
      backend.client.createExecution({
        ...inline(caller(server.url), [
          environment("low", { secrets: { TOKEN: "***" } }),
        ]),
        environments: ["low"],
      }),
      "INVALID_ARGUMENT",
      /environment "low": its secret "TOKEN" is \*\*\*/,
    );
  },
);

runningSuite(
  "however a run ends, its secrets end with it",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    const secrets = { TOKEN };
    const waits = inline(caller(server.url, [WAIT]));
    const cancelled = await waiting(backend, { ...waits, secrets });
    const moved = await waiting(backend, { ...waits, secrets });
    assert.equal(leftIn(home.path)[1], 2);
    await client.cancelExecution({ id: cancelled });
    await client.updateExecutionStatus({ id: moved, phase: Phase.FAILED });
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
    server.broken = true;
    const failed = await run(backend, {
      ...inline(caller(server.url)),
      secrets,
    });
    assert.equal(failed.status?.phase, Phase.FAILED);
    assert.ok(!JSON.stringify(failed.status.error).includes(TOKEN));
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
  },
);

Deno.test("local: a context is opened for who runs it, as long as it runs", async () => {
  await using home = temporaryHome();
  await using server = listener();
  await using backend = await openBackend({ home: home.path, execute: "none" });
  const { client } = backend;
  const { execution } = await client.createExecution({
    ...inline(caller(server.url)),
    secrets: { TOKEN },
    variables: {},
  });
  const executionId = idOf(execution);
  const { context } = await client.getExecutionContext({ executionId });
  assert.deepEqual(context?.secrets, { TOKEN: "***" });
  const claim = { worker: 7, epoch: 3 };
  await fails(
    client.getExecutionContext({ executionId, claim }),
    "PERMISSION_DENIED",
    /worker 7 does not hold it with epoch 3/,
  );
  {
    using database = standardDriver().open(`${home.path}/stigmer.db`);
    database.execute(`
      INSERT INTO workers (number, id, pid, hostname, started_at_ms, lease_until_ms)
      VALUES (7, 'w', 1, 'h', 0, 9e15);
      UPDATE runs SET owner = 7, epoch = 3`);
  }
  const opened = await client.getExecutionContext({ executionId, claim });
  assert.deepEqual(opened.context?.secrets, { TOKEN });
  await fails(
    client.getExecutionContext({ executionId, claim: { worker: 7, epoch: 2 } }),
    "PERMISSION_DENIED",
  );
  {
    using database = standardDriver().open(`${home.path}/stigmer.db`);
    database.execute("DELETE FROM workers; UPDATE runs SET owner = NULL");
  }
  await client.cancelExecution({ id: executionId });
  await fails(
    client.getExecutionContext({ executionId }),
    "FAILED_PRECONDITION",
    /it is CANCELLED/,
  );
});

runningSuite(
  "a retry needs the secrets of its run again, by name",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    server.broken = true;
    const failed = await run(backend, {
      ...inline(caller(server.url)),
      secrets: { TOKEN },
    });
    server.broken = false;
    const error = await fails(
      client.retryExecution({ id: idOf(failed) }),
      "FAILED_PRECONDITION",
      /was given secret "TOKEN" for that run alone/,
    );
    assert.match(
      error.hints[0] ?? "",
      /execution retry wex-\w+ --secret TOKEN$/,
    );
    const { execution } = await client.retryExecution({
      id: idOf(failed),
      secrets: { TOKEN: "an0ther-t0ken" },
    });
    const made = await ended(client, idOf(execution));
    assert.equal(
      made.status?.phase,
      Phase.COMPLETED,
      made.status?.error?.detail,
    );
    assert.deepEqual(made.spec?.secretNames, ["TOKEN"]);
    assert.deepEqual(server.keys, [TOKEN, "an0ther-t0ken"]);
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
  },
);

runningSuite(
  "children have the secrets of who starts them, waited for or not",
  async (backend, home) => {
    await using server = listener();
    const { client } = backend;
    await client.createWorkflow({
      workflow: {
        metadata: { name: "caller" },
        spec: fromJson(
          WorkflowSpecSchema,
          JSON.parse(JSON.stringify(
            caller(server.url, [{
              show: { set: { shown: "${ $env.SHARED }" } },
            }]),
          )),
        ),
      },
    });
    const child = (await_: boolean) => ({
      run: {
        workflow: { namespace: "t", name: "caller", version: "1.0.0" },
        await: await_,
      },
    });
    const outer: JsonObject = {
      document: {
        dsl: "1.0.3",
        namespace: "t",
        name: "outer",
        version: "1.0.0",
      },
      do: [{ waited: child(true) }, { left: child(false) }],
    };
    const made = await run(backend, {
      ...inline(outer, [], "outer"),
      secrets: { TOKEN },
      variables: { SHARED: "from the parent" },
    });
    assert.equal(
      made.status?.phase,
      Phase.COMPLETED,
      made.status?.error?.detail,
    );
    const { executions } = await client.listExecutions({});
    assert.equal(executions.length, 3);
    for (const it of executions) {
      const made = await ended(client, idOf(it));
      if (made.spec?.resourceName !== "caller") continue;
      assert.deepEqual(outputOf(made), { shown: "from the parent" });
    }
    assert.deepEqual(server.keys, [TOKEN, TOKEN]);
    assert.deepEqual(leftIn(home.path), [0, 0, 0]);
  },
);

runningSuite(
  "short secrets and names given twice are refused, without a value",
  async (backend) => {
    const { client } = backend;
    const request = inline(caller("http://127.0.0.1:1"));
    const short = await fails(
      client.createExecution({ ...request, secrets: { TOKEN: "q7x" } }),
      "INVALID_ARGUMENT",
      /"TOKEN" has under 4 characters/,
    );
    assert.ok(!short.message.includes("q7x"));
    await fails(
      client.createExecution({
        ...request,
        secrets: { TOKEN },
        variables: { TOKEN: "x" },
      }),
      "INVALID_ARGUMENT",
      /"TOKEN" is given as a variable and as a secret/,
    );
    assert.deepEqual((await client.listExecutions({})).executions, []);
  },
);

runningSuite(
  "a short secret of an environment that came along can be allowed",
  async (backend) => {
    await using server = listener();
    const short = environment("short", { secrets: { TOKEN: "q7x" } });
    const request = {
      ...inline(caller(server.url), [short]),
      environments: ["short"],
    };
    await fails(
      backend.client.createExecution(request),
      "INVALID_ARGUMENT",
      /"TOKEN" has under 4 characters/,
    );
    await run(backend, { ...request, allowShortSecrets: true });
    assert.deepEqual(server.keys, ["q7x"]);
  },
);

runningSuite("an agent's run has its secrets, too", async (backend, home) => {
  await Deno.writeTextFile(
    `${home.path}/bot.script.yaml`,
    "turns: [{ say: 'it is t0ken-9f8e7d6c5b' }]",
  );
  await backend.client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        model: { name: `script:${home.path}/bot.script.yaml` },
        env: { TOKEN: { secret: true, required: true } },
      },
    },
  });
  const made = await run(backend, {
    kind: "Agent",
    name: "bot",
    message: "say it",
    secrets: { TOKEN },
  });
  assert.equal(made.status?.phase, Phase.COMPLETED, made.status?.error?.detail);
  assert.equal(outputOf(made), "it is ***");
  assert.deepEqual(leftIn(home.path), [0, 0, 0]);
});

runningSuite(
  "a secret that is typed into a message is not kept",
  async (backend, home) => {
    await Deno.writeTextFile(
      `${home.path}/bot.script.yaml`,
      "turns: [{ when: { message: { matches: 't0ken-9f8e7d6c.b' } }, say: seen }]",
    );
    const { client } = backend;
    await client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          model: { name: `script:${home.path}/bot.script.yaml` },
          env: { TOKEN: { secret: true } },
        },
      },
    });
    await client.createEnvironment({
      environment: { metadata: { name: "prod" }, spec: { secrets: { TOKEN } } },
    });
    Deno.env.set("TYPED_TOKEN", TOKEN);
    using _ = { [Symbol.dispose]: () => Deno.env.delete("TYPED_TOKEN") };
    await client.createEnvironment({
      environment: {
        metadata: { name: "referred" },
        spec: {
          secretRefs: {
            TOKEN: { source: { case: "env", value: "TYPED_TOKEN" } },
          },
        },
      },
    });
    const ask = { kind: "Agent", name: "bot", message: `Is ${TOKEN} good?` };
    const all = [
      { secrets: { TOKEN } },
      { environments: ["prod"] },
      { environments: ["referred"] },
    ];
    for (const from of all) {
      const request = {
        ...ask,
        ...from,
        idempotencyKey: JSON.stringify(from.environments ?? []),
      };
      const made = await run(backend, request);
      assert.equal(
        made.status?.phase,
        Phase.COMPLETED,
        made.status?.error?.detail,
      );
      assert.equal(outputOf(made), "seen");
      assert.ok(!(await bytesOf(home.path)).includes(TOKEN));
      const again = await run(backend, request);
      assert.equal(idOf(again), idOf(made));
    }
    const { sessions } = await client.listSessions({});
    assert.deepEqual(
      sessions.map((it) => it.spec?.subject),
      ["Is *** good?", "Is *** good?", "Is *** good?"],
    );
    const noted = async () =>
      (await client.listSecretAccesses({ environment: "prod" })).accesses
        .length;
    const before = await noted();
    for (const from of all) {
      await fails(
        client.createExecution({
          ...inline(caller("http://127.0.0.1:1")),
          ...from,
          input: valueMessage(`my ${TOKEN}`),
        }),
        "INVALID_ARGUMENT",
        /its input holds the value of secret "TOKEN", and is kept as it is/,
      );
    }
    // Who tries values is seen to have done so.
    assert.equal(await noted(), before + 1);
  },
);

Deno.test("local: a secret that is a number is not kept in an input", async () => {
  await using home = temporaryHome();
  await using backend = await openBackend({ home: home.path, execute: "none" });
  const { client } = backend;
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: { instructions: INSTRUCTIONS, env: { TOKEN: { secret: true } } },
    },
  });
  const secrets = { TOKEN: "4711081512" };
  const input = valueMessage({ pin: 4711081512, others: [815, 1.5, true] });
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "bot",
    secrets,
    input,
  });
  assert.deepEqual(
    jsonOfValue(execution?.spec?.input, { absent: null, what: "it" }),
    { pin: "***", others: [815, 1.5, true] },
  );
  await fails(
    client.createExecution({
      ...inline(caller("http://127.0.0.1:1")),
      secrets,
      input,
    }),
    "INVALID_ARGUMENT",
    /^Cannot execute workflow "caller": its input holds the value of secret "TOKEN"/,
  );
  assert.ok(!(await bytesOf(home.path)).includes(secrets.TOKEN));
});
