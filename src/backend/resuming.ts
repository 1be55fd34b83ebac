/**
 * Watches that outlive their connection: one that breaks goes on after the
 * last event that came, so that none is lost and none comes twice.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type CallOptions,
  type Client,
  Code,
  ConnectError,
} from "@connectrpc/connect";
import {
  type BackendService,
  type WatchExecutionRequest,
  WatchExecutionRequestSchema,
  type WatchExecutionResponse,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Clock, Host } from "../host/host.ts";
import { lostConnection } from "./cloud_errors.ts";
import type { CloudNotice } from "./cloud_options.ts";
import { heartbeatMsOf } from "./heartbeat.ts";
import {
  backoffMs,
  FIRST_CONTACT_MS,
  isPassing,
  retryAfterMs,
  timeLeftMs,
} from "./retrying.ts";

/** The call that streams the journal of an execution. */
export type Watch = Client<typeof BackendService>["watchExecution"];

/** How watches are resumed. */
export interface ResumingOptions {
  readonly host: Host;
  readonly endpoint: string;
  /** Milliseconds without a connection after which a watch gives up. */
  readonly reconnectTimeoutMs: number;
  /** Milliseconds between the heartbeats that are asked for. */
  readonly heartbeatMs: number;
  /** Whether the server has ever answered. */
  readonly hasAnswered: () => boolean;
  /** Ends every watch. */
  readonly closed: AbortSignal;
  readonly onNotice: (notice: CloudNotice) => void;
}

/** Heartbeats that may be missing before a connection counts as dead. */
const HEARTBEATS_MISSING_MAX = 3;
/** A machine that is busy may be silent for as long. */
const SILENCE_MS_MIN = 1_000;

/** Makes watches that outlive their connections. */
export function resumedWatch(watch: Watch, options: ResumingOptions): Watch {
  return (request, call) => resumed(watch, options, { request, call });
}

/** What one watch was asked. */
interface Asked {
  readonly request: Parameters<Watch>[0];
  readonly call: CallOptions | undefined;
}

async function* resumed(
  watch: Watch,
  options: ResumingOptions,
  { request, call }: Asked,
): AsyncGenerator<WatchExecutionResponse, void, void> {
  const ends = call?.signal === undefined
    ? options.closed
    : AbortSignal.any([options.closed, call.signal]);
  const wanted = create(WatchExecutionRequestSchema, request);
  const outage = new Outage(options);
  const { clock } = options.host;
  const startMs = clock.monotonic();
  // One deadline for all connections together.
  const timeLeft = (): CallOptions =>
    call?.timeoutMs === undefined ? {} : {
      timeoutMs: timeLeftMs(call.timeoutMs, clock.monotonic() - startMs),
    };
  let { afterSequence } = wanted;
  for (;;) {
    try {
      const next = { ...wanted, afterSequence };
      const left = { ...call, ...timeLeft() };
      for await (
        const it of oneConnection(watch, options, { next, call: left })
      ) {
        outage.end();
        const sequence = it.event?.sequence ?? 0;
        // Who asks for heartbeats gets them; others never see any.
        if (it.event === undefined && wanted.heartbeat === undefined) continue;
        if (sequence > 0 && sequence <= afterSequence) continue;
        afterSequence = Math.max(afterSequence, sequence);
        yield it;
      }
      return;
    } catch (error) {
      const delayMs = ends.aborted ? undefined : outage.delayMs(error);
      if (delayMs === undefined) throw error;
      // Who leaves meanwhile is told by the next try.
      await clock.sleep(delayMs, ends).catch(() => {});
    }
  }
}

/** The time in which a watch has no connection. */
class Outage {
  readonly #options: ResumingOptions;
  #sinceMs: number | undefined;
  #attempt = 0;
  #isTold = false;

  constructor(options: ResumingOptions) {
    this.#options = options;
  }

  /** How long to wait before the next try; absent when there is none. */
  delayMs(error: unknown): number | undefined {
    const { host, hasAnswered, reconnectTimeoutMs } = this.#options;
    if (!isBreak(error)) return undefined;
    const nowMs = host.clock.monotonic();
    this.#sinceMs ??= nowMs;
    const delayMs = Math.max(
      retryAfterMs(error),
      backoffMs(host, ++this.#attempt),
    );
    const budgetMs = hasAnswered() ? reconnectTimeoutMs : FIRST_CONTACT_MS;
    if (nowMs + delayMs - this.#sinceMs > budgetMs) return undefined;
    if (!this.#isTold && hasAnswered() && !isPlanned(error)) {
      this.#isTold = true;
      this.#tell("disconnected");
    }
    return delayMs;
  }

  /** Something came. */
  end(): void {
    if (this.#sinceMs === undefined) return;
    this.#sinceMs = undefined;
    this.#attempt = 0;
    // Nothing was lost where nobody had ever answered.
    if (this.#isTold) this.#tell("reconnected");
    this.#isTold = false;
  }

  #tell(kind: "disconnected" | "reconnected"): void {
    const { endpoint, onNotice } = this.#options;
    onNotice({
      kind,
      message: kind === "disconnected"
        ? `Connection to "${endpoint}" lost, reconnecting …`
        : `Connected to "${endpoint}" again`,
    });
  }
}

/** A server ends watches that are old, and takes the next at once. */
function isPlanned(error: unknown): boolean {
  return error instanceof ConnectError &&
    error.metadata.get("retry-after") === "0";
}

/** A server that goes down cancels what it streams. */
function isBreak(error: unknown): boolean {
  return isPassing(error) ||
    (error instanceof ConnectError && error.code === Code.Canceled);
}

/**
 * What comes over one connection. Every server beats, the first time at once:
 * silence means that the connection is dead, or held back by a proxy.
 */
async function* oneConnection(
  watch: Watch,
  options: ResumingOptions,
  { next, call }: {
    readonly next: WatchExecutionRequest;
    readonly call: CallOptions;
  },
): AsyncGenerator<WatchExecutionResponse, void, void> {
  const { clock } = options.host;
  const ends = new AbortController();
  const signal = call.signal === undefined
    ? ends.signal
    : AbortSignal.any([call.signal, ends.signal]);
  const heartbeat = next.heartbeat ?? durationFromMs(options.heartbeatMs);
  const silenceMs = Math.max(
    SILENCE_MS_MIN,
    heartbeatMsOf(heartbeat) * HEARTBEATS_MISSING_MAX,
  );
  const stream = watch({ ...next, heartbeat }, { ...call, signal });
  const messages = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const stop = silenceAborts(clock, { ends, silenceMs, options });
      const { done, value } = await messages.next().finally(stop);
      if (done) return;
      yield value;
    }
  } finally {
    ends.abort();
  }
}

function silenceAborts(
  clock: Clock,
  { ends, silenceMs, options }: {
    readonly ends: AbortController;
    readonly silenceMs: number;
    readonly options: ResumingOptions;
  },
): () => void {
  return clock.timer(silenceMs, () => {
    const silence = new Error(`Nothing came for ${silenceMs} ms`);
    ends.abort(lostConnection(options.endpoint, silence));
  });
}
