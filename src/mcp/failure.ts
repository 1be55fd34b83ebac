/**
 * Why a request to a tool server has no answer, as the SDK's errors tell it,
 * and a limit to how long one may take.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import { STREAM_ENDED_CODE } from "./http_transport.ts";
import { NO_ANSWER_CODE } from "./no_answer.ts";
import { type ToolResult, toolResult } from "./result.ts";

/** The first version of the protocol that has no handshake. */
export const MODERN_VERSION = "2026-07-28";
/** What a server answers to a handshake that knows of none. */
const NO_HANDSHAKE_CODES = [-32601, -32022];
/** What errors have that are made here, of a server that did not answer. */
const MADE_HERE_CODES = [STREAM_ENDED_CODE, NO_ANSWER_CODE];
/** What a request is answered with whose session its server does not know. */
const FORGOTTEN_STATUS = 404;

/** Whether there is something for a person to do first, as to log in. */
export function isRefusal(error: unknown): error is StigmerError {
  return error instanceof StigmerError && error.code === "FAILED_PRECONDITION";
}

/** Whether a server refused the handshake because it knows of none. */
export async function isWithoutHandshake(error: unknown): Promise<boolean> {
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  return error instanceof ProtocolError &&
    NO_HANDSHAKE_CODES.includes(error.code);
}

/** An error that the server itself answered is a result for the model. */
export async function answerOf(
  error: unknown,
): Promise<ToolResult | undefined> {
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  if (!(error instanceof ProtocolError)) return undefined;
  if (MADE_HERE_CODES.includes(error.code)) return undefined;
  // It may be as long as any other answer.
  const { message: text } = error;
  return toolResult({ content: [{ type: "text", text }], isError: true });
}

/** Whether a server took longer than it was given. */
export async function isTimeout(error: unknown): Promise<boolean> {
  const { SdkError, SdkErrorCode } = await import(
    "@modelcontextprotocol/client"
  );
  return error instanceof SdkError &&
    error.code === SdkErrorCode.RequestTimeout;
}

/** Says how long a server took that took too long. */
export function lateness(
  error: unknown,
  { timeoutMs }: { readonly timeoutMs: number },
): string {
  const data = error instanceof Error && "data" in error ? error.data : {};
  return typeof data === "object" && data !== null && "totalMs" in data
    ? `it was still at it after ${Number(data.totalMs) / 1000} s`
    : `it did not answer within ${timeoutMs / 1000} s`;
}

/**
 * Whether a request failed because its server knew nothing of its session, so
 * that nothing was done for it. Others that were in flight then may have been.
 */
export async function isUnmade(error: unknown): Promise<boolean> {
  return error instanceof StigmerError && await isForgotten(error.cause);
}

/** Whether a server says that it knows nothing of a session. */
export async function isForgotten(error: unknown): Promise<boolean> {
  const { SdkHttpError } = await import("@modelcontextprotocol/client");
  return error instanceof SdkHttpError && error.status === FORGOTTEN_STATUS;
}

/**
 * Does what takes several requests, or one that is given more time again and
 * again. Once it takes too long, its signal is aborted with an error that
 * {@linkcode isTimeout} knows, so that the server hears of it.
 */
export async function inTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, signal, totalMs }: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    /** Wall time at the most. */
    readonly totalMs: number;
  },
): Promise<T> {
  const late = new AbortController();
  const stop = clock.timer(totalMs, async () => {
    const { SdkError, SdkErrorCode } = await import(
      "@modelcontextprotocol/client"
    );
    const code = SdkErrorCode.RequestTimeout;
    late.abort(new SdkError(code, "It takes too long", { totalMs }));
  });
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    stop();
  }
}
