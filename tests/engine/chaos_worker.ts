/**
 * A worker process for the chaos tests: serves a home until it is killed, or
 * until nothing is left to do.
 *
 * Usage: chaos_worker.ts HOME [until-idle]. Each effect leaves a line in
 * `HOME/effects-PID.txt`.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import type { Activity } from "../../src/model/durable.ts";
import { CHAOS_PLANS } from "./chaos_plans.ts";
import { openHome, workOn } from "./fixture.ts";

const [path = "", mode = ""] = Deno.args;
const host = systemHost();
const log = Deno.openSync(`${path}/effects-${Deno.pid}.txt`, {
  create: true,
  append: true,
  write: true,
});
const encoder = new TextEncoder();

const effect: Activity = async (_input, context) => {
  log.writeSync(encoder.encode(`${context.idempotencyKey}\n`));
  await host.clock.sleep(host.random.fraction() * 80, context.signal);
  return { kind: "completed", output: context.path };
};

using home = openHome(path, host);
await using worker = workOn(home, { plans: CHAOS_PLANS, effect });
console.log("ready");
await worker.serve({
  untilIdle: mode === "until-idle",
  signal: new AbortController().signal,
});
