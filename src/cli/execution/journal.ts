/**
 * Prints journals.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type ExecutionEvent,
  ExecutionEvent_Type,
  ExecutionEventSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { invalidArgument } from "../../model/error.ts";
import { failureText } from "../../model/failure_text.ts";
import type { Json } from "../../model/json.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import type { Style } from "../style.ts";
import { oneLine } from "../one_line.ts";
import { fit } from "../width.ts";
import { PIPE_WIDTH, showJson, yamlText } from "../view.ts";
import { noteWhenIdle } from "./idle.ts";
import { createJournalCalls } from "./journal_calls.ts";
import { jsonOf } from "./progress.ts";
import { executionIdOf } from "./last.ts";

/** What a journal is asked for with. */
export interface LogsInput {
  readonly follow: boolean;
  readonly since: string | undefined;
}

/** Says which entries are not there any more. */
function noteRemoved(
  { io }: Context,
  of: { readonly before: number; readonly event: ExecutionEvent },
): void {
  const [first, last] = [of.before + 1, of.event.sequence - 1];
  if (last < first) return;
  const which = first === last
    ? `Entry ${first} of the journal was`
    : `Entries ${first} to ${last} of the journal were`;
  io.alert(`${which} removed, past the retention of journals`);
}

/** Prints the journal of an execution, as it is or as it grows. */
export async function showLogs(
  context: Context,
  word: string,
  input: LogsInput,
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context);
  const id = await executionIdOf(backend.client, word, context.signal);
  const answers = backend.client.watchExecution({
    id,
    afterSequence: parseSequence(input.since),
    stopAtEnd: !input.follow,
  }, { signal: context.signal });
  using idle = input.follow
    ? noteWhenIdle(context, backend, { id })
    : undefined;
  const collected: Json[] = [];
  let count = 0;
  let before = parseSequence(input.since);
  const calls = createJournalCalls();
  for await (const { event } of answers) {
    if (event === undefined) continue;
    idle?.take(event);
    noteRemoved(context, { before, event });
    before = event.sequence;
    count++;
    if (io.format === "json") collected.push(eventJson(event));
    else await showEvent(context, event, calls.take(event));
  }
  if (io.format === "json") {
    await showJson(context, { items: collected, nextPageToken: "" });
  } else if (count === 0) io.note("Nothing more has happened");
  return "ok";
}

function parseSequence(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidArgument(
    `Option "--since" cannot be "${text}", give the number of an entry`,
  );
}

async function showEvent(
  context: Context,
  event: ExecutionEvent,
  call: string,
): Promise<void> {
  const { io } = context;
  const nowMs = context.host.clock.now();
  switch (io.format) {
    case "yaml":
      return io.raw(`---\n${await yamlText(eventJson(event))}`);
    case "json":
    case "jsonl":
      return io.data(JSON.stringify(eventJson(event)));
    case "name":
      return io.data(`${event.sequence}`);
    case "table":
      return io.data(
        eventLine(event, {
          width: io.columns ?? PIPE_WIDTH,
          style: io.out,
          nowMs,
          call,
        }),
      );
    case "wide":
      return io.data(
        eventLine(event, { width: Infinity, style: io.out, nowMs, call }),
      );
  }
}

function eventJson(event: ExecutionEvent): Json {
  return toJson(ExecutionEventSchema, event);
}

/** Writes an entry of a journal in one line. */
export function eventLine(
  event: ExecutionEvent,
  options: {
    readonly width: number;
    readonly style: Style;
    readonly nowMs: number;
    /** What a model calls there. */
    readonly call?: string;
  },
): string {
  const { style, width, call = "" } = options;
  const time = timeText(event, options.nowMs);
  const type = ExecutionEvent_Type[event.type] ?? "";
  const head = `${`${event.sequence}`.padStart(5)}  ${time}  `;
  const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : "";
  const path = event.path === "" ? "" : `  ${oneLine(event.path)}${attempt}`;
  const detail = [oneLine(call), detailOf(event)]
    .filter((it) => it !== "").join("  ");
  const spent = head.length + type.length + path.length + 2;
  const shown = detail === ""
    ? ""
    : `  ${fit(detail, Math.max(8, width - spent))}`;
  return `${style.dim(head)}${dressType(type, style)}${path}${shown}`;
}

/** The time of an entry, with its date where that is not the present one. */
function timeText({ time }: ExecutionEvent, nowMs: number): string {
  if (time === undefined) return "";
  const text = new Date(timestampMs(time)).toISOString();
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return text.startsWith(today) ? text.slice(11) : text;
}

function detailOf(event: ExecutionEvent): string {
  if (event.error !== undefined) {
    return oneLine(failureText(event.error));
  }
  if (event.data === undefined) return "";
  const data = jsonOf(event);
  return data === null ? "" : oneLine(JSON.stringify(data));
}

function dressType(type: string, style: Style): string {
  if (/FAILED|CANCEL/.test(type)) return style.red(type);
  if (/COMPLETED/.test(type)) return style.green(type);
  if (/RETRYING|WAITING|PAUSED/.test(type)) return style.yellow(type);
  return type;
}
