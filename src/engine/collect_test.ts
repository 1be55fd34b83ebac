import assert from "node:assert/strict";
import type { CloudEvent } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import type { Consumption, EventFilter } from "../workflow/tree_events.ts";
import {
  collect,
  COLLECTIONS_MAX,
  collectionsFromJson,
  collectionsToJson,
} from "./collect.ts";
import type { Consumed, Consumer } from "./consume.ts";

function ofType(type: string, correlated = false): EventFilter {
  return {
    with: [["type", { kind: "literal", value: type }]],
    correlate: correlated
      ? [{
        name: "order",
        from: {
          kind: "expression",
          expression: {
            source: ".data.order",
            pointer: "",
            path: { steps: ["data", "order"] },
          },
        },
      }]
      : [],
  };
}

function consumer(to: Consumption): Consumer {
  return {
    to,
    read: "data",
    input: null,
    scope: (input) => ({ input, variables: {}, nowMs: 0 }),
  };
}

let count = 0;
function event(type: string, data: Json): CloudEvent {
  return { specversion: "1.0", id: `${count++}`, source: "/t", type, data };
}

/** The collections that some events complete. */
function collected(
  to: Consumption,
  events: readonly CloudEvent[],
  open: Consumed[] = [],
): readonly (readonly Json[])[] {
  return events.flatMap((it) => {
    // What is kept between two looks is JSON.
    const kept = collectionsFromJson(
      JSON.parse(JSON.stringify(collectionsToJson(open))),
    );
    const result = collect(consumer(to), kept, it);
    open.splice(0, open.length, ...kept);
    return result.kind === "complete" ? [result.events] : [];
  });
}

Deno.test("collect() completes with each event that is enough by itself", () => {
  const to: Consumption = { kind: "one", filter: ofType("a") };
  const events = [event("a", 1), event("b", 2), event("a", 3)];
  assert.deepEqual(collected(to, events), [[1], [3]]);
});

Deno.test("collect() keeps several collections apart", () => {
  const to: Consumption = { kind: "all", filters: [ofType("a"), ofType("b")] };
  const events = [event("a", 1), event("a", 2), event("b", 3), event("b", 4)];
  assert.deepEqual(collected(to, events), [[1, 3], [2, 4]]);
});

Deno.test("collect() puts together what has one correlation", () => {
  const to: Consumption = {
    kind: "all",
    filters: [ofType("paid", true), ofType("packed", true)],
  };
  const events = [
    event("paid", { order: 1 }),
    event("packed", { order: 2 }),
    event("paid", { order: 2 }),
    event("packed", { order: 1 }),
  ];
  assert.deepEqual(collected(to, events), [
    [{ order: 2 }, { order: 2 }],
    [{ order: 1 }, { order: 1 }],
  ]);
});

Deno.test("collect() counts what came before the event that ends it", () => {
  const to: Consumption = {
    kind: "any",
    filters: [ofType("a")],
    until: { kind: "events", to: { kind: "one", filter: ofType("stop") } },
  };
  const open: Consumed[] = [];
  const events = [event("a", 1), event("a", 2), event("stop", 0)];
  assert.deepEqual(collected(to, events, open), [[1, 2]]);
  assert.deepEqual(open, []);
});

Deno.test("collect() holds no more than it may", () => {
  const to: Consumption = { kind: "all", filters: [ofType("a"), ofType("b")] };
  const open: Consumed[] = [];
  for (let i = 0; i <= COLLECTIONS_MAX; i++) {
    collect(consumer(to), open, event("a", i));
  }
  assert.equal(open.length, COLLECTIONS_MAX);
  assert.deepEqual(open[0]?.events, [1]);
});

Deno.test("collect() begins with no event that only ends", () => {
  const ends: readonly Consumption[] = [
    { kind: "one", filter: ofType("stop") },
    { kind: "all", filters: [ofType("stop"), ofType("end")] },
  ];
  for (const end of ends) {
    const to: Consumption = {
      kind: "any",
      filters: [ofType("a")],
      until: { kind: "events", to: end },
    };
    const open: Consumed[] = [];
    const events = [event("stop", 0), event("end", 0)];
    assert.deepEqual(collected(to, events, open), []);
    assert.deepEqual(open, []);
  }
});
