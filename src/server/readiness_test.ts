import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createReadiness } from "./readiness.ts";

Deno.test("createReadiness() goes from its start to its end, and not back", () => {
  const readiness = createReadiness();
  const seen: (string | undefined)[] = [];
  const stop = readiness.onChange(() => seen.push(readiness.trouble));
  strictEqual(readiness.trouble, "it is starting");
  readiness.becomeReady();
  readiness.setTrouble("no disk");
  readiness.setTrouble("no disk");
  readiness.setTrouble(undefined);
  readiness.drain("why");
  readiness.drain("again");
  readiness.becomeReady();
  strictEqual(readiness.state, "draining");
  strictEqual(readiness.draining.reason, "why");
  stop();
  readiness.setTrouble("late");
  deepStrictEqual(seen, [
    undefined,
    "no disk",
    undefined,
    "it is shutting down",
  ]);
});
