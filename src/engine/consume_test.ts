import assert from "node:assert/strict";
import { ExpressionError } from "../expr/failure.ts";
import type { CloudEvent } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import {
  type Consumed,
  type Consumer,
  newConsumed,
  offer,
  takes,
  typesOf,
} from "./consume.ts";

/** Reads `listen.to` (and `read`) from a definition. */
function consumerOf(
  to: Json,
  options: {
    readonly read?: string;
    readonly input?: Json;
    readonly mode?: string;
  } = {},
): Consumer {
  const { read = "data", input = {}, mode = "strict" } = options;
  const { plan, diagnostics } = checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "t", version: "1.0.0" },
    evaluate: { language: "jq", mode },
    do: [{ wait: { listen: { to, read } } }],
  });
  assert.deepEqual(diagnostics, []);
  const task = plan?.body.kind === "sequence" ? plan.body.tasks[0] : undefined;
  assert.ok(task?.kind === "listen");
  return {
    to: task.to,
    read: task.read,
    input,
    scope: (at) => ({
      input: at,
      variables: { context: { limit: 38 }, input },
    }),
  };
}

function event(type: string, more: CloudEvent = {}): CloudEvent {
  return { specversion: "1.0", id: "1", source: "/test", type, ...more };
}

/** Offers events in turn; gives which were taken, and the state. */
function play(
  consumer: Consumer,
  events: readonly CloudEvent[],
): { readonly taken: readonly boolean[]; readonly consumed: Consumed } {
  let consumed = newConsumed(consumer.to);
  const taken = events.map((it) => {
    const wanted = takes(consumer, consumed, it);
    assert.equal(offer(consumer, consumed, it).taken, wanted);
    // What is kept between two events must say all.
    consumed = JSON.parse(JSON.stringify(consumed));
    return wanted;
  });
  return { taken, consumed };
}

const A = event("a", { data: 1 });
const B = event("b", { data: 2 });
const C = event("c", { data: 3 });
const filter = (type: string): Json => ({ with: { type } });

Deno.test("offer() knows when the events of each strategy are enough", () => {
  const cases: readonly {
    readonly to: Json;
    readonly events: readonly CloudEvent[];
    readonly taken: readonly boolean[];
    readonly read: Json;
    readonly done: boolean;
  }[] = [
    {
      to: { one: filter("b") },
      events: [A, B, B],
      taken: [false, true, false],
      read: [2],
      done: true,
    },
    {
      to: { all: [filter("a"), filter("b")] },
      events: [B, B, C, A],
      taken: [true, false, false, true],
      read: [2, 1],
      done: true,
    },
    {
      // Each event fills the first open filter that it fits.
      to: { all: [filter("a"), filter("[ab]")] },
      events: [A, A],
      taken: [true, true],
      read: [1, 1],
      done: true,
    },
    {
      to: { all: [filter("[ab]"), filter("a")] },
      events: [A, B],
      taken: [true, false],
      read: [1],
      done: false,
    },
    {
      to: { any: [filter("a"), filter("b")] },
      events: [C, B, A],
      taken: [false, true, false],
      read: [2],
      done: true,
    },
    { to: { any: [] }, events: [C], taken: [true], read: [3], done: true },
    {
      to: { any: [], until: "( . | length ) > 2" },
      events: [A, B, C, A],
      taken: [true, true, true, false],
      read: [1, 2, 3],
      done: true,
    },
    {
      to: { any: [filter("a")], until: "${ false }" },
      events: [A, B, A],
      taken: [true, false, true],
      read: [1, 1],
      done: false,
    },
    {
      to: { any: [filter("a")], until: ".[-1] == 1" },
      events: [A],
      taken: [true],
      read: [1],
      done: true,
    },
    {
      // What ends it is not part of it, also when both mean it.
      to: { any: [], until: { one: filter("c") } },
      events: [A, C, A],
      taken: [true, true, false],
      read: [1],
      done: true,
    },
    {
      to: { any: [filter("a")], until: { all: [filter("b"), filter("c")] } },
      events: [C, A, C, B],
      taken: [true, true, false, true],
      read: [1],
      done: true,
    },
  ];
  for (const { to, events, taken, read, done } of cases) {
    const played = play(consumerOf(to), events);
    const what = JSON.stringify(to);
    assert.deepEqual(played.taken, taken, what);
    assert.deepEqual(played.consumed.events, read, what);
    assert.equal(played.consumed.done, done, what);
  }
});

Deno.test("a filter compares constants, patterns and expressions", () => {
  const temperature = event("t", {
    roomid: "7",
    count: 3,
    data: { temperature: 39, patient: { name: "Ada", tags: ["x", "y"] } },
  });
  const cases: readonly [Json, boolean][] = [
    [{ type: "t" }, true],
    [{ type: "T" }, false],
    [{ roomid: "[0-9]+" }, true],
    [{ roomid: 7 }, false],
    [{ count: 3 }, true],
    [{ subject: ".*" }, false],
    [{ type: "t", roomid: "8" }, false],
    [{ data: "${ .temperature > 38 }" }, true],
    [{ data: "${ .temperature > 39 }" }, false],
    [{ data: "${ .temperature > $context.limit }" }, true],
    [{ data: "${ .patient.name }" }, false],
    [{ data: { temperature: 39 } }, true],
    [{ data: { temperature: 38 } }, false],
    [{ data: { patient: { name: "A.*" } } }, true],
    [{ data: { patient: { tags: ["x", "y"] } } }, true],
    [{ data: { patient: { tags: ["x"] } } }, false],
    [{ data: { temperature: "${ .temperature }" } }, true],
    [{ data: { temperature: "${ .temperature < 0 }" } }, false],
    [{ type: '${ .roomid == "7" }' }, true],
    [{ roomid: "${ $input.room }" }, true],
    [{ type: '${ .type | startswith("x") }' }, false],
    // An expression that fails on an event does not mean it.
    [{ data: "${ .temperature.x > 1 }" }, false],
    [{ data: "${ error }" }, false],
    // What an expression gives is data, and no pattern.
    [{ type: '${ "." + "" }' }, false],
  ];
  for (const [wanted, fits] of cases) {
    const consumer = consumerOf({ one: { with: wanted } }, {
      input: { room: "7" },
    });
    assert.equal(
      takes(consumer, newConsumed(consumer.to), temperature),
      fits,
      JSON.stringify(wanted),
    );
  }
});

Deno.test("in loose mode, what fails as an expression is a text or a pattern", () => {
  const loose = (type: string) =>
    consumerOf({ one: { with: { type } } }, { mode: "loose" });
  const cases: readonly [string, boolean][] = [
    ["com.x.y", true],
    ["com\\.x\\..*", true],
    ["com.x.z", false],
    ['"com.x.y"', true],
  ];
  for (const [type, fits] of cases) {
    const consumer = loose(type);
    assert.equal(
      takes(consumer, newConsumed(consumer.to), event("com.x.y")),
      fits,
      type,
    );
  }
});

Deno.test("correlations hold events together that have a value in common", () => {
  const correlate = { room: { from: ".roomid" } };
  const to: Json = {
    all: [
      { with: { type: "temperature" }, correlate },
      { with: { type: "humidity" }, correlate },
    ],
  };
  const of = (type: string, roomid?: string): CloudEvent =>
    event(type, {
      data: `${type} ${roomid}`,
      ...(roomid === undefined ? {} : { roomid }),
    });
  const { taken, consumed } = play(consumerOf(to), [
    of("humidity"),
    of("humidity", "1"),
    of("temperature", "2"),
    of("temperature", "1"),
  ]);
  assert.deepEqual(taken, [false, true, false, true]);
  assert.deepEqual(consumed.events, ["humidity 1", "temperature 1"]);
});

Deno.test("a correlation can say what it expects", () => {
  const to = (expect: string): Json => ({
    one: {
      with: { type: "a" },
      correlate: { order: { from: ".data.order", expect } },
    },
  });
  const order = event("a", { data: { order: 7 } });
  const cases: readonly [string, boolean][] = [
    ["${ .order }", true],
    ["${ .other }", false],
    ["7", true],
    ["8", false],
  ];
  for (const [expect, fits] of cases) {
    const consumer = consumerOf(to(expect), { input: { order: 7, other: 8 } });
    assert.equal(
      takes(consumer, newConsumed(consumer.to), order),
      fits,
      expect,
    );
  }
});

Deno.test("offer() reads events as it is told", () => {
  const came = event("a", {
    datacontenttype: "application/json",
    data_base64: new TextEncoder().encode('{"n":1}').toBase64(),
  });
  for (
    const [read, value] of [
      ["data", { n: 1 }],
      ["raw", came.data_base64],
      ["envelope", came],
    ] as const
  ) {
    const { consumed } = play(consumerOf({ any: [] }, { read }), [came]);
    assert.deepEqual(consumed.events, [value], read);
  }
});

Deno.test("offer() throws when the condition of until fails", () => {
  const consumer = consumerOf({ any: [], until: ".a" });
  assert.throws(
    () => offer(consumer, newConsumed(consumer.to), A),
    ExpressionError,
  );
});

Deno.test("typesOf() names types only where no other can be meant", () => {
  const cases: readonly [Json, readonly string[] | undefined][] = [
    [{ one: filter("a.b-c") }, ["a.b-c"]],
    [{ all: [filter("a"), filter("b"), filter("a")] }, ["a", "b"]],
    [{ any: [] }, undefined],
    [{ any: [filter("a"), filter("b.*")] }, undefined],
    [{ one: { with: { source: "/x" } } }, undefined],
    [{ one: { with: { type: "${ .data.t }" } } }, undefined],
    [{ any: [filter("a")], until: { one: filter("b") } }, ["a", "b"]],
    [{ any: [filter("a")], until: { any: [] } }, undefined],
    [{ any: [filter("a")], until: "false" }, ["a"]],
  ];
  for (const [to, types] of cases) {
    assert.deepEqual(typesOf(consumerOf(to).to), types, JSON.stringify(to));
  }
});
