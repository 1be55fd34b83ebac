import assert from "node:assert/strict";
import {
  activityContext,
  failureOf,
  outputOf,
  type Recorder,
  startRecorder,
} from "../../tests/servers/recorder.ts";
import { systemHost } from "../host/system.ts";
import type { ActivityOutcome } from "../model/durable.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createA2aActivity } from "./a2a.ts";
import { createAuthorizer } from "./authorize.ts";
import { createDocuments } from "./documents.ts";

const MESSAGE = { message: { parts: [{ kind: "text", text: "hi" }] } };

function call(
  input: JsonObject,
  signal?: AbortSignal,
): Promise<ActivityOutcome> {
  const host = systemHost();
  const authorizer = createAuthorizer({ host });
  const documents = createDocuments({ host, authorizer });
  return createA2aActivity({ authorizer, documents })(
    { method: "message/send", parameters: MESSAGE, ...input },
    activityContext(signal === undefined ? {} : { signal }),
  );
}

/** An agent that answers with what it was asked, and has a card. */
function startAgent(
  card: (url: string) => Json = (url) => ({ url: `${url}/rpc` }),
): Recorder {
  const agent: Recorder = startRecorder(({ target, body }) => {
    if (target.endsWith("agent-card.json")) {
      return Response.json(card(agent.url));
    }
    if (target !== "/rpc") return undefined;
    const asked = JSON.parse(body);
    return Response.json({ jsonrpc: "2.0", id: asked.id, result: asked });
  });
  return agent;
}

Deno.test("a2a asks a server and fills in what the protocol requires", async () => {
  await using agent = startAgent();
  const ask = async (input: JsonObject = {}) =>
    outputOf(await call({ server: { uri: `${agent.url}/rpc` }, ...input }));
  const first = await ask();
  assert.deepEqual(first, await ask(), "the same when it is sent again");
  const { message, ...rest } = Object(first).params;
  assert.deepEqual(rest, {});
  assert.match(
    message.messageId,
    /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
  );
  assert.deepEqual({ ...message, messageId: "" }, {
    kind: "message",
    role: "user",
    messageId: "",
    parts: [{ kind: "text", text: "hi" }],
  });
  assert.deepEqual(
    await ask({ method: "tasks/get", parameters: { id: "t1" } }),
    { jsonrpc: "2.0", id: 1, method: "tasks/get", params: { id: "t1" } },
  );
  assert.deepEqual(
    await ask({
      method: "agent/getAuthenticatedExtendedCard",
      parameters: null,
    }),
    { jsonrpc: "2.0", id: 1, method: "agent/getAuthenticatedExtendedCard" },
  );
  assert.equal(
    agent.requests[0]?.headers.get("idempotency-key"),
    "wex-1/do/0/call#1",
  );
});

Deno.test("a2a keeps what a message says itself", async () => {
  await using agent = startAgent();
  const message = { role: "agent", messageId: "m", kind: "message", parts: [] };
  const output = outputOf(
    await call({
      server: { uri: `${agent.url}/rpc` },
      parameters: { message },
    }),
  );
  assert.deepEqual(Object(output).params, { message });
});

Deno.test("a2a finds the agent by its card", async () => {
  const cards: ((url: string) => Json)[] = [
    (url) => ({ url: `${url}/rpc` }),
    () => ({ url: "/rpc", preferredTransport: "JSONRPC" }),
    (url) => ({
      url: `${url}/grpc`,
      preferredTransport: "GRPC",
      additionalInterfaces: [{ transport: "JSONRPC", url: `${url}/rpc` }],
    }),
    (url) => ({
      supportedInterfaces: [
        { protocolBinding: "GRPC", url: `${url}/grpc` },
        { protocolBinding: "JSONRPC", url: `${url}/rpc` },
      ],
    }),
  ];
  for (const card of cards) {
    await using agent = startAgent(card);
    for (const path of ["", "/.well-known/agent-card.json"]) {
      outputOf(await call({ agentCard: { uri: agent.url + path } }));
      assert.deepEqual(agent.requests.slice(-2).map(({ target }) => target), [
        "/.well-known/agent-card.json",
        "/rpc",
      ]);
    }
  }
  for (
    const card of [
      { url: "x", preferredTransport: "GRPC" },
      { url: "file:///etc/hosts" },
    ]
  ) {
    await using silent = startAgent(() => card);
    assert.match(
      failureOf(await call({ agentCard: { uri: silent.url } })).detail,
      /names no address at which the agent speaks JSON-RPC/,
    );
  }
  const failure = failureOf(await call({ server: { uri: "agent" } }));
  assert.match(failure.type, /configuration$/);
  assert.equal(
    failure.detail,
    'Cannot ask agent "agent": that is no address of http or https',
  );
});

Deno.test("a2a proves who asks to the card's own host only", async () => {
  await using agent = startAgent();
  await using elsewhere = startAgent(() => ({ url: `${agent.url}/rpc` }));
  const authentication = { scheme: "bearer", properties: { token: "t" } };
  const given = async (uri: string, server: Json = null) => {
    outputOf(await call({ agentCard: { uri, authentication }, server }));
    return agent.requests.at(-1)?.headers.get("authorization");
  };
  assert.equal(await given(agent.url), "Bearer t");
  assert.equal(await given(elsewhere.url), null);
  assert.equal(
    await given(elsewhere.url, { uri: agent.url, authentication }),
    "Bearer t",
  );
});

Deno.test("a2a gives what proves who asks to no host that a moved card or another card names", async () => {
  await using thief = startAgent();
  await using mover = startRecorder(() =>
    Response.redirect(`${thief.url}/.well-known/agent-card.json`)
  );
  await using lurer = startAgent(() => ({ url: `${thief.url}/rpc` }));
  const authentication = { scheme: "bearer", properties: { token: "t" } };
  const cases: readonly JsonObject[] = [
    { agentCard: { uri: mover.url, authentication } },
    {
      agentCard: { uri: lurer.url },
      server: { uri: lurer.url, authentication },
    },
  ];
  for (const input of cases) {
    outputOf(await call(input));
    assert.equal(thief.requests.at(-1)?.target, "/rpc");
  }
  const shown = thief.requests.map(({ headers }) =>
    headers.get("authorization")
  );
  assert.deepEqual(shown.filter((it) => it !== null), []);
});

Deno.test("a2a gathers what an agent streams", async () => {
  await using agent = startRecorder(({ body }) => {
    const events = [1, 2, 3].map((n) =>
      `data: ${JSON.stringify({ jsonrpc: "2.0", id: 1, result: { n } })}\n\n`
    );
    return new Response(
      JSON.parse(body).method === "tasks/resubscribe"
        ? events.slice(1).join("")
        : events.join(""),
      { headers: { "content-type": "text/event-stream" } },
    );
  });
  const server = { uri: agent.url };
  assert.deepEqual(
    outputOf(await call({ server, method: "message/stream" })),
    [{ n: 1 }, { n: 2 }, { n: 3 }],
  );
  assert.deepEqual(
    outputOf(
      await call({
        server,
        method: "tasks/resubscribe",
        parameters: { id: "t" },
      }),
    ),
    [{ n: 2 }, { n: 3 }],
  );
  assert.match(
    agent.requests[0]?.headers.get("accept") ?? "",
    /^text\/event-stream/,
  );
});

Deno.test("a2a says what the agent said when it refuses", async () => {
  const error = { code: -32001, message: "Task not found", data: { id: "t" } };
  const refusal = { jsonrpc: "2.0", id: 1, error };
  const cases: readonly [() => Response, string, number, RegExp][] = [
    [
      () => Response.json(refusal),
      "runtime",
      500,
      /^message\/send of agent "http:.*" was refused: Task not found \(-32001\) \{"id":"t"\}$/,
    ],
    [
      () => Response.json(refusal, { status: 400 }),
      "runtime",
      500,
      /Task not found/,
    ],
    [
      () =>
        new Response(`data: ${JSON.stringify(refusal)}\n\n`, {
          headers: { "content-type": "text/event-stream" },
        }),
      "runtime",
      500,
      /Task not found/,
    ],
    [
      () => new Response("busy", { status: 503 }),
      "communication",
      503,
      /answered 503 Service Unavailable: busy$/,
    ],
    [() => new Response("hello"), "communication", 500, /no JSON-RPC: hello$/],
  ];
  for (const [answer, kind, status, detail] of cases) {
    await using agent = startRecorder(answer);
    const failure = failureOf(await call({ server: { uri: agent.url } }));
    assert.match(failure.type, new RegExp(`/${kind}$`));
    assert.equal(failure.status, status);
    assert.match(failure.detail, detail);
  }
});
