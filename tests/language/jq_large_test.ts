import { deepStrictEqual, ok } from "node:assert/strict";
import process from "node:process";
import { listBuiltins } from "../../src/jq/builtins.ts";
import { FORMATS } from "../../src/jq/formats.ts";
import {
  compileJq,
  eachJq,
  JqLimitError,
  type Json,
} from "../../src/jq/mod.ts";

/** The long run takes values of four million units, the short one of one. */
const MILLIONS = Deno.env.get("STIGMER_JQ_LIMITS") === "all" ? 4 : 1;
/**
 * For each million, the 4000th part of what a program may take by itself: about
 * a millisecond, if a step is a tenth of a microsecond.
 */
const LIMITS = { stepsMax: MILLIONS * 12_500, cellsMax: MILLIONS * 85_000 };
/** A hundred times that: for one call after the last look, and for noise. */
const TIME_MS_MAX = MILLIONS * 150;

const UNITS = MILLIONS * 1_000_000;
const times = (count: number, make: (i: number) => Json): Json[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** What takes long to look at, of each kind. */
const LARGE: Readonly<Record<string, Json>> = {
  letters: "aB".repeat(UNITS / 2),
  wide: "😀".repeat(UNITS / 2),
  escaped: `"<'%`.repeat(UNITS / 4),
  digits: "1".repeat(UNITS),
  spaces: " ".repeat(UNITS),
  json: `[${"1,".repeat(UNITS / 4)}1]`,
  "half of json": `[${"1,".repeat(UNITS / 4)}`,
  "percent signs": "%41".repeat(UNITS / 4),
  numbers: times(UNITS / 8, (i) => (i * 7919) % 500_000),
  texts: times(UNITS / 20, (i) => `item ${i}`),
  entries: times(UNITS / 40, (i) => ({ key: `k${i}`, value: i })),
  "long texts": times(4, () => '"'.repeat(UNITS / 4)),
  members: Object.fromEntries(
    times(UNITS / 40, (i) => i).map((i) => [`k${i}`, i]),
  ),
  "a long key": { [`${"a".repeat(UNITS)}b`]: 1, c: 2 },
  "a long key inside": [{ ['"'.repeat(UNITS)]: 1 }],
  path: times(9999, () => 0),
};

/** What is no function, by the classes of operators and terms. */
const TERMS: readonly string[] = [
  ". + .",
  '. + "a"',
  ". - .",
  ". - [0]",
  ". * 2",
  ". * {k1: {}}",
  ". / .",
  '. / "b"',
  ". % 2",
  ". == {}",
  "{} == .",
  ". < {a: 1}",
  ". as [$a] | $a",
  ". as {k1: $a} | $a",
  "{(.): 1}",
  "{a: .[]?}",
  '"x\\(.)y"',
  ".[1:]",
  ".[-2:]",
  ".[1:2] = [1]",
  ".k1 |= 1",
  ".[0] = 1",
  "del(.[0, 1])",
  "del(.k1, .k2)",
  ".[.]",
  ".[[1]]",
  "-.",
  ".a",
  ".[]",
  "..",
  "[.[]]",
  "error",
  "map(error)",
  "sort_by(error)",
  "reduce .[] as $x (0; . + 1)",
  ...[...FORMATS].map((it) => `@${it}`),
];

/** A call of a function with small arguments and with `.` itself. */
function callsOf(signature: string): readonly string[] {
  const [name = "", count = "0"] = signature.split("/");
  if (count === "0") return [name];
  const given = ['"a"', "."];
  return given.map((it) =>
    `${name}(${Array(Number(count)).fill(it).join("; ")})`
  );
}

/** What ends a program that does something with a value for ever. */
function endOf(what: string, value: Json): { limit: string; tookMs: number } {
  const program = compileJq(
    `$value as $it | last(range(1e9) | try first($it | ${what}) catch .)`,
  );
  const beganAt = process.cpuUsage();
  const clock = () => {
    const { user, system } = process.cpuUsage(beganAt);
    return (user + system) / 1000;
  };
  let limit = "none";
  try {
    eachJq(program, null, {
      variables: { value },
      limits: { ...LIMITS, timeMsMax: TIME_MS_MAX },
      clock,
      take: () => true,
    });
  } catch (thrown) {
    if (!(thrown instanceof JqLimitError)) throw thrown;
    limit = thrown.limit;
  }
  return { limit, tookMs: clock() };
}

Deno.test("all that is done with a large value is counted by what it takes", () => {
  const uncounted: string[] = [];
  const all = [...listBuiltins().flatMap(callsOf), ...TERMS];
  for (const what of all) {
    for (const [name, value] of Object.entries(LARGE)) {
      const { limit, tookMs } = endOf(what, value);
      if (limit !== "time" && limit !== "none" && tookMs < TIME_MS_MAX) {
        continue;
      }
      uncounted.push(`${what} on ${name}: ${limit}, ${tookMs.toFixed(0)} ms`);
    }
  }
  deepStrictEqual(uncounted, []);
  ok(all.length > 200);
});
