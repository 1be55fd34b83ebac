/**
 * Plans of the tests with crashes: fork, for, waits short and long, and a try.
 *
 * @module
 */

import type { Plan, Task } from "../../src/workflow/tree.ts";
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

/** Effects of a parent and its two children. */
export const FAMILY_EFFECTS = 5;

function agent(name: string): Task {
  return { ...base(name), kind: "agent", agent: template("child") };
}

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
  parent: plan([
    fork("both", [agent("one"), agent("two")]),
    call("after"),
  ]),
  // Long enough to leave memory, so that any worker may go on with it.
  child: plan([call("before"), wait("pause", 300), call("then")]),
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
