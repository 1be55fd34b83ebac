import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Backend,
  type BackendClient,
  openBackend,
} from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import type { Json } from "../../src/model/json.ts";
import { fails, runningSuite, suite, temporaryHome } from "./suite.ts";

suite("an event is kept as it was completed", async (client) => {
  const { event, duplicate } = await client.publishEvent({
    cloudEvent: {
      type: "test.a",
      roomid: "7",
      data: { n: [1, null, "${ . }"] },
    },
  });
  assert.equal(duplicate, false);
  assert.equal(event?.sequence, 1n);
  assert.equal(event.executionId, "");
  const { id, time, ...rest } = event.cloudEvent ?? {};
  assert.deepEqual(rest, {
    specversion: "1.0",
    source: "/stigmer",
    type: "test.a",
    datacontenttype: "application/json",
    roomid: "7",
    data: { n: [1, null, "${ . }"] },
  });
  assert.match(String(id), /^evt-/);
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  const { events } = await client.listEvents({});
  assert.deepEqual(events, [event]);
});

suite(
  "an event with a known source and id is the same event",
  async (client) => {
    const first = await client.publishEvent({
      cloudEvent: { type: "test.a", id: "1", source: "/x" },
    });
    const again = await client.publishEvent({
      cloudEvent: { type: "test.b", id: "1", source: "/x", data: 5 },
    });
    assert.equal(again.duplicate, true);
    assert.deepEqual(again.event, first.event);
    const other = await client.publishEvent({
      cloudEvent: { type: "test.a", id: "1", source: "/y" },
    });
    assert.equal(other.duplicate, false);
    assert.equal((await client.listEvents({})).events.length, 2);
  },
);

suite(
  "what is no CloudEvent is refused with the attribute's name",
  async (client) => {
    const cases: readonly [JsonObject, RegExp][] = [
      [{}, /"type" is missing/],
      [{ type: 5 }, /"type" must be a text/],
      [{ type: "a", specversion: "0.3" }, /"specversion" must be "1.0"/],
      [{ type: "a", time: "soon" }, /"time" must be a time/],
      [{ type: "a", roomId: "x" }, /"roomId" is no name/],
      [{ type: "a", room: [1] }, /"room" must be .* not an array/],
      [{ type: "a", data: "x".repeat(2 ** 20) }, /bytes, at most 1048576/],
    ];
    for (const [cloudEvent, text] of cases) {
      await fails(
        client.publishEvent({ cloudEvent }),
        "INVALID_ARGUMENT",
        text,
      );
    }
    await fails(client.publishEvent({}), "INVALID_ARGUMENT", /there is none/);
    assert.equal((await client.listEvents({})).events.length, 0);
  },
);

suite("events are listed in pages, by type and source", async (client) => {
  for (let i = 0; i < 5; i++) {
    await client.publishEvent({
      cloudEvent: {
        type: i % 2 === 0 ? "even" : "odd",
        id: `${i}`,
        source: i < 3 ? "/low" : "/high",
      },
    });
  }
  const list = async (
    request: Parameters<BackendClient["listEvents"]>[0],
  ): Promise<Json> =>
    (await client.listEvents(request)).events.map((it) =>
      it.cloudEvent?.id ?? null
    );
  assert.deepEqual(await list({}), ["4", "3", "2", "1", "0"]);
  assert.deepEqual(await list({ type: "odd" }), ["3", "1"]);
  assert.deepEqual(await list({ source: "/high" }), ["4", "3"]);
  const first = await client.listEvents({ page: { size: 2 } });
  const token = first.nextPageToken;
  assert.deepEqual(await list({ page: { size: 3, token } }), ["2", "1", "0"]);
  await fails(
    client.listEvents({ type: "odd", page: { token } }),
    "INVALID_ARGUMENT",
    /page token/,
  );
});

/** A workflow of two tasks at the most. */
function flow(
  tasks: readonly object[],
): Parameters<BackendClient["createExecution"]>[0] {
  const document = {
    dsl: "1.0.3",
    namespace: "t",
    name: "flow",
    version: "1.0.0",
  };
  const spec = JSON.parse(JSON.stringify({ document, do: tasks }));
  return {
    kind: "Workflow",
    name: "flow",
    definitions: [{
      resource: {
        case: "workflow",
        value: { metadata: { name: "flow" }, spec },
      },
    }],
  };
}

async function create(
  { client }: Backend,
  tasks: readonly object[],
): Promise<string> {
  const { execution } = await client.createExecution(flow(tasks));
  return execution?.metadata?.id ?? "";
}

async function waits({ client }: Backend, id: string): Promise<string> {
  for await (const { event } of client.watchExecution({ id })) {
    const { execution } = await client.getExecution({ id });
    if (execution?.status?.phase === Phase.WAITING) {
      return execution.status.waitingFor;
    }
    assert.ok(event);
  }
  return assert.fail(`${id} ended`);
}

async function output({ client }: Backend, id: string): Promise<Json> {
  for await (const _ of client.watchExecution({ id }));
  const { execution } = await client.getExecution({ id });
  const { status } = execution ?? {};
  assert.equal(status?.phase, Phase.COMPLETED, status?.error?.detail);
  return jsonOfValue(status?.output, { absent: null, what: "the output" });
}

const hear = (type: string): object => ({
  hear: { listen: { to: { one: { with: { type } } } } },
});

runningSuite(
  "an event that is published calls back who waits for it",
  async (backend) => {
    const id = await create(backend, [hear("test.go")]);
    assert.equal(await waits(backend, id), "event test.go");
    const { executions } = await backend.client.listExecutions({
      phases: [Phase.WAITING],
    });
    assert.equal(executions[0]?.status?.waitingFor, "event test.go");
    await backend.client.publishEvent({
      cloudEvent: { type: "test.go", data: "${ .never }" },
    });
    assert.deepEqual(await output(backend, id), ["${ .never }"]);
  },
);

Deno.test("local: an event that another backend publishes reaches who listens here", async () => {
  await using home = temporaryHome();
  await using here = await openBackend({ home: home.path });
  await using there = await openBackend({ home: home.path, execute: "none" });
  const id = await create(here, [hear("test.go")]);
  await waits(here, id);
  await there.client.publishEvent({ cloudEvent: { type: "test.go", data: 1 } });
  assert.deepEqual(await output(here, id), [1]);
});

Deno.test("local: an event is kept while nothing runs, for who started before", async () => {
  await using home = temporaryHome();
  let id: string;
  {
    await using idle = await openBackend({ home: home.path, execute: "none" });
    await idle.client.publishEvent({
      cloudEvent: { type: "test.go", data: 0 },
    });
    id = await create(idle, [hear("test.go")]);
    await idle.client.publishEvent({
      cloudEvent: { type: "test.go", data: 1 },
    });
  }
  await using backend = await openBackend({ home: home.path });
  await backend.work({ untilIdle: true, signal: AbortSignal.timeout(20_000) });
  assert.deepEqual(await output(backend, id), [1]);
});

runningSuite(
  "an event that a task emits is listed with its execution",
  async (backend) => {
    const id = await create(backend, [{
      say: { emit: { event: { with: { type: "test.said", data: 1 } } } },
    }]);
    const emitted = await output(backend, id);
    const { events } = await backend.client.listEvents({ type: "test.said" });
    assert.deepEqual(events.map((it) => it.cloudEvent), [emitted]);
    assert.equal(events[0]?.executionId, id);
  },
);
