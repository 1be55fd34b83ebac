/**
 * Workflows that tell each other of numbers: one emits them, one listens.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Json } from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";

/** Events that each speaker emits. */
export const EVENTS_EACH = 12;
/** Types of events, each with a speaker and two listeners. */
export const TOPICS: readonly string[] = ["one", "two", "three"];

/** The workflows by name. */
export const EVENT_PLANS: Readonly<Record<string, Plan>> = {
  speaker: planOf([{
    speak: {
      for: { in: `[range(${EVENTS_EACH})]`, each: "n" },
      do: [
        {
          work: { call: "http", with: { method: "get", endpoint: "http://x" } },
        },
        {
          say: {
            emit: {
              event: {
                with: {
                  type: "count",
                  topic: "${ $workflow.input.topic }",
                  data: "${ $n }",
                },
              },
            },
          },
        },
      ],
    },
  }]),
  // Leaves memory after each event: every one calls it back.
  each: planOf([{
    hear: {
      for: { in: `[range(${EVENTS_EACH})]`, each: "n" },
      do: [{
        one: {
          listen: { to: { one: filter() } },
          export: { as: "$context + ." },
        },
      }],
    },
  }, { all: { set: "${ $context }" } }]),
  many: planOf([{
    hear: {
      listen: { to: { any: [filter()], until: `length == ${EVENTS_EACH}` } },
      foreach: {
        do: [{
          work: {
            call: "http",
            with: { method: "get", endpoint: "http://x" },
            output: { as: "${ $item }" },
          },
        }],
      },
    },
  }]),
};

function filter(): Json {
  return {
    with: { type: "count", topic: "${ $workflow.input.topic }" },
  };
}

function planOf(tasks: Json): Plan {
  const { plan, diagnostics } = checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "t", version: "1.0.0" },
    do: tasks,
  });
  assert.deepEqual(diagnostics.filter((it) => it.severity === "error"), []);
  assert.ok(plan !== undefined);
  return plan;
}
