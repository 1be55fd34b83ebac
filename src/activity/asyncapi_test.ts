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
import {
  type AsyncApiActivities,
  createAsyncApiActivities,
} from "./asyncapi.ts";
import { createAuthorizer } from "./authorize.ts";
import { createDocuments } from "./documents.ts";

function newActivities(): AsyncApiActivities {
  const host = systemHost();
  const authorizer = createAuthorizer({ host });
  const documents = createDocuments({ host, authorizer });
  return createAsyncApiActivities({ host, authorizer, documents });
}

function run(
  { activities }: AsyncApiActivities,
  name: string,
  input: JsonObject,
  options: { readonly path?: string; readonly signal?: AbortSignal } = {},
): Promise<ActivityOutcome> {
  const activity = activities[name];
  assert.ok(activity !== undefined);
  return activity(input, activityContext(options));
}

const NEW = (server: string): JsonObject => ({
  asyncapi: "3.0.0",
  servers: {
    broker: { host: "broker:9092", protocol: "kafka" },
    web: {
      host: server.replace("http://", ""),
      pathname: "/{env}",
      protocol: "http",
      variables: { env: { default: "dev", enum: ["dev", "prod"] } },
    },
  },
  channels: {
    pets: {
      address: "/pets/{kind}",
      parameters: { kind: { location: "$message.payload#/kind" } },
      messages: { pet: { $ref: "#/components/messages/pet" } },
    },
    news: {
      address: "news",
      messages: { pet: { $ref: "#/components/messages/pet" } },
    },
    queue: { address: "queue", servers: [{ $ref: "#/servers/broker" }] },
  },
  operations: {
    sendPet: { action: "receive", channel: { $ref: "#/channels/pets" } },
    putPet: {
      action: "receive",
      channel: { $ref: "#/channels/pets" },
      bindings: {
        http: {
          method: "PUT",
          query: { properties: { v: { const: "2" }, other: {} } },
        },
      },
    },
    getNews: { action: "send", channel: { $ref: "#/channels/news" } },
    enqueue: { action: "receive", channel: { $ref: "#/channels/queue" } },
  },
  components: {
    messages: {
      pet: {
        contentType: "application/vnd.pet+json",
        correlationId: { location: "$message.payload#/id" },
      },
    },
  },
});

const OLD = (server: string): JsonObject => ({
  asyncapi: "2.6.0",
  defaultContentType: "application/json",
  servers: {
    staging: { url: `${server}/{v}`, protocol: "http", variables: { v: {} } },
  },
  channels: {
    "/pets": {
      publish: {
        operationId: "addPet",
        message: { oneOf: [{ contentType: "text/plain" }] },
      },
      subscribe: { operationId: "watchPets" },
    },
  },
});

function serve(
  document: (url: string) => Json,
  answer: Parameters<typeof startRecorder>[0] = () =>
    Response.json({ ok: true }),
): Recorder {
  const recorder: Recorder = startRecorder((request) =>
    request.target === "/doc.json"
      ? Response.json(document(recorder.url))
      : answer(request)
  );
  return recorder;
}

function publish(recorder: Recorder, input: JsonObject) {
  return run(newActivities(), "asyncapi-publish", {
    document: { uri: `${recorder.url}/doc.json` },
    ...input,
  });
}

Deno.test("asyncapi publishes as the operation, its channel and its binding say", async () => {
  await using recorder = serve(NEW);
  const output = outputOf(
    await publish(recorder, {
      operation: "sendPet",
      payload: { kind: "big cat", id: 7 },
      headers: { "x-a": "b" },
      authentication: { scheme: "bearer", properties: { token: "t" } },
    }),
  );
  assert.deepEqual(output, { ok: true });
  const request = recorder.requests.at(-1);
  assert.equal(request?.method, "POST");
  assert.equal(request?.target, "/dev/pets/big%20cat");
  assert.equal(request?.body, '{"kind":"big cat","id":7}');
  assert.equal(
    request?.headers.get("content-type"),
    "application/vnd.pet+json",
  );
  assert.equal(request?.headers.get("x-a"), "b");
  assert.equal(request?.headers.get("authorization"), "Bearer t");
  assert.equal(request?.headers.get("idempotency-key"), "wex-1/do/0/call#1");
  outputOf(
    await publish(recorder, {
      operation: "putPet",
      server: { name: "web", variables: { env: "prod", kind: "dog" } },
      payload: {},
    }),
  );
  assert.equal(recorder.requests.at(-1)?.method, "PUT");
  assert.equal(recorder.requests.at(-1)?.target, "/prod/pets/dog?v=2");
});

Deno.test("asyncapi publishes to a channel of version 2.x", async () => {
  await using recorder = serve(OLD);
  for (const named of [{ channel: "/pets" }, { operation: "addPet" }]) {
    outputOf(
      await publish(recorder, {
        ...named,
        server: { name: "staging", variables: { v: "v1" } },
        payload: "meow",
      }),
    );
    const request = recorder.requests.at(-1);
    assert.equal(request?.target, "/v1/pets");
    assert.equal(request?.body, "meow");
    assert.equal(request?.headers.get("content-type"), "text/plain");
  }
});

Deno.test("asyncapi names what it cannot find or speak", async () => {
  const cases: readonly [(url: string) => JsonObject, JsonObject, RegExp][] = [
    [
      NEW,
      { operation: "sendPets" },
      /no operation "sendPets". Did you mean "sendPet"\?/,
    ],
    [OLD, { channel: "/pet" }, /no channel "\/pet". Did you mean "\/pets"\?/],
    [
      NEW,
      { operation: "sendPet", server: { name: "webb" } },
      /no server "webb". Did you mean "web"\?/,
    ],
    [
      NEW,
      { operation: "sendPet", server: { name: "broker" } },
      /Server "broker" of .* speaks "kafka", whose binding is not spoken here/,
    ],
    [
      NEW,
      { operation: "enqueue" },
      /no server that speaks http or ws, only kafka/,
    ],
    [
      NEW,
      { operation: "sendPet", protocol: "ws" },
      /no server that speaks ws, only kafka, http/,
    ],
    [
      NEW,
      { operation: "sendPet" },
      /The channel needs parameter "kind": give it under "server.variables"/,
    ],
    [
      NEW,
      {
        operation: "getNews",
        server: { name: "web", variables: { env: "x" } },
      },
      /Variable "env" must be one of dev, prod, not "x"/,
    ],
    [OLD, { channel: "/pets" }, /The server needs variable "v"/],
    [
      () => ({ openapi: "3.0.0" }),
      { channel: "x" },
      /is no AsyncAPI document of version 2.x or 3.x/,
    ],
  ];
  for (const [document, input, detail] of cases) {
    await using recorder = serve(document);
    assert.match(failureOf(await publish(recorder, input)).detail, detail);
  }
});

/** Takes messages until the server ends or there are enough. */
async function take(
  activities: AsyncApiActivities,
  recorder: Recorder,
  options: {
    readonly amount?: number;
    readonly cursor?: Json;
    readonly input?: JsonObject;
  } = {},
): Promise<{ readonly messages: Json[]; readonly cursor: Json }> {
  const messages: Json[] = [];
  let cursor = options.cursor ?? null;
  for (let i = 0; i < (options.amount ?? 100); i++) {
    const answer = outputOf(
      await run(activities, "asyncapi-receive", {
        document: { uri: `${recorder.url}/doc.json` },
        operation: "getNews",
        cursor,
        ...options.input,
      }, { path: `/do/0/call/message/${i}` }),
    );
    const { message, cursor: next } = Object(answer);
    if (message === undefined) break;
    messages.push(message);
    cursor = next;
  }
  return { messages, cursor };
}

function payloads({ messages }: { readonly messages: Json[] }): Json[] {
  return messages.map((it) => Object(it).payload);
}

/** A stream that gives a text and then breaks off. */
function breakingAfter(text: string): Response {
  const pieces = [new TextEncoder().encode(text)];
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.error(new Error("cut"));
      else controller.enqueue(piece);
    },
  });
  return new Response(body, EVENTS);
}

const EVENTS = { headers: { "content-type": "text/event-stream" } };

Deno.test("asyncapi reads no file of this machine for a document of another", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "mine");
    await using recorder = startRecorder(() =>
      Response.json({
        asyncapi: "2.6.0",
        servers: { here: { url: `file://${file}`, protocol: "http" } },
        channels: { "/": { subscribe: { operationId: "read" } } },
      })
    );
    const outcome = await run(newActivities(), "asyncapi-receive", {
      document: { uri: `${recorder.url}/doc.json` },
      operation: "read",
      cursor: null,
    });
    const failure = failureOf(outcome);
    assert.match(failure.type, /configuration$/);
    assert.match(
      failure.detail,
      /leads to "file:.*", which is no address of http or ws/,
    );
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("asyncapi reads one answer, an array, lines and envelopes", async () => {
  const lines = { headers: { "content-type": "application/x-ndjson" } };
  const cases: readonly [() => Response, Json[]][] = [
    [() => Response.json({ id: 1 }), [{
      payload: { id: 1 },
      headers: {},
      correlationId: 1,
    }]],
    [() => Response.json([1, "a"]), [
      { payload: 1, headers: {} },
      { payload: "a", headers: {} },
    ]],
    [() => new Response('{"id":2}\n\n[3]\r\n"x"', lines), [
      { payload: { id: 2 }, headers: {}, correlationId: 2 },
      { payload: [3], headers: {} },
      { payload: "x", headers: {} },
    ]],
    [
      () =>
        Response.json([{
          payload: 1,
          headers: { a: "b" },
          correlationId: "c",
        }]),
      [{ payload: 1, headers: { a: "b" }, correlationId: "c" }],
    ],
    [() => new Response(null, { status: 204 }), []],
  ];
  for (const [answer, expected] of cases) {
    await using recorder = serve(NEW, answer);
    const { messages } = await take(newActivities(), recorder);
    assert.deepEqual(messages, expected);
    assert.equal(recorder.requests.at(-1)?.target, "/dev/news");
  }
});

Deno.test("asyncapi reads server-sent events over one connection", async () => {
  await using recorder = serve(
    NEW,
    () =>
      new Response(
        'id: 7\nevent: pet\ndata: {"id":1}\n\ndata: two\n\n',
        EVENTS,
      ),
  );
  const { messages } = await take(newActivities(), recorder);
  assert.deepEqual(messages, [
    {
      payload: { id: 1 },
      headers: { id: "7", event: "pet" },
      correlationId: 1,
    },
    { payload: "two", headers: { id: "7", event: "message" } },
  ]);
  assert.equal(
    recorder.requests.filter((it) => it.target === "/dev/news").length,
    1,
  );
});

/** Events from the one after `Last-Event-ID`, in answers of two. */
function numbered(last: number, more = "") {
  return ({ headers }: { readonly headers: Headers }) => {
    const from = Number(headers.get("last-event-id") ?? 0);
    if (from >= last) return new Response(null, { status: 204 });
    const events = [1, 2].map((n) => `id: ${from + n}\ndata: ${from + n}\n\n`);
    return new Response(more + events.join(""), EVENTS);
  };
}

Deno.test("asyncapi comes back with the last id when the server says when", async () => {
  await using recorder = serve(NEW, numbered(6, "retry: 1\n"));
  assert.deepEqual(
    payloads(await take(newActivities(), recorder)),
    [1, 2, 3, 4, 5, 6],
  );
});

Deno.test("asyncapi does not come back faster than a server can bear", async () => {
  let answers = 0;
  await using recorder = serve(NEW, () => {
    answers++;
    return answers < 4
      ? new Response("retry: 0\ndata: 1\n\n", EVENTS)
      : new Response(null, { status: 204 });
  });
  const startMs = performance.now();
  assert.deepEqual(
    payloads(await take(newActivities(), recorder)),
    [1, 1, 1],
  );
  assert.ok(performance.now() - startMs >= 300);
});

Deno.test("asyncapi comes back to a server that is gone for a moment", async () => {
  let answers = 0;
  await using recorder = serve(NEW, () => {
    answers++;
    if (answers === 1) return breakingAfter("retry: 1\nid: 1\ndata: 1\n\n");
    // What a proxy says of a server that starts anew.
    if (answers < 4) return new Response("starting", { status: 503 });
    return answers === 4
      ? new Response("id: 2\ndata: 2\n\n", EVENTS)
      : new Response(null, { status: 204 });
  });
  assert.deepEqual(payloads(await take(newActivities(), recorder)), [1, 2]);
  assert.deepEqual(
    recorder.requests.slice(1).map(({ headers }) =>
      headers.get("last-event-id")
    ),
    [null, "1", "1", "1", "2"],
  );
});

Deno.test("asyncapi goes on after the last message in a new process", async () => {
  await using recorder = serve(NEW, numbered(6));
  const first = await take(newActivities(), recorder, { amount: 1 });
  assert.deepEqual(payloads(first), [1]);
  const { cursor } = first;
  assert.deepEqual(
    payloads(await take(newActivities(), recorder, { cursor })),
    [2, 3],
  );
  await using array = serve(NEW, () => Response.json(["a", "b", "c"]));
  const begun = await take(newActivities(), array, { amount: 2 });
  assert.deepEqual(
    payloads(await take(newActivities(), array, { cursor: begun.cursor })),
    ["c"],
  );
});

Deno.test("asyncapi opens the channel anew where the run stands elsewhere", async () => {
  await using recorder = serve(NEW, numbered(6));
  const activities = newActivities();
  const first = await take(activities, recorder, { amount: 1 });
  // What came second was lost with the worker that asked for it.
  await take(activities, recorder, { amount: 1, cursor: first.cursor });
  assert.deepEqual(
    payloads(
      await take(activities, recorder, { amount: 1, cursor: first.cursor }),
    ),
    [2],
  );
});

Deno.test("asyncapi lets go of a connection that is closed, released or aborted", async () => {
  for (const how of ["close", "release", "abort"]) {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    await using recorder = serve(NEW, () =>
      new Response(
        new ReadableStream({
          start: (controller) =>
            controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
          cancel: () => resolve(),
        }),
        EVENTS,
      ));
    const activities = newActivities();
    assert.deepEqual(
      payloads(await take(activities, recorder, { amount: 1 })),
      [1],
    );
    if (how === "close") {
      outputOf(
        await run(activities, "asyncapi-close", {}, {
          path: "/do/0/call/close",
        }),
      );
    } else if (how === "release") {
      activities.release("wex-1");
    } else {
      const abort = new AbortController();
      const waiting = run(activities, "asyncapi-receive", {
        document: { uri: `${recorder.url}/doc.json` },
        operation: "getNews",
        cursor: { count: 1, id: "" },
      }, { path: "/do/0/call/message/1", signal: abort.signal });
      abort.abort(new Error("enough"));
      await assert.rejects(waiting);
    }
    await gone;
  }
});

Deno.test("asyncapi says what a server answered, and where a stream broke off", async () => {
  await using refusing = serve(NEW, () => new Response("no", { status: 403 }));
  const receive = (recorder: Recorder) =>
    run(newActivities(), "asyncapi-receive", {
      document: { uri: `${recorder.url}/doc.json` },
      operation: "getNews",
      cursor: null,
    }, { path: "/do/0/call/message/0" });
  const refused = failureOf(await receive(refusing));
  assert.equal(refused.status, 403);
  assert.match(
    refused.detail,
    /news failed: the server answered 403 Forbidden: no$/,
  );
  await using breaking = serve(NEW, () =>
    new Response(
      new ReadableStream({ pull: (it) => it.error(new Error("cut")) }),
      EVENTS,
    ));
  assert.match(
    failureOf(await receive(breaking)).detail,
    /Reading from http:.*\/dev\/news broke off: /,
  );
});

Deno.test("asyncapi publishes and reads over a WebSocket", async () => {
  const sent: string[] = [];
  const tokens: (string | null)[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname, host } = new URL(request.url);
      if (pathname === "/doc.json") {
        return Response.json({
          asyncapi: "3.0.0",
          servers: { socket: { host, protocol: "ws" } },
          channels: { chat: { address: "/chat" } },
        });
      }
      tokens.push(request.headers.get("authorization"));
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => {
        socket.send('{"n":1}');
        socket.send("two");
        socket.send(new Uint8Array([0, 255]));
        if (tokens.length === 1) socket.close(1000);
      };
      socket.onmessage = ({ data }) => sent.push(String(data));
      socket.onclose = () => tokens.length === 2 && resolve();
      return response;
    },
  );
  const input = {
    document: { uri: `http://127.0.0.1:${server.addr.port}/doc.json` },
    channel: "chat",
    protocol: "ws",
    authentication: { scheme: "bearer", properties: { token: "t" } },
  };
  const recorder = {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests: [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { messages } = await take(newActivities(), recorder, {
    input: { ...input, operation: null },
  });
  assert.deepEqual(payloads({ messages }), [{ n: 1 }, "two", "AP8="]);
  const output = outputOf(
    await run(newActivities(), "asyncapi-publish", {
      ...input,
      payload: { a: 1 },
    }),
  );
  assert.equal(output, null);
  await closed;
  assert.deepEqual(sent, ['{"a":1}']);
  assert.deepEqual(tokens, ["Bearer t", "Bearer t"]);
  await server.shutdown();
});
