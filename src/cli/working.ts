/**
 * Works on whatever is pending or orphaned.
 *
 * @module
 */

import type { BackendClient, WorkEvent } from "../backend/open.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor, refuseServer } from "./context.ts";
import { oneLine } from "./one_line.ts";
import { waitingLines } from "./still_waiting.ts";
import { createWorkLines } from "./work_lines.ts";
import { wrapping } from "./wrap.ts";

/** Runs a worker until it is idle or stopped. */
export async function runWorker(
  context: Context,
  options: { readonly untilIdle: boolean },
): Promise<Ending> {
  const { io, host } = context;
  await refuseServer(context, "run a worker");
  let unshown: { readonly error: unknown } | undefined;
  const stopped = new AbortController();
  const { promise: forced, resolve: force } = Promise.withResolvers<"forced">();
  const remove = host.terminal.onInterrupt(() => {
    if (stopped.signal.aborted) return force("forced");
    io.note("Stopping; once more to stop at once");
    stopped.abort();
  });
  try {
    const backend = await openFor(context, "none");
    io.note(`Working on ${backend.location}${await watched(backend.client)}`);
    const show = createShow(context);
    const work = async (): Promise<"done"> => {
      await using opened = backend;
      const { ended } = await opened.work({
        untilIdle: options.untilIdle,
        signal: stopped.signal,
        onEvent(event) {
          try {
            show(event);
          } catch (error) {
            // The worker's own work must not end on what cannot be shown.
            unshown ??= { error };
            stopped.abort();
          }
        },
      });
      if (unshown !== undefined) throw unshown.error;
      io.note(`Ended ${ended} ${ended === 1 ? "execution" : "executions"}`);
      if (options.untilIdle && !io.quiet) {
        await noteWaiting(context, opened.client);
      }
      return "done";
    };
    const how = await Promise.race([work(), forced]);
    return how === "forced" ? "CANCELLED" : "ok";
  } finally {
    remove();
  }
}

/** Says how many schedules the worker watches, when there are any. */
async function watched(client: BackendClient): Promise<string> {
  const { schedules, nextPageToken } = await client.listSchedules({
    page: { size: PAGE_SIZE_MAX },
  });
  const count = `${schedules.length}${nextPageToken === "" ? "" : "+"}`;
  if (count === "0") return "";
  return `, watching ${count} ${count === "1" ? "schedule" : "schedules"}`;
}

/** Says what a worker that ends leaves waiting, and what goes on with it. */
async function noteWaiting(
  { io, signal }: Context,
  client: BackendClient,
): Promise<void> {
  const talk = wrapping(io);
  for (const it of await waitingLines(client, signal)) talk.note(it);
}

/** Makes what shows events, as people or programs want them. */
function createShow({ io }: Context): (event: WorkEvent) => void {
  const lineOf = createWorkLines(io.out);
  return (event) => {
    if (io.format === "json" || io.format === "jsonl") {
      return io.data(JSON.stringify(event));
    }
    const { executionId, kind, detail } = event;
    if (executionId === undefined) return io.warn(oneLine(detail));
    if (io.format === "name") {
      if (isEnd(kind)) io.data(executionId);
      return;
    }
    const line = lineOf(event);
    if (line !== undefined && !io.quiet) io.data(line);
  };
}

function isEnd(kind: WorkEvent["kind"]): boolean {
  return kind === "completed" || kind === "failed" || kind === "cancelled";
}
