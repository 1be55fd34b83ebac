import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  compileJq,
  eachJq,
  JQ_LIMITS,
  JqLimitError,
  type JqLimits,
  type LimitName,
  runJq,
} from "../../src/jq/mod.ts";
import { ENDLESS, ENDLESS_AND_SLOW, type Table } from "./jq_endless.ts";
import { runInHeap } from "./jq_heap.ts";

const IS_LONG = Deno.env.get("STIGMER_JQ_LIMITS") === "all";
/** What must do for all of them, one after another: 256 MiB are theirs. */
const HEAP_MIB = 512;
/** Beside the heap there is what Deno takes itself. */
const PEAK_MIB_MAX = 800;
/** Of the processor, as others may use it, too. */
const PROGRAM_MS_MAX = 30_000;

function limitOf(
  program: string,
  limits: Partial<JqLimits> = {},
  clock?: () => number,
): LimitName | undefined {
  try {
    eachJq(compileJq(program), null, {
      limits,
      ...(clock === undefined ? {} : { clock }),
      take: () => true,
    });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JqLimitError) return thrown.limit;
    throw thrown;
  }
}

/** Runs all with the limits that hold where nothing is said. */
async function checkTable(table: Table): Promise<void> {
  const wanted = Object.entries(table).flatMap(([limit, programs]) =>
    programs.map((program) => ({ program, limit }))
  );
  const programs = wanted.map(({ program }) => program);
  const { runs, peakMib } = await runInHeap(programs, HEAP_MIB);
  deepStrictEqual(
    runs.map(({ program, limit }) => ({ program, limit })),
    wanted,
  );
  for (const { program, tookMs } of runs) {
    ok(tookMs < PROGRAM_MS_MAX, `${program} took ${tookMs} ms`);
  }
  ok((peakMib ?? 0) < PEAK_MIB_MAX, `${peakMib} MiB`);
}

Deno.test("every endless program ends at a limit, in a small heap and in time", () =>
  checkTable(ENDLESS));

Deno.test({
  name: "every endless program that is slow ends, too",
  ignore: !IS_LONG,
  fn: () => checkTable(ENDLESS_AND_SLOW),
});

Deno.test("no limit is caught by try", () => {
  for (const [limit, programs] of Object.entries(ENDLESS)) {
    const [program = ""] = programs;
    const caught = `try (${program}) catch "caught", (${program})? // 1`;
    strictEqual(limitOf(caught), limit, caught);
  }
});

/** What grows without an end would need more than there is before its time. */
const TIMED = [
  ...ENDLESS.steps ?? [],
  ...ENDLESS.outputs ?? [],
  ...(ENDLESS.memory ?? []).filter((it) => it.startsWith("[range(1e6)] as")),
];

Deno.test("every loop looks at the clock", () => {
  for (const program of TIMED) {
    let nowMs = 0;
    const limits = {
      stepsMax: 1e12,
      cellsMax: 1e12,
      outputsMax: 1e12,
      timeMsMax: 10,
    };
    strictEqual(limitOf(program, limits, () => nowMs++), "time", program);
    ok(nowMs <= 13, `${program} looked at the clock ${nowMs} times`);
  }
});

const SET:
  readonly (readonly [LimitName, Partial<JqLimits>, string, string])[] = [
    ["steps", { stepsMax: 100 }, "last(range(50))", "last(range(200))"],
    ["outputs", { outputsMax: 3 }, "range(3)", "range(4)"],
    ["string length", { stringLengthMax: 10 }, '"a" * 10', '"a" * 11'],
    ["array length", { arrayLengthMax: 3 }, "[1, 2] + [3]", "[1, 2] + [3, 4]"],
    [
      "array length",
      { arrayLengthMax: 100 },
      "[range(100)]",
      "[range(300)]",
    ],
    ["memory", { cellsMax: 1000 }, "[range(500)]", "[range(2000)]"],
    [
      "depth",
      { depthMax: 10 },
      "def f: if . > 5 then 1 else 1 + (. + 1 | f) end; 0 | f",
      "def f: if . > 50 then 1 else 1 + (. + 1 | f) end; 0 | f",
    ],
  ];

Deno.test("each limit is set for one run, and named by its error", () => {
  for (const [limit, limits, within, beyond] of SET) {
    strictEqual(limitOf(within, limits), undefined, within);
    strictEqual(limitOf(beyond, limits), limit, beyond);
    strictEqual(limitOf(beyond), undefined, beyond);
  }
});

Deno.test("a run leaves nothing behind of its limits for the next", () => {
  const program = compileJq("last(range(1000))");
  throws(() => runJq(program, null, { limits: { stepsMax: 10 } }));
  strictEqual(runJq(program, null)[0], 999);
});

const MESSAGES: readonly (readonly [Partial<JqLimits>, string, string])[] = [
  [{ stepsMax: 10 }, "last(range(99))", "it takes more than 10 steps"],
  [{ stepsMax: 2e6 }, "repeat(empty)", "it takes more than 2 million steps"],
  [{ outputsMax: 1 }, "1, 2", "it gives more than 1 results"],
  [
    { stringLengthMax: 5 },
    '"abcdef" + "g"',
    "it makes a string of more than 5 characters",
  ],
  [
    { arrayLengthMax: 2 },
    "[1, 2] + [3]",
    "it makes an array of more than 2 items",
  ],
  [{ cellsMax: 9 }, "[1, 2, 3]", "it makes more than 9 items in all"],
  [
    { depthMax: 5 },
    "def f: 1 + f; f",
    "it nests more than 5 calls deep",
  ],
];

Deno.test("an error of a limit says which, and how much there may be", () => {
  for (const [limits, program, message] of MESSAGES) {
    throws(
      () => runJq(compileJq(program), null, { limits }),
      { name: "JqLimitError", message },
      program,
    );
  }
  ok(Object.values(JQ_LIMITS).every((it) => it > 0));
});

/** What is done with much data every day must not reach a limit. */
const LARGE: readonly (readonly [string, unknown])[] = [
  ['[range(100000)] | map(tostring) | join(",") | length', 588_889],
  ["reduce range(100000) as $i ([]; . + [$i]) | length", 100_000],
  ['reduce range(50000) as $i (""; . + "line \\($i)\\n") | length', 538_890],
  ['reduce range(50000) as $i ({}; .["k\\($i)"] = $i) | length', 50_000],
  ['reduce range(50000) as $i ({}; .["k\\($i % 9)"] += 1) | length', 9],
  ["[range(50000) | {id: .}] | INDEX(.id) | length", 50_000],
  ["[range(50000)] | map({(tostring): .}) | add | length", 50_000],
  ["[range(20000)] - [range(10000)] | length", 10_000],
  ["[range(100000)] | map(select(. % 2 == 0)) | length", 50_000],
  ["[range(100000)] | group_by(. % 10) | length", 10],
  ["[range(100000)] | sort_by(-.) | .[0]", 99_999],
  ['[range(20000) | "a"] | add | gsub("a"; "bc") | length', 40_000],
  ["[range(100000)] | tojson | fromjson | length", 100_000],
  ["[range(100000) | {a: .}] | map(.a) | add", 4_999_950_000],
  ["[range(50000)] | to_entries | map(.value) | length", 50_000],
  ["[limit(100000; repeat(1))] | length", 100_000],
];

Deno.test("large data is worked on within the limits", () => {
  for (const [program, wanted] of LARGE) {
    strictEqual(runJq(compileJq(program), null)[0], wanted, program);
  }
});
