import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { EXIT_CODES, StigmerError } from "../model/error.ts";
import { toConnectError, toStigmerError } from "./errors.ts";
import { createInProcessTransport } from "./in_process.ts";

/** Calls a service that throws, through a whole transport. */
async function thrownThrough(thrown: unknown): Promise<StigmerError> {
  const transport = createInProcessTransport({
    getBackendInfo: () => {
      throw thrown;
    },
  }, new AbortController().signal);
  try {
    await createClient(BackendService, transport).getBackendInfo({});
  } catch (error) {
    return toStigmerError(error);
  }
  throw new Error("nothing was thrown");
}

Deno.test("toStigmerError() gives back every code, message, hint and diagnostic", async () => {
  for (const code of Object.keys(EXIT_CODES)) {
    const error = new StigmerError(
      code as keyof typeof EXIT_CODES,
      'Cannot apply "bot" – naïve ☃',
      {
        hints: ["first", "second"],
        diagnostics: [
          { severity: "error", pointer: "/spec/é", message: "m", offset: 4 },
          {
            severity: "warning",
            pointer: "",
            message: "w",
            atKey: true,
            hint: "h",
          },
        ],
      },
    );
    const back = await thrownThrough(error);
    assert.equal(back.code, code);
    assert.equal(back.message, error.message);
    assert.deepEqual(back.hints, error.hints);
    assert.deepEqual(back.diagnostics, error.diagnostics);
  }
});

Deno.test("toConnectError() hides the stack of what nobody expected", async () => {
  const back = await thrownThrough(new RangeError("boom"));
  assert.equal(back.code, "INTERNAL");
  assert.equal(back.message, "Unexpected failure: boom");
  assert.ok(!back.message.includes("errors_test"));
  assert.equal(
    (await thrownThrough("text")).message,
    "Unexpected failure: text",
  );
});

Deno.test("toConnectError() leaves a Connect error as it is", () => {
  const error = new ConnectError("no", Code.Aborted);
  assert.equal(toConnectError(error), error);
});

Deno.test("toStigmerError() maps what transports and platforms throw", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [new DOMException("stop", "AbortError"), "CANCELLED"],
    [new DOMException("late", "TimeoutError"), "DEADLINE_EXCEEDED"],
    [new ConnectError("late", Code.DeadlineExceeded), "DEADLINE_EXCEEDED"],
    [new ConnectError("gone", Code.Unavailable), "UNAVAILABLE"],
    [new ConnectError("gone", Code.OutOfRange), "INVALID_ARGUMENT"],
    [ConnectError.from(new TypeError("a defect")), "INTERNAL"],
    [ConnectError.from(new Error("odd")), "INTERNAL"],
    [new Error("odd"), "INTERNAL"],
    [undefined, "INTERNAL"],
  ];
  for (const [thrown, code] of cases) {
    assert.equal(toStigmerError(thrown).code, code);
  }
});
