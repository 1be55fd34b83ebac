import { equal, rejects } from "node:assert/strict";
import { until } from "./until.ts";

Deno.test("until() looks again until it finds something, and gives it", async () => {
  const looks: (string | false | undefined)[] = [undefined, false, "", "late"];
  equal(await until(() => looks.shift()), "");
  equal(await until(() => Promise.resolve(looks.shift())), "late");
});

Deno.test("until() says what never held", async () => {
  const found: readonly string[] = [];
  await rejects(until(() => found.length > 0, 1), /found\.length > 0/);
});
