import { deepStrictEqual, ok } from "node:assert/strict";
import { runInHeap } from "./jq_heap.ts";

/** What must do for each of these, one after another. */
const HEAP_MIB = 256;
/** With what Deno itself takes, about 60. */
const PEAK_MIB_MAX = 400;

/** Texts that are as long as they may be, made of as many parts. */
const WRITTEN: readonly string[] = [
  "[range(4194304) | . % 2] | tojson | length",
  "[range(4194304) | . % 2] | tostring | length",
  '[range(2097152) | . % 2] | "\\(.)" | length',
  "reduce range(22) as $i (1; [., .]) | tojson | length",
  "[range(2000000) | []] | tojson | length",
  '("a" * 1000000) as $s | [range(10) | $s] | tojson | length',
];

/** Texts in which each character is another one afterwards. */
const REPLACED: readonly string[] = [
  '"<" * 3e6 | @html | length',
  '"\\"" * 6e6 | [.] | @csv | length',
  '"\'" * 3e6 | @sh | length',
  '"\\t" * 6e6 | [.] | @tsv | length',
  '"\u007f" * 2e6 | tojson | length',
  '"aB" * 6e6 | ascii_downcase | length',
];

Deno.test("characters are replaced in little memory", async () => {
  const { runs, peakMib } = await runInHeap(REPLACED, HEAP_MIB);
  deepStrictEqual(runs.filter(({ outputs }) => outputs !== 1), []);
  ok((peakMib ?? 0) < PEAK_MIB_MAX, `${peakMib} MiB`);
});

Deno.test("JSON of millions of small values is written in little memory", async () => {
  const { runs, peakMib } = await runInHeap(WRITTEN, HEAP_MIB);
  deepStrictEqual(
    runs.filter(({ outputs }) => outputs !== 1),
    [],
  );
  ok((peakMib ?? 0) < PEAK_MIB_MAX, `${peakMib} MiB`);
});
