/**
 * Shows what a backend is doing, once or as long as somebody looks on.
 *
 * @module
 */

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../backend/get_execution.ts";
import type { BackendClient } from "../backend/open.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";
import { KeyReader } from "./agent/keys.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { openFullScreen } from "./full_screen.ts";
import {
  type Gathered,
  LATE_MS,
  type Overview,
  overviewOf,
  type Sort,
  sorted,
  SORTS,
  worthALook,
} from "./overview.ts";
import {
  type BackendFacts,
  overviewJson,
  summaryLines,
  tableLines,
} from "./overview_lines.ts";
import { linesOfRow } from "./table.ts";
import { showJson } from "./view.ts";
import { fit } from "./width.ts";

/** How often it is looked at. */
const REFRESH_MS = 1000;
/** How many times the time that an answer took passes before the next. */
const REFRESH_FACTOR = 10;
/** Executions that are looked into each time, at the most. */
const DETAILED_MAX = 32;
const HELP = "q quit · sort by a age, n name, p phase, t tokens, c cost";

/** How an overview is shown. */
export interface TopInput {
  readonly sort: string | undefined;
  readonly once: boolean;
}

/** What an overview is made of at a moment. */
interface Seen {
  readonly overview: Overview;
  readonly backend: BackendFacts;
  readonly nowMs: number;
}

/** Shows what a backend is doing. */
export async function showTop(
  context: Context,
  input: TopInput,
): Promise<Ending> {
  const { io, signal } = context;
  const sort = SORTS.find((it) => it === input.sort) ?? "age";
  await using backend = await openFor(context);
  const { client } = backend;
  const isTable = io.format === "table" || io.format === "wide";
  if (isTable && !input.once && io.live && io.columns !== undefined) {
    return await lookOn(context, client, sort);
  }
  const seen = await look(context, client, signal);
  const rows = sorted(seen.overview.rows, sort, false);
  if (isTable) await showOnce(context, seen, sort);
  else if (io.format === "name") { for (const { id } of rows) io.data(id); }
  else {
    const overview = { ...seen.overview, rows };
    await showJson(context, overviewJson(overview, seen));
  }
  return "ok";
}

async function showOnce(
  { io }: Context,
  { overview, backend, nowMs }: Seen,
  sort: Sort,
): Promise<void> {
  const look = { columns: io.columns, style: io.out };
  const summary = summaryLines(overview, { ...look, backend, nowMs });
  for (const line of summary) io.data(line);
  if (overview.rows.length === 0) return;
  io.data("");
  const rows = sorted(overview.rows, sort, false);
  for (const line of await tableLines(rows, look)) io.data(line);
}

/** Asks the backend what it is doing. */
async function look(
  { host: { clock } }: Context,
  client: BackendClient,
  signal: AbortSignal,
): Promise<Seen> {
  const nowMs = clock.now();
  const page = { size: PAGE_SIZE_MAX, token: "" };
  const [info, open, ended] = await Promise.all([
    client.getBackendInfo({}, { signal }),
    client.listExecutions({
      page,
      phases: [Phase.RUNNING, Phase.WAITING, Phase.PENDING, Phase.PAUSED],
    }, { signal }),
    client.listExecutions({
      page,
      phases: [Phase.COMPLETED, Phase.FAILED, Phase.CANCELLED],
      createdAfter: timestampFromMs(nowMs - LATE_MS),
      topLevel: true,
    }, { signal }),
  ]);
  const detailed = new Map<string, Execution>();
  const ids = worthALook(open.executions, DETAILED_MAX);
  await Promise.all(ids.map(async (id) => {
    detailed.set(id, await getExecution(client, id, signal));
  }));
  const gathered: Gathered = {
    open: open.executions,
    ended: ended.executions,
    detailed,
    nowMs,
    isPartial: open.nextPageToken !== "" || ended.nextPageToken !== "",
  };
  return { overview: overviewOf(gathered), backend: info, nowMs };
}

/** Draws it until somebody has seen enough. */
async function lookOn(
  context: Context,
  client: BackendClient,
  sort: Sort,
): Promise<Ending> {
  const { host: { clock, terminal }, io } = context;
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, context.signal]);
  let order: { by: Sort; isTurned: boolean } = { by: sort, isTurned: false };
  let seen: Seen | undefined;
  let ending: Ending = "ok";
  using screen = openFullScreen(terminal);
  // Who gives up on it reports that where it can be read.
  signal.addEventListener("abort", () => screen[Symbol.dispose]());
  const remove = terminal.onInterrupt((kind) => {
    if (kind === "SIGTERM") ending = "CANCELLED";
    left.abort();
  });
  const draw = async (): Promise<void> => {
    if (seen === undefined) return;
    const lines = await frameOf(context, seen, {
      ...order,
      columns: screen.columns,
      rows: screen.rows,
    });
    if (!signal.aborted) screen.draw(lines);
  };
  const press = (letter: string): void => {
    if (letter === "q") return left.abort();
    const by = SORTS.find((it) => it.startsWith(letter));
    if (by === undefined) return;
    order = { by, isTurned: by === order.by && !order.isTurned };
  };
  const watch = async (): Promise<void> => {
    for (;;) {
      const startMs = clock.monotonic();
      seen = await look(context, client, signal);
      await draw();
      const tookMs = clock.monotonic() - startMs;
      await clock.sleep(Math.max(REFRESH_MS, tookMs * REFRESH_FACTOR), signal);
    }
  };
  const listen = async (
    read: () => Promise<Uint8Array | undefined>,
  ): Promise<void> => {
    const keys = new KeyReader();
    for (;;) {
      const typed = await read();
      if (typed === undefined || signal.aborted) return;
      keys.push(typed);
      for (let key = keys.next(); key !== undefined; key = keys.next()) {
        if (key.kind === "interrupt" || key.kind === "end") left.abort();
        else if (key.kind === "text") { for (const it of key.text) press(it); }
      }
      await draw();
    }
  };
  try {
    await (io.interactive
      ? terminal.withKeys(async (read) => {
        const listening = listen(read);
        listening.catch(() => {});
        await watch();
      })
      : watch());
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    remove();
  }
  return ending;
}

/** The lines of one frame, no more than there are on the terminal. */
async function frameOf(
  { io }: Context,
  { overview, backend, nowMs }: Seen,
  how: {
    readonly by: Sort;
    readonly isTurned: boolean;
    readonly columns: number;
    readonly rows: number;
  },
): Promise<readonly string[]> {
  const { columns, rows } = how;
  const style = io.out;
  const summary = summaryLines(overview, { backend, nowMs, columns, style })
    .map((it) => fit(it, columns));
  const all = sorted(overview.rows, how.by, how.isTurned);
  const room = Math.max(0, rows - summary.length - 3);
  const some = all.slice(0, room);
  const whole = all.length === 0
    ? ["Nothing runs or waits"]
    : await tableLines(some, { columns, style });
  const perRow = linesOfRow(whole, some.length);
  const shown = Math.min(some.length, Math.floor((room + 1) / perRow) - 1);
  const table = whole.slice(0, Math.max(1, (shown + 1) * perRow));
  const more = all.length > shown ? `… ${all.length - shown} more · ` : "";
  const keys = io.interactive ? HELP : "Ctrl-C quit";
  return [
    ...summary,
    "",
    ...table,
    style.dim(fit(`${more}${keys}`, columns)),
  ].slice(0, rows);
}
