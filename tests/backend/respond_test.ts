import assert from "node:assert/strict";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Backend,
  type BackendClient,
  openBackend,
} from "../../src/backend/open.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import {
  childOf,
  fails,
  identityOf,
  runningSuite,
  temporaryHome,
} from "./suite.ts";

const WAIT_MS_MAX = 20_000;

/** A workflow that travels with its execution. */
function flow(name: string, tasks: Json) {
  const document = { dsl: "1.0.3", namespace: "t", name, version: "1.0.0" };
  const spec = { document, do: JSON.parse(JSON.stringify(tasks)) };
  const value = { metadata: { name }, spec };
  return { resource: { case: "workflow" as const, value } };
}

async function start(client: BackendClient, tasks: Json): Promise<string> {
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
    definitions: [flow("flow", tasks)],
  });
  return execution?.metadata?.id ?? "";
}

function ask(given: JsonObject): Json {
  return { call: "human", with: { prompt: "Deploy?", ...given } };
}

const APPROVAL = ask({ outcomes: ["approve", "reject"] });

/** Reads an execution once it is in a phase, and something holds besides. */
async function reached(
  client: BackendClient,
  id: string,
  phase: Phase,
  holds: (execution: Execution) => boolean = () => true,
): Promise<Execution> {
  const endMs = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const { execution } = await client.getExecution({ id });
    assert.ok(execution);
    const { status } = execution;
    if (status?.phase === phase && holds(execution)) return execution;
    assert.ok(
      Date.now() < endMs,
      `${id} is ${Phase[status?.phase ?? 0]}, not ${Phase[phase]}: ` +
        (status?.error?.detail ?? status?.waitingFor),
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function outputOf(execution: Execution): Json {
  return jsonOfValue(execution.status?.output, { absent: null, what: "it" });
}

async function own(home: string): Promise<Backend> {
  return await openBackend({ home });
}

runningSuite(
  "a person's task waits with its question, and goes on with the answer",
  async (backend) => {
    const { client } = backend;
    const id = await start(client, [{ sure: APPROVAL }]);
    const waiting = await reached(client, id, Phase.WAITING);
    assert.equal(waiting.status?.waitingFor, 'answer to "Deploy?"');
    const [task] = waiting.status.tasks;
    assert.equal(task?.phase, Phase.WAITING);
    assert.deepEqual(
      [task.human?.prompt, task.human?.outcomes],
      ["Deploy?", ["approve", "reject"]],
    );
    const answer = await client.respondExecution({
      id,
      outcome: "approve",
      data: valueMessage({ note: "${ $secrets.x }" }),
      comment: "fine",
    });
    assert.equal(answer.path, "/do/0/sure");
    const done = await reached(client, id, Phase.COMPLETED);
    const output = outputOf(done) as Record<string, Json>;
    assert.match(String(output.respondedAt), /^\d{4}-.*Z$/);
    assert.deepEqual({ ...output, respondedAt: "" }, {
      outcome: "approve",
      data: { note: "${ $secrets.x }" },
      comment: "fine",
      respondedBy: await identityOf(client),
      respondedAt: "",
    });
    assert.equal(done.status?.tasks[0]?.human, undefined);
  },
);

runningSuite(
  "an answer that does not fit is refused, and says what would",
  async (backend) => {
    const { client } = backend;
    const id = await start(client, [{
      sure: ask({
        outcomes: ["approve", "reject"],
        schema: {
          type: "object",
          properties: { days: { type: "integer" } },
          required: ["days"],
        },
      }),
    }]);
    await reached(client, id, Phase.WAITING);
    const data = (value: Json) => ({ data: valueMessage(value) });
    await fails(
      client.respondExecution({ id }),
      "INVALID_ARGUMENT",
      /needs an outcome, one of "approve", "reject"/,
    );
    const wrong = await fails(
      client.respondExecution({ id, outcome: "aprove", ...data({ days: 1 }) }),
      "INVALID_ARGUMENT",
      /"aprove" is not an outcome/,
    );
    assert.deepEqual(wrong.hints, ['Did you mean "approve"?']);
    await fails(
      client.respondExecution({ id, outcome: "approve" }),
      "INVALID_ARGUMENT",
      /needs data/,
    );
    await fails(
      client.respondExecution({
        id,
        outcome: "approve",
        ...data({ days: "x" }),
      }),
      "INVALID_ARGUMENT",
      /does not fit: at \/days/,
    );
    await fails(
      client.respondExecution({ id, task: "shure", outcome: "approve" }),
      "NOT_FOUND",
      /"shure"/,
    );
    await fails(
      client.signalExecution({ id, name: "respond:/do/0/sure" }),
      "INVALID_ARGUMENT",
      /that is an answer/,
    );
    const still = await reached(client, id, Phase.WAITING);
    assert.equal(still.status?.tasks[0]?.human?.prompt, "Deploy?");
    await client.respondExecution({
      id,
      task: "sure",
      outcome: "approve",
      ...data({ days: 3 }),
    });
    await reached(client, id, Phase.COMPLETED);
  },
);

runningSuite(
  "the first answer counts; a second one is told who gave it",
  async (backend) => {
    const { client } = backend;
    const id = await start(client, [{ sure: APPROVAL }, { more: APPROVAL }]);
    await reached(client, id, Phase.WAITING);
    await fails(
      client.respondExecution({ id, task: "more", outcome: "approve" }),
      "NOT_FOUND",
    );
    await client.respondExecution({ id, task: "sure", outcome: "approve" });
    await fails(
      client.respondExecution({ id, task: "sure", outcome: "reject" }),
      "FAILED_PRECONDITION",
      /it was answered "approve" by (local-user|token:suite-\S+) at \d{4}/,
    );
    await client.respondExecution({ id, task: "more", outcome: "reject" });
    await reached(client, id, Phase.COMPLETED);
    await fails(
      client.respondExecution({ id, outcome: "approve" }),
      "FAILED_PRECONDITION",
      /: it asks nothing any more, it is COMPLETED; the last answer was "reject" by (local-user|token:suite-)/,
    );
  },
);

runningSuite(
  "of several questions one must be named, by path or name",
  async (backend) => {
    const { client } = backend;
    const id = await start(client, [{
      both: {
        fork: {
          branches: [{ left: APPROVAL }, { right: ask({ outcomes: ["yes"] }) }],
        },
      },
    }]);
    await reached(client, id, Phase.WAITING);
    const several = await fails(
      client.respondExecution({ id, outcome: "yes" }),
      "FAILED_PRECONDITION",
      /2 tasks wait for an answer, name one/,
    );
    assert.deepEqual(several.hints, [
      `stigmer execution respond ${id} /do/0/both/fork/branches/0/left`,
      `stigmer execution respond ${id} /do/0/both/fork/branches/1/right`,
    ]);
    await client.respondExecution({ id, task: "right", outcome: "yes" });
    const waiting = await reached(client, id, Phase.WAITING);
    assert.equal(waiting.status?.tasks.filter((it) => it.human).length, 1);
    await client.respondExecution({ id, outcome: "reject" });
    const done = await reached(client, id, Phase.COMPLETED);
    assert.deepEqual(
      (outputOf(done) as { outcome: string }[]).map((it) => it.outcome),
      ["reject", "yes"],
    );
  },
);

Deno.test("an answer without a worker is kept, also by one who was killed", async () => {
  await using home = temporaryHome();
  let id = "";
  {
    await using backend = await own(home.path);
    id = await start(backend.client, [{ sure: APPROVAL }]);
    await reached(backend.client, id, Phase.WAITING);
  }
  await using idle = await openBackend({ home: home.path, execute: "none" });
  const kept = await idle.client.respondExecution({ id, outcome: "approve" });
  assert.equal(
    kept.execution?.status?.waitingFor,
    "a worker, to take an answer",
  );
  await fails(
    idle.client.respondExecution({ id, outcome: "reject" }),
    "FAILED_PRECONDITION",
    /was (answered )?"approve" by/,
  );
  await idle.work({ untilIdle: true, signal: new AbortController().signal });
  const done = await reached(idle.client, id, Phase.COMPLETED);
  assert.equal((outputOf(done) as { outcome: string }).outcome, "approve");
});

Deno.test("an answer that no worker took yet shows nothing of what will follow", async () => {
  await using home = temporaryHome();
  let id = "";
  {
    await using backend = await own(home.path);
    id = await start(backend.client, [
      { sure: APPROVAL },
      { noted: { set: { x: 1 } } },
      { boom: { raise: { error: { type: "https://x.test/e", status: 500 } } } },
    ]);
    await reached(backend.client, id, Phase.WAITING);
  }
  await using idle = await openBackend({ home: home.path, execute: "none" });
  const { client } = idle;
  await client.respondExecution({ id, outcome: "approve" });
  const { execution } = await client.getExecution({ id });
  const stand = execution?.status?.tasks.map((it) => [
    it.path,
    Phase[it.phase],
    it.human?.prompt,
  ]);
  assert.deepEqual(stand, [["/do/0/sure", "WAITING", undefined]]);
  const { tasks } = await client.traceExecution({ id });
  assert.deepEqual(tasks.map((it) => it.status?.path), ["/do/0/sure"]);
  await idle.work({ untilIdle: true, signal: new AbortController().signal });
  const failed = await reached(client, id, Phase.FAILED);
  assert.equal(failed.status?.tasks.length, 3);
});

runningSuite(
  "of processes that answer at once, one wins",
  async (backend, home) => {
    const { client } = backend;
    const id = await start(client, [{ sure: ask({}) }]);
    await reached(client, id, Phase.WAITING);
    const answers = await Promise.all(
      ["a", "b", "c"].map((word) =>
        childOf("respond.ts", [home.path, id, word]).output()
      ),
    );
    const texts = answers.map((it) =>
      new TextDecoder().decode(it.stdout).trim()
    );
    const wins = texts.filter((it) => it.startsWith("won "));
    assert.equal(wins.length, 1, texts.join(" / "));
    for (const text of texts) assert.match(text, /^(won|FAILED_PRECONDITION) /);
    const done = await reached(client, id, Phase.COMPLETED);
    const { outcome } = outputOf(done) as { outcome: string };
    assert.equal(wins[0], `won ${outcome}`);
  },
);

runningSuite("a question that is over takes no answer", async (backend) => {
  const { client } = backend;
  const id = await start(client, [
    { sure: ask({ timeout: { milliseconds: 300 }, onTimeout: "never" }) },
    { later: ask({ outcomes: ["yes"] }) },
  ]);
  await reached(
    client,
    id,
    Phase.WAITING,
    (it) => it.status?.tasks[1]?.human !== undefined,
  );
  await fails(
    client.respondExecution({ id, task: "sure", outcome: "yes" }),
    "FAILED_PRECONDITION",
    /"sure" .* asks nothing, it is COMPLETED/,
  );
  await client.cancelExecution({ id });
  await reached(client, id, Phase.CANCELLED);
  await fails(
    client.respondExecution({ id, outcome: "yes" }),
    "FAILED_PRECONDITION",
    /it asks nothing, it is CANCELLED/,
  );
});

/** A workflow that runs another one. */
function runs(workflow: string): Json {
  const named = { namespace: "t", name: workflow, version: "1.0.0" };
  return { run: { workflow: named } };
}

runningSuite(
  "a question of a child shows on the parents, and can be answered there",
  async (backend) => {
    const { client } = backend;
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: "top",
      definitions: [
        flow("top", [{ delegate: runs("middle") }]),
        flow("middle", [{ rest: { wait: { milliseconds: 400 } } }, {
          pass: runs("bottom"),
        }]),
        flow("bottom", [{ sure: APPROVAL }]),
      ],
    });
    const id = execution?.metadata?.id ?? "";
    await reached(
      client,
      id,
      Phase.WAITING,
      (it) => it.status?.tasks[0]?.human?.prompt === "Deploy?",
    );
    const { executions } = await client.listExecutions({});
    for (const it of executions) {
      assert.match(it.status?.waitingFor ?? "", /^answer to "Deploy\?"/);
    }
    const top = executions.find((it) => it.metadata?.id === id);
    assert.match(
      top?.status?.waitingFor ?? "",
      /^answer to "Deploy\?" in workflow "bottom" \(wex-\w+\) in workflow "middle" \(wex-\w+\)$/,
    );
    // By the path of the task that waits for the child, as `get` shows it.
    const answer = await client.respondExecution({
      id,
      task: "/do/0/delegate",
      outcome: "reject",
    });
    assert.equal(answer.execution?.spec?.resourceName, "bottom");
    const done = await reached(client, id, Phase.COMPLETED);
    assert.equal((outputOf(done) as { outcome: string }).outcome, "reject");
  },
);

runningSuite(
  "people are asked in a graph and in a loop, each time anew",
  async (backend) => {
    const { client } = backend;
    const spec = {
      inputs: { names: "array" },
      tasks: [{
        name: "all",
        inputs: { names: "${workflow.inputs.names}" },
        for: { each: "name", in: ".names" },
        do: [{
          ask: {
            call: "human",
            with: { prompt: "${ $name }?" },
            output: { as: ".outcome" },
            export: { as: "${ ($context // []) + [.] }" },
          },
        }, { kept: { set: { said: "${ $context }" } } }],
      }],
    };
    const value = {
      metadata: { name: "flow" },
      spec: JSON.parse(JSON.stringify(spec)),
    };
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: "flow",
      input: valueMessage({ names: ["Ada", "Bob"] }),
      definitions: [{ resource: { case: "workflow", value } }],
    });
    const id = execution?.metadata?.id ?? "";
    for (const name of ["Ada", "Bob"]) {
      await reached(
        client,
        id,
        Phase.WAITING,
        (it) => it.status?.waitingFor === `answer to "${name}?"`,
      );
      await client.respondExecution({ id, outcome: name.toLowerCase() });
    }
    const done = await reached(client, id, Phase.COMPLETED);
    assert.deepEqual(outputOf(done), { all: { said: ["ada", "bob"] } });
  },
);
