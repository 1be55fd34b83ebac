/**
 * The plan of the chaos tests: fork, for and waits, short and long.
 *
 * @module
 */

import type { Plan } from "../../src/workflow/tree.ts";
import { call, each, fork, list, plan, set, template, wait } from "./plans.ts";

/** Effects of one run of the plan. */
export const CHAOS_EFFECTS = 7;

/** Plans by name. */
export const CHAOS_PLANS: Readonly<Record<string, Plan>> = {
  chaos: plan([
    call("first"),
    fork("fork", [
      call("left"),
      list("right", [wait("short", 40), call("one"), call("two")]),
    ]),
    each("loop", { in: ".", tasks: [call("round")] }),
    wait("long", 800),
    call("last", { input: { from: template({ n: 1 }) } }),
    set("end", { ended: "${ $workflow.input.number }" }),
  ]),
};
