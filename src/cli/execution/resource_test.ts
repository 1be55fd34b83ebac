import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { deepStrictEqual } from "node:assert/strict";
import {
  ExecutionSchema,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { EXECUTION_VIEW } from "./resource.ts";

/** What is shown of an error, and of what was used. */
function shown(error: object, usage: object): readonly string[] {
  const execution = create(ExecutionSchema, {
    status: { phase: Phase.CANCELLED, error, usage },
  });
  const facts = EXECUTION_VIEW.describe(execution, 0);
  return ["Error", "Usage"].map((label) =>
    facts.find(([it]) => it === label)?.[1] ?? ""
  );
}

Deno.test("an execution is shown in words that people would use", () => {
  deepStrictEqual(
    shown({ title: "Cancelled", detail: "Cancelled" }, {
      turns: 1,
      toolCalls: 1,
      inputTokens: 1204,
      cacheReadTokens: 800,
      outputTokens: 1096,
      costUsd: 0.0123,
      unpricedTurns: 1,
    }),
    [
      "Cancelled",
      "1 turn, 1 tool call, 1,204 tokens in (800 from cache), 1,096 out, $0.0123 and no price known for 1 turn",
    ],
  );
  deepStrictEqual(
    shown({ title: "Cancelled", detail: "Cancelled: Enough" }, { turns: 2 }),
    [
      "Cancelled: Enough",
      "2 turns, 0 tool calls, 0 tokens in, 0 out",
    ],
  );
  deepStrictEqual(
    shown({ title: "Runtime error", detail: "Boom", instance: "/do/0/a" }, {}),
    [
      "Boom\nKind: Runtime error at /do/0/a",
      "0 turns, 0 tool calls, 0 tokens in, 0 out",
    ],
  );
  deepStrictEqual(
    shown({ title: "Not yet", instance: "/do/0/a" }, {})[0],
    "Not yet\nAt: /do/0/a",
  );
});

Deno.test("what runs is shown with where it is defined", () => {
  const runs = (spec: object): string => {
    const execution = create(ExecutionSchema, {
      kind: "AgentExecution",
      spec: { resourceName: "critic", ...spec },
    });
    const facts = EXECUTION_VIEW.describe(execution, 0);
    return facts.find(([it]) => it === "Agent")?.[1] ?? "";
  };
  deepStrictEqual(
    [
      runs({ resourceId: "agt-1", subAgent: "critic" }),
      runs({}),
      runs({ subAgent: "critic" }),
    ],
    ["critic (agt-1)", "critic (from a file)", "critic (a sub-agent)"],
  );
});

Deno.test("a run that was answered has lasted until now, one that was left nobody knows how long", () => {
  const lasted = (phase: Phase, waitingFor: string): string => {
    const startedAt = timestampFromMs(0);
    const execution = create(ExecutionSchema, {
      status: { phase, waitingFor, startedAt },
    });
    const facts = EXECUTION_VIEW.describe(execution, 4000);
    return facts.find(([it]) => it === "Duration")?.[1] ?? "";
  };
  deepStrictEqual([
    lasted(Phase.WAITING, "a worker, to take an answer"),
    lasted(Phase.RUNNING, "a worker, to go on"),
    lasted(Phase.RUNNING, ""),
  ], ["4.0 s", "", "4.0 s"]);
});
