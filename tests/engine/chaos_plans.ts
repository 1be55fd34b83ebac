/**
 * Plans of the tests with crashes: fork, for, waits short and long, and a try.
 *
 * @module
 */

import type { Plan } from "../../src/workflow/tree.ts";
import {
  base,
  call,
  each,
  fork,
  list,
  plan,
  set,
  template,
  wait,
} from "./plans.ts";

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
  retry: plan([{
    ...base("try"),
    kind: "try",
    tasks: [call("flaky")],
    catch: {
      with: {},
      as: "error",
      retry: {
        delay: { kind: "fixed", ms: 50 },
        backoff: "exponential",
        attemptsMax: 5,
      },
    },
  }]),
};
