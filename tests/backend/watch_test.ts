import assert from "node:assert/strict";
import { ExecutionEvent_Type as EventType } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import { startFlow, storeFlow } from "./flow.ts";
import {
  fails,
  INSTRUCTIONS,
  runningSuite,
  suite,
  temporaryHome,
} from "./suite.ts";

/** Stores an execution that nobody runs, and gives its id. */
async function start(client: BackendClient): Promise<string> {
  await storeFlow(client);
  return await startFlow(client);
}

/** Reads the journal as it is now. */
async function watch(client: BackendClient, id: string, afterSequence = 0) {
  const events = [];
  const stream = client.watchExecution({ id, afterSequence, stopAtEnd: true });
  for await (const { event } of stream) if (event) events.push(event);
  return events;
}

suite("WatchExecution tells the journal and ends", async (client) => {
  const id = await start(client);
  const { sequence } = await client.signalExecution({
    id,
    name: "early",
    payload: valueMessage({ a: [1] }),
  });
  const open = await watch(client, id);
  assert.deepEqual(open.map((it) => it.sequence), [1, 2]);
  assert.equal(open[1]?.type, EventType.SIGNAL_RECEIVED);
  assert.equal(open[1]?.name, "early");
  assert.equal(sequence, 2);
  await client.cancelExecution({ id });
  const whole: number[] = [];
  let last: EventType | undefined;
  for await (const { event } of client.watchExecution({ id })) {
    whole.push(event?.sequence ?? -1);
    last = event?.type;
  }
  assert.deepEqual(whole, whole.map((_, i) => i + 1));
  assert.equal(last, EventType.EXECUTION_CANCELLED);
  const rest = await watch(client, id, whole.length - 1);
  assert.deepEqual(rest.map((it) => it.sequence), [whole.length]);
});

suite("WatchExecution ends when its caller leaves", async (client) => {
  const id = await start(client);
  const controller = new AbortController();
  const stream = client.watchExecution({ id }, { signal: controller.signal });
  await fails(
    (async () => {
      for await (const _ of stream) controller.abort();
    })(),
    "CANCELLED",
  );
});

suite(
  "closing a backend ends the watches that nobody reads",
  async (client) => {
    const id = await start(client);
    for (let i = 0; i < 3; i++) {
      for await (const _ of client.watchExecution({ id })) break;
    }
  },
);

Deno.test("local: a watch ends when its backend is closed", async () => {
  await using home = temporaryHome();
  const backend = await openBackend({ home: home.path, execute: "none" });
  const id = await start(backend.client);
  const watching = fails(
    (async () => {
      for await (const _ of backend.client.watchExecution({ id }));
    })(),
    "CANCELLED",
  );
  await backend.client.getBackendInfo({});
  await backend.close();
  await watching;
});

suite("WatchExecution past the end of what has ended ends", async (client) => {
  const id = await start(client);
  await client.cancelExecution({ id });
  for (const afterSequence of [3, 1000]) {
    for (const stopAtEnd of [true, false]) {
      const stream = client.watchExecution({ id, afterSequence, stopAtEnd });
      for await (const { event } of stream) assert.fail(`got ${event?.type}`);
    }
  }
});

runningSuite(
  "WatchExecution gives the text as it comes, and all of it",
  async (backend, home) => {
    const { client } = backend;
    const said = "One two three, and so on to the end of it. ".repeat(20);
    // Whoever watches must be there before it speaks.
    const turn = { say: said, delayMs: 250, chunkDelayMs: 1 };
    const path = `${home.path}/bot.script.json`;
    await Deno.writeTextFile(path, JSON.stringify({ turns: [turn] }));
    await client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: { instructions: INSTRUCTIONS, model: { name: `script:${path}` } },
      },
    });
    const { execution } = await client.createExecution({
      kind: "Agent",
      name: "bot",
      message: "speak",
    });
    const id = execution?.metadata?.id ?? "";
    let text = "";
    const sequences: number[] = [];
    const stream = client.watchExecution({ id, includeDeltas: true });
    for await (const { event } of stream) {
      if (event?.type === EventType.TEXT_DELTA) {
        assert.equal(event.sequence, 0);
        assert.ok(event.path !== "" && event.attempt === 1);
        text += jsonOfValue(event.data, { absent: "", what: "a delta" });
      } else sequences.push(event?.sequence ?? -1);
    }
    assert.equal(text, said);
    assert.deepEqual(sequences, sequences.map((_, i) => i + 1));
  },
);

suite("WatchExecution says that it stands to who asks", async (client) => {
  const id = await start(client);
  const controller = new AbortController();
  const stream = client.watchExecution({
    id,
    heartbeat: { seconds: 0n, nanos: 1 },
  }, { signal: controller.signal });
  const got: (number | "heartbeat")[] = [];
  await fails(
    (async () => {
      for await (const { event } of stream) {
        got.push(event?.sequence ?? "heartbeat");
        if (got.length === 4) controller.abort();
      }
    })(),
    "CANCELLED",
  );
  assert.deepEqual(got, ["heartbeat", 1, "heartbeat", "heartbeat"]);
});
