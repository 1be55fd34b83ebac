import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { fakeHost } from "../host/fake.ts";
import { connectionError } from "./cloud_errors.ts";
import { isPassing, retryDelayMs, type RetryingOptions } from "./retrying.ts";

const OPTIONS: RetryingOptions = {
  host: fakeHost(),
  reconnectTimeoutMs: 10_000,
  hasAnswered: () => true,
  closed: new AbortController().signal,
};

const unavailable = (seconds?: string) =>
  new ConnectError(
    "busy",
    Code.Unavailable,
    seconds === undefined ? {} : { "retry-after": seconds },
  );

Deno.test("retryDelayMs() doubles, and leaves half of it to chance", () => {
  for (const [attempt, baseMs] of [[1, 100], [2, 200], [5, 1600], [7, 2000]]) {
    const delayMs = retryDelayMs(OPTIONS, unavailable(), {
      attempt: attempt ?? 0,
      passedMs: 0,
    }) ?? 0;
    assert.ok(delayMs >= (baseMs ?? 0) && delayMs <= (baseMs ?? 0) * 1.5);
  }
});

Deno.test("retryDelayMs() waits as long as the server asks", () => {
  const so = { attempt: 1, passedMs: 0 };
  assert.equal(retryDelayMs(OPTIONS, unavailable("3"), so), 3000);
  assert.equal(retryDelayMs(OPTIONS, unavailable("11"), so), undefined);
  const odd = retryDelayMs(OPTIONS, unavailable("Mon, 01 Jan"), so) ?? 0;
  assert.ok(odd < 200);
});

Deno.test("retryDelayMs() ends by tries, by time and by deadline", () => {
  const error = unavailable();
  const at = (
    so: { attempt?: number; passedMs?: number; timeoutMs?: number },
  ) => retryDelayMs(OPTIONS, error, { attempt: 1, passedMs: 0, ...so });
  assert.equal(at({ attempt: 8 }), undefined);
  assert.equal(at({ passedMs: 9_950 }), undefined);
  assert.equal(at({ timeoutMs: 90 }), undefined);
  const first = { ...OPTIONS, hasAnswered: () => false };
  assert.equal(
    retryDelayMs(first, error, { attempt: 4, passedMs: 700 }),
    undefined,
  );
});

Deno.test("isPassing() tells what may be over in a moment", () => {
  const way = (kind: "absent" | "lost" | "fixed") =>
    connectionError("https://x", { kind, why: "", hint: "", cause: undefined });
  const cases: readonly (readonly [unknown, boolean])[] = [
    [unavailable(), true],
    [way("absent"), true],
    [way("lost"), true],
    [way("fixed"), false],
    [new ConnectError("", Code.ResourceExhausted), false],
    [
      new ConnectError("", Code.ResourceExhausted, { "retry-after": "1" }),
      true,
    ],
    [new ConnectError("", Code.Aborted), false],
    [new ConnectError("", Code.DeadlineExceeded), false],
    [new Error("defect"), false],
  ];
  for (const [error, passes] of cases) assert.equal(isPassing(error), passes);
});
