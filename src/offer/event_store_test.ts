import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createEventStore, EVENTS_MAX } from "./event_store.ts";

const message = (id: number, text = "") =>
  ({ jsonrpc: "2.0", id, result: { text } }) as const;

Deno.test("createEventStore() replays what came after an event, of its stream alone", async () => {
  const store = createEventStore();
  const first = await store.storeEvent("a", message(1));
  await store.storeEvent("b", message(2));
  await store.storeEvent("a", message(3));
  const sent: unknown[] = [];
  const stream = await store.replayEventsAfter(first, {
    send: (_id, message) => Promise.resolve(void sent.push(message)),
  });
  strictEqual(stream, "a");
  deepStrictEqual(sent, [message(3)]);
  strictEqual(await store.getStreamIdForEventId(first), "a");
});

Deno.test("createEventStore() forgets the oldest, and says so to who asks for them", async () => {
  const store = createEventStore();
  const first = await store.storeEvent("a", message(0));
  for (let id = 1; id <= EVENTS_MAX; id++) {
    await store.storeEvent("a", message(id));
  }
  strictEqual(await store.getStreamIdForEventId(first), undefined);
  await rejects(
    store.replayEventsAfter(first, { send: () => Promise.resolve() }),
    /not kept/,
  );
});

Deno.test("createEventStore() keeps a message that is larger than all may be", async () => {
  const store = createEventStore();
  const small = await store.storeEvent("a", message(1));
  const large = await store.storeEvent("a", message(2, "x".repeat(17 << 20)));
  strictEqual(await store.getStreamIdForEventId(small), undefined);
  strictEqual(await store.getStreamIdForEventId(large), "a");
});
