import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { CONTEXT_WINDOW_TYPE, modelFailure } from "./failure.ts";

function failureOfThrown(error: unknown) {
  return modelFailure(error, { model: "anthropic/x", nowMs: 0 });
}

Deno.test("modelFailure() reads errors that come within a stream", () => {
  const cases = [
    [{ type: "overloaded_error", message: "Overloaded" }, true, true],
    [{ type: "api_error", message: "Internal server error" }, true, true],
    [
      { type: "error", code: "insufficient_quota", message: "No money" },
      false,
      true,
    ],
    [{ type: "request_too_large", message: "It is too large" }, false, false],
    [
      { type: "invalid_request_error", message: "prompt is too long: 9 > 8" },
      false,
      false,
    ],
  ] as const;
  for (const [error, retryable, elsewhere] of cases) {
    const failed = failureOfThrown(error);
    assert.equal(failed.retryable, retryable, error.message);
    assert.equal(failed.elsewhere, elsewhere, error.message);
    const isOverflow = failed.failure.type === CONTEXT_WINDOW_TYPE;
    assert.equal(isOverflow, !elsewhere, error.message);
    assert.match(failed.failure.detail, new RegExp(error.message));
  }
});

Deno.test("modelFailure() hides what is secret, whoever says it", () => {
  const hide = (text: string): string => text.replaceAll("hunter2", "***");
  const words = "No answer for hunter2";
  for (
    const error of [
      new StigmerError("UNAVAILABLE", words),
      new Error(words),
      { statusCode: 500, message: words },
      { statusCode: 400, message: `prompt is too long: ${words}` },
    ]
  ) {
    const { failure } = modelFailure(error, {
      model: "anthropic/x",
      nowMs: 0,
      hide,
    });
    assert.match(failure.detail, /No answer for \*\*\*/);
  }
});

Deno.test("modelFailure() asks no more where this process may not ask at all", () => {
  const denied = new Error(
    'Requires net access to "api.anthropic.com:443", run again with the --allow-net flag',
  );
  const wrapped = new StigmerError("UNAVAILABLE", "Cannot reach the provider", {
    cause: new Error("Cannot connect", { cause: denied }),
  });
  for (const error of [denied, wrapped]) {
    const { failure, retryable } = failureOfThrown(error);
    assert.equal(retryable, false);
    assert.match(failure.detail, /cannot connect to "api\.anthropic\.com:443"/);
    assert.match(failure.detail, /Start it with --allow-net$/);
  }
});
