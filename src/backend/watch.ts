/**
 * WatchExecution: the journal as it grows, with live deltas between.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type WatchExecutionRequest,
  type WatchExecutionResponse,
  WatchExecutionResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type ExecutionEvent,
  ExecutionEvent_Type,
  ExecutionEventSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { RunDelta } from "../engine/worker.ts";
import type { JournalEvent } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { tailEvents } from "../store/journal.ts";
import type { ExecutionServiceDeps } from "./executions.ts";
import { eventMessage } from "./execution_message.ts";
import { heartbeatMsOf } from "./heartbeat.ts";
import { journalNow } from "./journal_now.ts";
import { valueMessage } from "./proto_json.ts";
import { shownEvent, shownText } from "./shown.ts";

/** What of an execution its watchers need. */
type Watched = Pick<ExecutionRecord, "id" | "sealMark">;

/** Streams the journal of an execution and ends after its terminal event. */
export async function* watchExecution(
  deps: ExecutionServiceDeps,
  request: WatchExecutionRequest,
  options: {
    readonly record: Watched;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<WatchExecutionResponse, void, void> {
  const { record } = options;
  const { afterSequence } = request;
  if (request.stopAtEnd) {
    const { database } = deps.store;
    for (const event of journalNow(database, record.id, { afterSequence })) {
      yield response(eventMessage(shownEvent(record, event)));
    }
    return;
  }
  yield* follow(deps, request, options);
}

async function* follow(
  deps: ExecutionServiceDeps,
  request: WatchExecutionRequest,
  options: {
    readonly record: Watched;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<WatchExecutionResponse, void, void> {
  const { record } = options;
  const deltas = new DeltaQueue();
  const stop = request.includeDeltas
    ? deps.runner.started()?.worker.watchDeltas(
      record.id,
      (delta) => deltas.push(delta),
      // Who goes on with a watch has what was said by then.
      { whole: request.afterSequence === 0 },
    )
    : undefined;
  // The consumer may leave at any time: the tail must not wait on after that.
  const left = new AbortController();
  const tail = tailEvents(deps.store.database, record.id, {
    host: deps.host,
    afterSequence: request.afterSequence,
    signal: AbortSignal.any([options.signal, left.signal]),
  });
  let next = tailed(tail);
  const heartbeat = heartbeatOf(deps, request);
  try {
    if (heartbeat !== undefined) yield create(WatchExecutionResponseSchema);
    for (;;) {
      const beat = heartbeat?.();
      const arrived = await Promise.race([
        next,
        deltas.arrival(),
        ...(beat === undefined ? [] : [beat.due]),
      ]).finally(() => beat?.cancel());
      if (arrived === "heartbeat") {
        yield create(WatchExecutionResponseSchema);
        continue;
      }
      const nowMs = deps.host.clock.now();
      for (const delta of deltas.take()) {
        const text = shownText(record, delta.text);
        yield response(deltaMessage({ ...delta, text }, nowMs));
      }
      if (arrived === "delta") continue;
      if (arrived.done) return;
      const event: JournalEvent = arrived.value;
      next = tailed(tail);
      yield response(eventMessage(shownEvent(record, event)));
    }
  } finally {
    stop?.();
    left.abort();
    await next.catch(() => {});
  }
}

/** Makes what waits for the next heartbeat, where any were asked for. */
function heartbeatOf(
  { host }: ExecutionServiceDeps,
  { heartbeat }: WatchExecutionRequest,
): (() => { due: Promise<"heartbeat">; cancel: () => void }) | undefined {
  if (heartbeat === undefined) return undefined;
  const everyMs = heartbeatMsOf(heartbeat);
  return () => {
    const { promise, resolve } = Promise.withResolvers<"heartbeat">();
    const cancel = host.clock.timer(everyMs, () => resolve("heartbeat"));
    return { due: promise, cancel };
  };
}

/**
 * Asks for the next event. While the consumer is busy nobody listens to the
 * answer: a rejection must not count as unhandled then, it is met at the race.
 */
function tailed(
  tail: AsyncGenerator<JournalEvent, void, void>,
): Promise<IteratorResult<JournalEvent, void>> {
  const next = tail.next();
  next.catch(() => {});
  return next;
}

/** Deltas that wait to be sent; neighbours of one task become one. */
class DeltaQueue {
  #waiting: RunDelta[] = [];
  #wake: (() => void) | undefined;

  push(delta: RunDelta): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && sameTask(last, delta)) {
      // A slow reader gets longer pieces, never fewer: memory is bounded by
      // the text itself.
      const text = last.text + delta.text;
      this.#waiting[this.#waiting.length - 1] = { ...delta, text };
    } else this.#waiting.push(delta);
    this.#wake?.();
  }

  /** Resolves once something waits. */
  arrival(): Promise<"delta"> {
    if (this.#waiting.length > 0) return Promise.resolve("delta");
    return new Promise((resolve) => {
      this.#wake = () => resolve("delta");
    });
  }

  take(): readonly RunDelta[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}

function sameTask(a: RunDelta, b: RunDelta): boolean {
  return a.type === b.type && a.path === b.path && a.attempt === b.attempt;
}

function deltaMessage(delta: RunDelta, nowMs: number): ExecutionEvent {
  return create(ExecutionEventSchema, {
    sequence: 0,
    time: timestampFromMs(nowMs),
    type: ExecutionEvent_Type[delta.type],
    path: delta.path,
    name: delta.name,
    attempt: delta.attempt,
    data: valueMessage(delta.text),
  });
}

function response(event: ExecutionEvent): WatchExecutionResponse {
  return create(WatchExecutionResponseSchema, { event });
}
