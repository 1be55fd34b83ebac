import { strictEqual } from "node:assert/strict";
import type { WorkEvent } from "../backend/open.ts";
import { createMetrics } from "./metrics.ts";
import { followWork } from "./work_counts.ts";

Deno.test("followWork() counts what runs, and tells when nothing does", async () => {
  let tell: (event: WorkEvent) => void = () => {};
  const metrics = createMetrics();
  const counts = followWork({
    onWork(listener) {
      tell = listener;
      return () => void (tell = () => {});
    },
  }, metrics);
  const say = (kind: WorkEvent["kind"], executionId?: string): void =>
    tell({ kind, detail: "", ...(executionId ? { executionId } : {}) });
  await counts.idle();
  say("scheduled", "wex-0");
  say("taken", "wex-1");
  say("taken", "wex-2");
  say("trouble");
  strictEqual(counts.running(), 2);
  let idle = false;
  const waiting = counts.idle().then(() => idle = true);
  say("parked", "wex-1");
  await Promise.resolve();
  strictEqual(idle, false);
  say("completed", "wex-2");
  await waiting;
  strictEqual(counts.running(), 0);
  counts.close();
  say("taken", "wex-3");
  strictEqual(counts.running(), 0);
});
