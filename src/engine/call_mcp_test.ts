import { deepEqual, equal, ok } from "node:assert/strict";
import {
  simulate,
  type SimulationResult,
} from "../../tests/engine/simulation.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import { createWorkflowMachine } from "./decide.ts";

const DESK = { name: "Desk", enabledTools: [], transport: { kind: "catalog" } };

/** Runs one call, whose effect answers at once. */
function run(
  args: JsonObject,
  servers: Readonly<Record<string, Json>> = {},
): SimulationResult {
  const { plan, diagnostics } = checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    do: [{ ask: { call: "mcp", with: { method: "tools/list", ...args } } }],
  });
  deepEqual(diagnostics, []);
  if (plan === undefined) throw new Error("There is no plan");
  const options = { executionId: "wex-test", variables: {}, servers };
  return simulate(() => createWorkflowMachine(plan, options), {
    input: { host: "eu.test", args: ["a", "b"] },
    answer: () => ({ kind: "completed", output: { tools: [] } }),
  });
}

/** How the effect is told to reach its server. */
function transportOf({ effects: [effect] }: SimulationResult): JsonObject {
  ok(effect?.kind === "run");
  return (effect.request.input as { transport: JsonObject }).transport;
}

Deno.test("a call by name is given the server that its run has pinned", () => {
  const { applied } = transportOf(run({ server: "Desk" }, { Desk: DESK }));
  deepEqual(applied, DESK);
});

Deno.test("a call by a name of which nothing is pinned fails its task", () => {
  for (const server of ["Desk", "constructor"]) {
    const { decision, effects } = run({ server }, { Other: DESK });
    deepEqual(effects, []);
    ok(decision.kind === "failed");
    equal(
      decision.failure.detail,
      `Task "ask" names MCP server "${server}", of which its run has no version`,
    );
    equal(decision.failure.instance, "/do/0/ask");
  }
});

Deno.test("a call says how its server is written beside what that came to", () => {
  const endpoint = "https://${ .host }/{path}";
  const http = Object(
    transportOf(run({ transport: { http: { endpoint } } }))["http"],
  );
  equal(http.endpoint.uri, "https://eu.test/");
  equal(http.written, endpoint);
  const written: readonly (readonly [Json, readonly string[]])[] = [
    [["-y", "${ .host }"], ["npx", "-y", "${ .host }"]],
    ["${ .args }", ["npx", "${ .args }"]],
    [["-y", "plain"], ["npx", "-y", "plain"]],
  ];
  for (const [args, texts] of written) {
    const stdio = { command: "npx", arguments: args };
    const given = Object(transportOf(run({ transport: { stdio } }))["stdio"]);
    deepEqual(given.written, texts);
  }
});
