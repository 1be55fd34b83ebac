import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { refuseRole } from "../../src/server/authorize.ts";
import { type Served, startServed, VIEWER } from "./served.ts";

const STRUCTURED = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";

interface Sent {
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Sends events and gives the status with the answer. */
async function send(
  { url }: Served,
  { type, headers, body }: Sent,
): Promise<readonly [number, Record<string, unknown>]> {
  const response = await fetch(`${url}/events`, {
    method: "POST",
    headers: {
      ...(type === undefined ? {} : { "content-type": type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return [response.status, await response.json()];
}

/** The events that are kept, oldest first, without what the store adds. */
async function kept({ backend }: Served) {
  const { events } = await backend.client.listEvents({});
  return events.map((it) => it.cloudEvent).reverse();
}

function eventOf(id: string, more: object = {}): object {
  return { specversion: "1.0", id, source: "/shop", type: "order", ...more };
}

Deno.test("an event in its structured form is published once", async () => {
  await using it = await startServed();
  const body = JSON.stringify(eventOf("1", { data: { total: 7 } }));
  const type = `${STRUCTURED}; charset=utf-8`;
  assert.deepEqual(await send(it, { type, body }), [
    202,
    { published: 1, duplicates: 0 },
  ]);
  assert.deepEqual(await send(it, { type, body }), [
    202,
    { published: 0, duplicates: 1 },
  ]);
  const [event, ...more] = await kept(it);
  assert.equal(more.length, 0);
  assert.equal(event?.id, "1");
  assert.deepEqual(event?.data, { total: 7 });
});

Deno.test("a batch is published whole or not at all", async () => {
  await using it = await startServed();
  const body = JSON.stringify([eventOf("1"), eventOf("2")]);
  assert.deepEqual(await send(it, { type: BATCH, body }), [
    202,
    { published: 2, duplicates: 0 },
  ]);
  const [status, problem] = await send(it, {
    type: BATCH,
    body: JSON.stringify([eventOf("3"), { ...eventOf("4"), type: "" }]),
  });
  assert.equal(status, 400);
  assert.match(String(problem.detail), /event 2: "type" must not be empty/);
  assert.equal((await kept(it)).length, 2);
  assert.deepEqual(await send(it, { type: BATCH, body: "[]" }), [
    202,
    { published: 0, duplicates: 0 },
  ]);
});

const HEADERS = {
  "ce-specversion": "1.0",
  "ce-id": "1",
  "ce-source": "/shop",
  "ce-type": "order",
};

Deno.test("an event in its binary form has its data as what it is", async () => {
  await using it = await startServed();
  const cases: readonly (readonly [Sent, object])[] = [
    [{ type: "application/json", body: '{"total":7}' }, { data: { total: 7 } }],
    [{ type: "text/plain", body: "hello" }, { data: "hello" }],
    [
      { type: "image/png", body: Uint8Array.of(0, 255) },
      { data_base64: "AP8=" },
    ],
    [{}, {}],
  ];
  for (const [index, [sent, data]] of cases.entries()) {
    const headers = {
      ...HEADERS,
      "ce-id": String(index),
      "ce-subject": "caf%C3%A9",
      "ce-extra": '"a \\"b\\""',
    };
    const [status, answer] = await send(it, { ...sent, headers });
    assert.equal(status, 202, JSON.stringify(answer));
    const event = (await kept(it)).at(-1);
    assert.equal(event?.subject, "café");
    assert.equal(event?.extra, 'a "b"');
    const { data: got, data_base64: packed } = event ?? {};
    assert.deepEqual(
      {
        ...(got === undefined ? {} : { data: got }),
        ...(packed === undefined ? {} : { data_base64: packed }),
      },
      data,
    );
  }
});

const REFUSED: Readonly<Record<string, readonly [Sent, number, RegExp]>> = {
  "no JSON": [{ type: STRUCTURED, body: "{" }, 400, /it is no JSON/],
  "no object": [{ type: STRUCTURED, body: "7" }, 400, /no JSON object/],
  "no batch": [{ type: BATCH, body: "{}" }, 400, /no JSON array/],
  "an event without its source": [
    {
      type: STRUCTURED,
      body: '{"specversion":"1.0","id":"1","type":"order"}',
    },
    400,
    /"source" is missing/,
  ],
  "text that is no UTF-8": [
    { type: STRUCTURED, body: Uint8Array.of(0xff, 0xfe) },
    400,
    /no JSON/,
  ],
  "a header that is no UTF-8": [
    { headers: { ...HEADERS, "ce-subject": "%ff" } },
    400,
    /header "ce-subject"/,
  ],
  "data that is not what it says": [
    { type: "application/json", headers: HEADERS, body: "{" },
    400,
    /data as application\/json/,
  ],
  "another type": [{ type: "application/json", body: "{}" }, 415, /send/],
  "a form of CloudEvents that is not read": [
    { type: "application/cloudevents+avro", headers: HEADERS, body: "x" },
    415,
    /avro/,
  ],
  "too large an event": [
    {
      type: STRUCTURED,
      body: JSON.stringify(eventOf("1", { data: "x".repeat(1024 * 1024) })),
    },
    413,
    /At most 1048576 bytes/,
  ],
  "too many events": [
    {
      type: BATCH,
      body: JSON.stringify(
        Array.from({ length: 1001 }, (_, i) => eventOf(`${i}`)),
      ),
    },
    400,
    /at most 1000/,
  ],
};

for (const [what, [sent, status, words]] of Object.entries(REFUSED)) {
  Deno.test(`an ingress refuses ${what} with words`, async () => {
    await using it = await startServed();
    const [got, problem] = await send(it, sent);
    assert.equal(got, status, JSON.stringify(problem));
    assert.match(String(problem.detail), words);
    assert.equal((await kept(it)).length, 0);
  });
}

Deno.test("who may not publish does not", async () => {
  await using it = await startServed({
    authenticate: ({ headers }) =>
      headers.has("x-known")
        ? VIEWER
        : new ConnectError("No token", Code.Unauthenticated),
    authorize: (verdict, method) =>
      verdict instanceof ConnectError
        ? verdict
        : refuseRole(verdict, method) ?? verdict,
  });
  const body = JSON.stringify(eventOf("1"));
  const [stranger] = await send(it, { type: STRUCTURED, body });
  assert.equal(stranger, 401);
  const [viewer, problem] = await send(it, {
    type: STRUCTURED,
    body,
    headers: { "x-known": "yes" },
  });
  assert.equal(viewer, 403);
  assert.match(String(problem.detail), /needs the role editor/);
  assert.equal((await kept(it)).length, 0);
});
