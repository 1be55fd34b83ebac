import { deepStrictEqual, equal } from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import type { CallResult } from "./call_result.ts";
import { Repeats } from "./repeats.ts";
import type { TurnToolCall } from "./turn.ts";

/** A call by its arguments, and what it gave; no result when it is refused. */
interface Made {
  readonly arguments: JsonObject;
  readonly name?: string;
  readonly problem?: string;
  readonly gives?: string;
  readonly isError?: boolean;
}

const REFUSED: CallResult = {
  text: "not carried out",
  isError: true,
  isRefusedRepeat: true,
};

function callOf(made: Made, index: number): TurnToolCall {
  const { name = "s_t", arguments: given, problem } = made;
  return {
    kind: "mcp",
    id: `c${index}`,
    name,
    server: "s",
    tool: "t",
    arguments: given,
    repeatable: false,
    effect: "read",
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Plays turns; gives per turn what became of each call: made, told, ends. */
function play(
  turns: readonly (readonly Made[])[],
  max = 3,
): readonly (readonly string[])[] {
  const repeats = new Repeats(max);
  return turns.map((turn) => {
    const toolCalls = turn.map(callOf);
    const verdicts = repeats.judge(toolCalls);
    const results = new Map(turn.map((made, index): [string, CallResult] => {
      const { gives = "ok", isError = false } = made;
      const result = verdicts.has(`c${index}`)
        ? REFUSED
        : { text: gives, isError };
      return [`c${index}`, result];
    }));
    repeats.take({ toolCalls, results });
    return toolCalls.map(({ id }) => {
      const verdict = verdicts.get(id);
      if (verdict === undefined) return "made";
      return `${verdict.isLast ? "ends" : "told"} ${verdict.count}`;
    });
  });
}

const SAME: Made = { arguments: { a: 1, b: [{ x: 1, y: 2 }] } };
const SAME_AGAIN: Made = { arguments: { b: [{ y: 2, x: 1 }], a: 1 } };

function times(count: number, made: Made): readonly (readonly Made[])[] {
  return Array.from({ length: count }, () => [made]);
}

Deno.test("the model is told after so many repeats, and the next ends the run", () => {
  deepStrictEqual(play(times(5, SAME)).flat(), [
    "made",
    "made",
    "made",
    "told 3",
    "ends 3",
  ]);
  deepStrictEqual(play(times(3, SAME), 1).flat(), ["made", "told 1", "ends 1"]);
});

Deno.test("the order of keys does not make another call", () => {
  deepStrictEqual(
    play([[SAME], [SAME_AGAIN], [SAME], [SAME_AGAIN]]).flat(),
    ["made", "made", "made", "told 3"],
  );
});

Deno.test("other calls between them do not make repeats forgotten", () => {
  const other: Made = { arguments: { a: 2 } };
  const turns = [[SAME], [other], [SAME], [other], [SAME], [other], [SAME]];
  deepStrictEqual(play(turns).flat().at(-1), "told 3");
  const after = [...turns, [other], [{ arguments: {} }], [SAME]];
  equal(play(after).flat().at(-1), "ends 3");
});

Deno.test("what differs begins the count anew", () => {
  const cases: readonly Made[] = [
    { ...SAME, gives: "something else" },
    { ...SAME, isError: true },
  ];
  for (const differs of cases) {
    const turns = [...times(2, SAME), [differs], ...times(3, SAME), [SAME]];
    deepStrictEqual(play(turns).flat().slice(-2), ["made", "told 3"]);
  }
});

Deno.test("another tool, arguments or mistake is another call", () => {
  const values: readonly Json[] = [1, "1", true, null, [1], { "0": 1 }];
  const calls: readonly Made[] = [
    ...values.map((a) => ({ arguments: { a } })),
    { name: "s_u", arguments: { a: 1 } },
    { arguments: {}, problem: "no JSON: {" },
    { arguments: {}, problem: "no JSON: [" },
    { arguments: {} },
  ];
  const turns = [1, 2, 3].map(() => calls);
  deepStrictEqual(new Set(play(turns).flat()), new Set(["made"]));
  deepStrictEqual(
    new Set(play([...turns, calls]).at(-1)),
    new Set(["told 3"]),
  );
});

Deno.test("a call that cannot be made is a repeat like others", () => {
  const unknown: Made = {
    name: "nope",
    arguments: {},
    problem: "There is no tool",
    gives: "There is no tool",
    isError: true,
  };
  deepStrictEqual(play(times(5, unknown)).flat().slice(-2), [
    "told 3",
    "ends 3",
  ]);
});

Deno.test("calls at once count, and end nothing that was not told before", () => {
  deepStrictEqual(play([Array(6).fill(SAME)]), [
    ["made", "made", "made", "told 3", "told 3", "told 3"],
  ]);
  deepStrictEqual(play([Array(6).fill(SAME), [SAME]]).at(-1), ["ends 3"]);
});

Deno.test("a call refused beside one whose result changed was refused for nothing", () => {
  const changed: Made = { ...SAME, gives: "changed" };
  const turns = [[SAME], [SAME], [changed, SAME, SAME], [changed], [changed]];
  deepStrictEqual(play(turns), [
    ["made"],
    ["made"],
    ["made", "told 3", "told 3"],
    ["made"],
    ["made"],
  ]);
});
