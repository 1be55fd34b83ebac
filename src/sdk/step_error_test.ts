import assert from "node:assert/strict";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import {
  ExecutionError,
  failureOfError,
  isRetryable,
  recorded,
  StepError,
  TerminalError,
} from "./step_error.ts";

const FAILURE = {
  type: "https://example.org/late",
  status: 408,
  title: "Late",
  detail: "Nobody came",
};

Deno.test("an error says its class, its message and what happened", () => {
  const step = new StepError(FAILURE);
  assert.equal(`${step}`, "StepError: Nobody came");
  assert.deepEqual([step.type, step.status, step.title], [
    FAILURE.type,
    408,
    "Late",
  ]);
  const execution = new ExecutionError("wex-1", "FAILED", FAILURE);
  assert.equal(`${execution}`, "ExecutionError: Nobody came");
  assert.ok(execution instanceof StepError);
});

Deno.test("failureOfError() keeps what an error says of itself", () => {
  const kept = { ...FAILURE, instance: "" };
  assert.deepEqual(failureOfError(new StepError(FAILURE)), kept);
  assert.deepEqual(
    failureOfError(new ExecutionError("wex-1", "FAILED", FAILURE)),
    { ...kept, detail: "Execution wex-1 failed: Nobody came" },
  );
  assert.deepEqual(
    failureOfError(new ExecutionError("wex-1", "CANCELLED", FAILURE)),
    { ...kept, detail: "Execution wex-1 was cancelled: Nobody came" },
  );
});

Deno.test("failureOfError() finds the sort of any other error", () => {
  const cases: readonly (readonly [unknown, number, string])[] = [
    [invalidArgument("Bad"), 400, "Bad"],
    [failedPrecondition("Not now"), 500, "Not now"],
    [new Error("Plain"), 500, "Plain"],
    [new TypeError("No"), 500, "TypeError: No"],
    ["text", 500, "text"],
  ];
  for (const [error, status, detail] of cases) {
    const failure = failureOfError(error);
    assert.deepEqual([failure.status, failure.detail], [status, detail]);
    assert.ok(isRetryable(failure));
  }
  assert.ok(!isRetryable(failureOfError(new TerminalError("Never"))));
});

Deno.test("recorded() says who gave what is no JSON", () => {
  assert.equal(recorded('step "a"', 1), 1);
  assert.throws(
    () => recorded('step "a"', 1n),
    /^TerminalError: Cannot record what step "a" gives: a bigint is not JSON/,
  );
});
