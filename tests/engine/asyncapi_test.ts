import assert from "node:assert/strict";
import { seededFraction } from "../../src/host/fake.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../src/model/json.ts";
import { document, failureOf, outputOf, runDocument } from "./documents.ts";
import type { Effect, SimulationOptions } from "./simulation.ts";

/** A channel that has these messages, and ends after them unless it goes on. */
function channel(
  messages: readonly Json[],
  options: { readonly isEndless?: boolean } = {},
): Pick<SimulationOptions, "answer"> {
  const give = (output: Json) => ({ kind: "completed", output } as const);
  return {
    answer(effect: Effect) {
      if (effect.kind !== "run") return undefined;
      if (effect.request.activity === "asyncapi-close") return give(null);
      assert.equal(effect.request.activity, "asyncapi-receive");
      const { input } = effect.request;
      const cursor = isJsonObject(input) ? member(input, "cursor") : undefined;
      const count = isJsonObject(cursor) ? Number(member(cursor, "count")) : 0;
      const payload = messages[count];
      if (payload === undefined) {
        return options.isEndless ? undefined : give({});
      }
      return give({
        message: { payload, headers: {} },
        cursor: { count: count + 1, id: "" },
      });
    },
  };
}

function subscription(subscribed: JsonObject, more: JsonObject = {}) {
  return document([{
    take: {
      call: "asyncapi",
      with: {
        document: { endpoint: "https://example.com/asyncapi.json" },
        operation: "getNews",
        subscription: subscribed,
      },
      ...more,
    },
  }]);
}

function payloadsOf(output: Json): Json {
  return Array.isArray(output)
    ? output.map((it) => isJsonObject(it) ? member(it, "payload") ?? null : it)
    : output;
}

const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];
const EVEN = "${ .payload % 2 == 0 }";

Deno.test("a subscription takes what is meant until it is enough", () => {
  const cases: readonly [JsonObject, Json][] = [
    [{ consume: { amount: 3 } }, [1, 2, 3]],
    [{ filter: EVEN, consume: { amount: 3 } }, [2, 4, 6]],
    [{ consume: { while: "${ length < 2 }" } }, [1, 2]],
    [{ consume: { while: "${ .[-1].payload != 4 }" } }, [1, 2, 3, 4]],
    [
      { consume: { while: "${ ($context.consumedMessages | length) < 3 }" } },
      [1, 2, 3],
    ],
    [{ consume: { until: "${ length == 2 }" } }, [1, 2]],
    [{ consume: { until: "${ true }" } }, []],
    [{ filter: EVEN, consume: { until: "${ length == 2 }" } }, [2, 4]],
    // The server ends before it is enough.
    [{ consume: { amount: 100 } }, NUMBERS],
    [{ consume: { while: "${ true }" } }, NUMBERS],
  ];
  for (const [subscribed, expected] of cases) {
    const result = runDocument(subscription(subscribed), channel(NUMBERS));
    assert.deepEqual(payloadsOf(outputOf(result)), expected);
  }
});

Deno.test("a subscription keeps no more than the output of a task may have", () => {
  const large = "x".repeat(6 * 1024 * 1024);
  const take = (subscribed: JsonObject) =>
    runDocument(subscription(subscribed), channel([large, large, large]));
  const failure = failureOf(take({ consume: { amount: 3 } }));
  assert.match(failure.type, /runtime$/);
  assert.match(
    failure.detail,
    /^Task "take" took messages of more than 16777216 bytes: .* "foreach"$/,
  );
  assert.match(
    failureOf(take({ consume: { while: "${ true }" } })).type,
    /runtime$/,
  );
  const each = { do: [{ give: { set: { ok: true } } }] };
  outputOf(take({ consume: { amount: 3 }, foreach: each }));
  outputOf(take({ consume: { while: "${ true }" }, foreach: each }));
});

Deno.test("a subscription asks a condition of no more than a run can ask again", () => {
  const texts = Array.from({ length: 40 }, () => "x".repeat(256 * 1024));
  const take = (condition: string) =>
    runDocument(
      subscription({ consume: { while: condition } }),
      channel(texts),
    );
  const failure = failureOf(take("${ length < 100 }"));
  assert.match(failure.type, /runtime$/);
  assert.match(
    failure.detail,
    /^Task "take" asked "while" of 3\d messages, all of them each time, .* several calls$/,
  );
  // These need no jq, and cost nothing.
  assert.equal(outputOf(take("${ true }")) instanceof Array, true);
  assert.equal(outputOf(take("${ .[0].payload }")) instanceof Array, true);
});

Deno.test("a subscription ends when its time is over, with what it took", () => {
  const result = runDocument(
    subscription({ consume: { amount: 5, for: { seconds: 30 } } }),
    channel([1, 2], { isEndless: true }),
  );
  assert.deepEqual(payloadsOf(outputOf(result)), [1, 2]);
  assert.ok(result.journal.some((it) => it.path === "/do/0/take/close"));
});

Deno.test("a subscription that takes longer than its task may fails", () => {
  const result = runDocument(
    subscription({ consume: { amount: 5 } }, {
      timeout: { after: { seconds: 30 } },
    }),
    channel([1, 2], { isEndless: true }),
  );
  assert.match(failureOf(result).type, /timeout$/);
});

Deno.test("a subscription does something for each message, in turn", () => {
  const foreach = {
    item: "news",
    at: "n",
    do: [
      { pause: { wait: { seconds: 1 } } },
      { give: { set: { twice: "${ $news.payload * 2 }", n: "${ $n }" } } },
    ],
    output: { as: "${ .twice + $n }" },
    export: { as: "${ {sum: (($context.sum // 0) + .)} }" },
  };
  const cases: readonly [JsonObject, Json][] = [
    [{ consume: { amount: 3 }, foreach }, [2, 5, 8]],
    // What the rounds export is seen by the condition.
    [{ consume: { until: "${ $context.sum > 10 }" }, foreach }, [2, 5, 8]],
    [{ consume: { while: "${ true }" }, foreach }, [2, 5, 8, 11]],
    [
      { consume: { amount: 2 }, foreach: { output: { as: "${ .payload }" } } },
      [1, 2],
    ],
  ];
  for (const [subscribed, expected] of cases) {
    const result = runDocument(
      subscription(subscribed),
      channel([1, 2, 3, 4]),
    );
    assert.deepEqual(outputOf(result), expected);
  }
});

Deno.test("a subscription takes each message once, whatever crashes", () => {
  const subscribed = {
    filter: EVEN,
    consume: { while: "${ length < 3 }" },
    foreach: {
      item: "news",
      do: [{ pause: { wait: { milliseconds: 5 } } }, {
        give: { set: "${ $news.payload }" },
      }],
    },
  };
  let crashes = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const result = runDocument(subscription(subscribed), {
      ...channel(NUMBERS, { isEndless: true }),
      random: seededFraction(seed),
      crash: 0.3,
    });
    assert.deepEqual(outputOf(result), [2, 4, 6], `seed ${seed}`);
    crashes += result.crashes;
  }
  assert.ok(crashes > 25, `only ${crashes} crashes`);
});

Deno.test("a subscription that fails, fails with what its channel says", () => {
  const result = runDocument(subscription({ consume: { amount: 1 } }), {
    answer: () => ({
      kind: "failed",
      failure: {
        type: "x",
        status: 503,
        title: "t",
        detail: "away",
        instance: "",
      },
    }),
  });
  assert.deepEqual(failureOf(result), {
    type: "x",
    status: 503,
    title: "t",
    detail: "away",
    instance: "/do/0/take",
  });
  const wrong = runDocument(
    subscription({ filter: "${ .payload.a }", consume: { amount: 1 } }),
    channel([1]),
  );
  assert.match(failureOf(wrong).detail, /"with.subscription.filter"/);
});
