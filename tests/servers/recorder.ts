/**
 * A server of loopback that remembers what it was asked, and the context that
 * an activity is given to ask it.
 *
 * @module
 */

import type {
  ActivityContext,
  ActivityOutcome,
} from "../../src/model/durable.ts";
import type { Failure } from "../../src/model/failure.ts";
import type { Json } from "../../src/model/json.ts";

/** A request that came. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A running server. */
export interface Recorder extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
}

/** Starts a server; what it answers to a request may be `undefined`: 404. */
export function startRecorder(
  answer: (
    request: RecordedRequest,
  ) => Response | undefined | Promise<Response | undefined>,
): Recorder {
  const requests: RecordedRequest[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const recorded = {
        method: request.method,
        target: pathname + search,
        headers: request.headers,
        body: await request.text(),
      };
      requests.push(recorded);
      return await answer(recorded) ?? new Response("no", { status: 404 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What an activity of a test is given besides its input. */
export function activityContext(
  more: Partial<ActivityContext> = {},
): ActivityContext {
  return {
    executionId: "wex-1",
    path: "/do/0/call",
    name: "call",
    attempt: 1,
    idempotencyKey: "wex-1/do/0/call#1",
    signal: new AbortController().signal,
    variables: {},
    workingDirectory: "/",
    emit: () => {},
    ...more,
  };
}

/** The output of an effect that must have given one. */
export function outputOf(outcome: ActivityOutcome): Json {
  if (outcome.kind === "completed") return outcome.output;
  throw new Error(JSON.stringify(outcome.failure));
}

/** The failure of an effect that must have failed. */
export function failureOf(outcome: ActivityOutcome): Failure {
  if (outcome.kind === "failed") return outcome.failure;
  throw new Error(`completed with ${JSON.stringify(outcome.output)}`);
}
