/**
 * Calls that are repeated when the way to the server fails: those that change
 * nothing the second time, by what the contract says of them.
 *
 * @module
 */

import type { DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Host } from "../host/host.ts";
import { newId } from "../model/id.ts";
import { AUTOMATIC_KEY_PREFIX } from "../model/idempotency_key.ts";
import { connectionFailure } from "./cloud_errors.ts";
import { idSource } from "./deps.ts";

/** How long calls are repeated. */
export interface RetryingOptions {
  readonly host: Host;
  /** Milliseconds for which a server that has answered before is tried. */
  readonly reconnectTimeoutMs: number;
  /** Whether the server has ever answered. */
  readonly hasAnswered: () => boolean;
  /** Ends every call. */
  readonly closed: AbortSignal;
}

/** Times that one call goes out at the most. */
const ATTEMPTS_MAX = 8;
/** How long a server is tried that has never answered: people wait for it. */
export const FIRST_CONTACT_MS = 1_000;
const DELAY_MS = { first: 100, max: 2_000 } as const;
/** Chance in the key that a client makes up. */
const KEY_BYTES = 16;

/** Makes a transport repeat what may be repeated. */
export function withRetries(
  transport: Transport,
  options: RetryingOptions,
): Transport {
  const { clock } = options.host;
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const keyed = withKey(options.host, method, input);
      const call = (leftMs: number | undefined) =>
        transport.unary(method, signal, leftMs, header, keyed, contextValues);
      if (!isRepeatable(method, keyed)) return await call(timeoutMs);
      const startMs = clock.monotonic();
      const ends = signal === undefined
        ? options.closed
        : AbortSignal.any([options.closed, signal]);
      for (let attempt = 1;; attempt++) {
        const passedMs = clock.monotonic() - startMs;
        try {
          return await call(
            timeoutMs === undefined
              ? undefined
              : timeLeftMs(timeoutMs, passedMs),
          );
        } catch (error) {
          if (ends.aborted) throw error;
          const delayMs = retryDelayMs(options, error, {
            attempt,
            passedMs: clock.monotonic() - startMs,
            timeoutMs,
          });
          if (delayMs === undefined) throw error;
          // Who leaves meanwhile is told by the next try.
          await clock.sleep(delayMs, ends).catch(() => {});
        }
      }
    },
    stream: (...call) => transport.stream(...call),
  };
}

/** Says whether a second time of a call changes nothing. */
function isRepeatable(method: DescMethod, input: object): boolean {
  return method.idempotency !== Level.IDEMPOTENCY_UNKNOWN ||
    ("idempotencyKey" in input && input.idempotencyKey !== "");
}

/** Gives what makes something new a key, so that it may be repeated. */
function withKey<T extends MessageInitShape<DescMethod["input"]>>(
  host: Host,
  method: DescMethod,
  input: T,
): T {
  if (method === BackendService.method.publishEvent) {
    return withEventId(host, input);
  }
  const takesKey = method.input.fields
    .some((it) => it.localName === "idempotencyKey");
  if (!takesKey) return input;
  if ("idempotencyKey" in input && input.idempotencyKey) return input;
  const key = AUTOMATIC_KEY_PREFIX + host.random.bytes(KEY_BYTES).toHex();
  return { ...input, idempotencyKey: key };
}

/**
 * Gives an event its id where it has none: the server would make one up for
 * each time that the event comes.
 */
function withEventId<T extends object>(host: Host, input: T): T {
  if (!("cloudEvent" in input) || !isObject(input.cloudEvent)) return input;
  const { id, ...unnamed } = input.cloudEvent;
  if (id !== undefined && id !== null && id !== "") return input;
  const made = newId("evt", idSource(host));
  return { ...input, cloudEvent: { id: made, ...unnamed } };
}

function isObject(value: unknown): value is { readonly id?: unknown } {
  return typeof value === "object" && value !== null;
}

/** How long to wait before a call goes out again; absent when it does not. */
export function retryDelayMs(
  options: RetryingOptions,
  error: unknown,
  so: {
    readonly attempt: number;
    readonly passedMs: number;
    readonly timeoutMs?: number | undefined;
  },
): number | undefined {
  const { attempt, passedMs, timeoutMs = Infinity } = so;
  if (attempt >= ATTEMPTS_MAX || !isPassing(error)) return undefined;
  const budgetMs = options.hasAnswered()
    ? options.reconnectTimeoutMs
    : FIRST_CONTACT_MS;
  const delayMs = Math.max(
    retryAfterMs(error),
    backoffMs(options.host, attempt),
  );
  return passedMs + delayMs > Math.min(budgetMs, timeoutMs)
    ? undefined
    : delayMs;
}

/** What is left of a deadline; none left is a moment, not for ever. */
export function timeLeftMs(timeoutMs: number, passedMs: number): number {
  return Math.max(1, timeoutMs - passedMs);
}

/** Says whether an error may be another one, or none, in a moment. */
export function isPassing(error: unknown): boolean {
  const failure = connectionFailure(error);
  if (failure !== undefined) return failure !== "fixed";
  if (!(error instanceof ConnectError)) return false;
  return error.code === Code.Unavailable ||
    (error.code === Code.ResourceExhausted &&
      error.metadata.has("retry-after"));
}

/** Twice as long each time, and by chance up to half as much more. */
export function backoffMs({ random }: Host, attempt: number): number {
  const baseMs = Math.min(DELAY_MS.max, DELAY_MS.first * 2 ** (attempt - 1));
  return baseMs * (1 + random.fraction() / 2);
}

/** What the server asks to wait, in milliseconds; 0 when it does not say. */
export function retryAfterMs(error: unknown): number {
  if (!(error instanceof ConnectError)) return 0;
  const seconds = Number(error.metadata.get("retry-after") ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
