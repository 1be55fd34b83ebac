/**
 * A worker process for the test of events that are emitted and taken while
 * workers are killed: serves a home until then.
 *
 * Usage: event_worker.ts HOME.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import type { Activity } from "../../src/model/durable.ts";
import { EVENT_PLANS } from "./event_plans.ts";
import { openHome, workOn } from "./fixture.ts";

const [path = ""] = Deno.args;
const host = systemHost();

const effect: Activity = async (_input, context) => {
  await host.clock.sleep(host.random.fraction() * 30, context.signal);
  return { kind: "completed", output: null };
};

using home = openHome(path, host);
await using worker = workOn(home, { plans: EVENT_PLANS, effect });
console.log("ready");
await worker.serve({ signal: new AbortController().signal });
