import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import type { Context } from "../../src/cli/context.ts";
import { respondWith } from "../../src/cli/execution/responding.ts";
import { fakeContext } from "../../src/cli/fake_context.ts";
import type { FakeTerminal } from "../../src/host/fake.ts";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import type { Json } from "../../src/model/json.ts";
import { temporaryHome } from "../backend/suite.ts";
import { until } from "../until.ts";

function flow(name: string, tasks: Json) {
  const document = { dsl: "1.0.3", namespace: "t", name, version: "1.0.0" };
  const spec = { document, do: JSON.parse(JSON.stringify(tasks)) };
  const value = { metadata: { name }, spec };
  return { resource: { case: "workflow" as const, value } };
}

/** Starts a workflow and waits until it asks. */
async function start(
  client: BackendClient,
  tasks: Json,
  children: readonly ReturnType<typeof flow>[] = [],
): Promise<string> {
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
    definitions: [flow("flow", tasks), ...children],
  });
  const id = execution?.metadata?.id ?? "";
  await asks(client, id, "");
  return id;
}

/** Waits until an execution asks something that begins so. */
async function asks(
  client: BackendClient,
  id: string,
  prompt: string,
): Promise<void> {
  await until(async () => {
    const { execution } = await client.getExecution({ id });
    const tasks = execution?.status?.tasks ?? [];
    return tasks.some((it) => it.human?.prompt.startsWith(prompt));
  });
}

async function outputOf(client: BackendClient, id: string): Promise<Json> {
  const status = await until(async () => {
    const { execution } = await client.getExecution({ id });
    const { status } = execution ?? {};
    return status?.phase === Phase.COMPLETED && status;
  });
  return jsonOfValue(status.output, { absent: null, what: "it" });
}

/** A context whose terminal a test can look at; its clock is the real one. */
interface TypingContext extends Context {
  readonly host: Host & { readonly terminal: FakeTerminal };
}

/** The context of a terminal at which a person types these lines. */
async function typing(
  lines: readonly (string | (() => Promise<string>))[],
): Promise<TypingContext> {
  const context = await fakeContext("--color never", { columns: 80 });
  const left = [...lines];
  const io = {
    ...context.io,
    async ask(question: string): Promise<string | undefined> {
      context.host.terminal.write("stderr", question);
      const next = left.shift();
      return typeof next === "function" ? await next() : next;
    },
  };
  const { clock } = systemHost();
  return { ...context, io, host: { ...context.host, clock } };
}

const NOTHING = {
  task: undefined,
  outcome: undefined,
  data: undefined,
  comment: undefined,
};

const TWO: Json = [
  { first: { call: "human", with: { prompt: "A?", outcomes: ["yes", "no"] } } },
  {
    second: { call: "human", with: { prompt: "B?", outcomes: ["yes", "no"] } },
  },
];

/** Types "yes" to what is shown, when it was answered elsewhere meanwhile. */
async function lateYes(client: BackendClient, id: string): Promise<Context> {
  return await typing([async () => {
    await client.respondExecution({ id, outcome: "no" });
    await asks(client, id, "B?");
    return "yes";
  }, ""]);
}

Deno.test("what is typed answers the question that was shown, never the next one", async () => {
  await using home = temporaryHome();
  await using backend = await openBackend({ home: home.path });
  const { client } = backend;
  const id = await start(client, TWO);
  const context = await lateYes(client, id);
  await rejects(respondWith(context, client, { id, ...NOTHING }), {
    code: "FAILED_PRECONDITION",
    message: /it was answered "no"/,
  });
  await asks(client, id, "B?");
});

Deno.test("what is typed does not answer a second visit of the same task", async () => {
  await using home = temporaryHome();
  await using backend = await openBackend({ home: home.path });
  const { client } = backend;
  const id = await start(client, [
    { count: { set: { n: "${ (.n // 0) + 1 }" }, export: { as: "." } } },
    {
      sure: {
        call: "human",
        with: {
          prompt: '${ if $context.n == 1 then "A?" else "B?" end }',
          outcomes: ["yes", "no"],
        },
        output: { as: "{ n: $context.n }" },
        then: "count",
      },
    },
  ]);
  const context = await lateYes(client, id);
  await rejects(respondWith(context, client, { id, ...NOTHING }), {
    code: "FAILED_PRECONDITION",
    message: /it was answered "no"/,
  });
  await asks(client, id, "B?");
});

Deno.test("what is typed answers the question of the child that was shown", async () => {
  await using home = temporaryHome();
  await using backend = await openBackend({ home: home.path });
  const { client } = backend;
  const id = await start(client, [{
    inner: {
      run: { workflow: { namespace: "t", name: "child", version: "1.0.0" } },
    },
  }], [flow("child", TWO)]);
  const context = await lateYes(client, id);
  await rejects(respondWith(context, client, { id, ...NOTHING }), {
    code: "FAILED_PRECONDITION",
    message: /it was answered "no"/,
  });
  await asks(client, id, "B?");
  const now = await typing(["1", ""]);
  strictEqual(await respondWith(now, client, { id, ...NOTHING }), "ok");
});

Deno.test("an answer that does not fit is asked for again, and a comment is asked for", async () => {
  await using home = temporaryHome();
  await using backend = await openBackend({ home: home.path });
  const { client } = backend;
  const id = await start(client, [{
    sure: {
      call: "human",
      with: {
        prompt: "Deploy?",
        outcomes: ["approve", "not yet"],
        schema: { type: "object", required: ["window"] },
      },
      output: { as: "{ outcome, data, comment }" },
    },
  }]);
  const context = await typing(
    ["aprove", "3", "1", "{}", "", "2", '{"window": 1}', "Sunday"],
  );
  strictEqual(await respondWith(context, client, { id, ...NOTHING }), "ok");
  deepStrictEqual(await outputOf(client, id), {
    outcome: "not yet",
    data: { window: 1 },
    comment: "Sunday",
  });
  const said = context.host.terminal.text("stderr");
  match(
    said,
    /Answer: "aprove" is not an outcome, choose one of "approve", "not yet"\nDid you mean "approve"\?\nAnswer: /,
  );
  match(said, /"3" is not an outcome/);
  match(said, /the data does not fit: .*window/);
});

Deno.test("a comment that was given is not asked for, and the end of the input answers nothing", async () => {
  await using home = temporaryHome();
  await using backend = await openBackend({ home: home.path });
  const { client } = backend;
  const id = await start(client, [{
    word: {
      call: "human",
      with: { prompt: "Say a word" },
      output: { as: "{ outcome, comment }" },
    },
  }]);
  const none = await typing([""]);
  strictEqual(
    await respondWith(none, client, { id, ...NOTHING }),
    "CANCELLED",
  );
  match(
    none.host.terminal.text("stderr"),
    /a word at the least[^]*Nothing was/,
  );
  const given = await typing(["hello"]);
  strictEqual(
    await respondWith(given, client, { id, ...NOTHING, comment: "mine" }),
    "ok",
  );
  deepStrictEqual(await outputOf(client, id), {
    outcome: "hello",
    comment: "mine",
  });
});
