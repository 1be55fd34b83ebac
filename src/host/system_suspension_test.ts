import { strictEqual } from "node:assert/strict";
import { isJob } from "./system_suspension.ts";

Deno.test("isJob() knows what a shell started as a job, whatever it is called", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["15372 (stigmer) R 15315 15372 15315 34816", true],
    ["15372 (a) b (c)) S 15315 15372 15315 34816", true],
    ["15315 (stigmer) R 1 15315 15315 34816", false],
    ["15372 (stigmer) R 15315 15315 15315 34816", false],
    ["", true],
  ];
  for (const [stat, is] of cases) strictEqual(isJob(stat), is, stat);
});
