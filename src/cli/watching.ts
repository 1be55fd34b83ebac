/**
 * Lists that are looked at again and again: on a terminal the table is drawn
 * over itself, elsewhere what is new or has changed is a line of its own.
 *
 * @module
 */

import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";
import { oneLine } from "./one_line.ts";
import { openRegion, type Region } from "./region.ts";
import { stoppable } from "./stoppable.ts";
import { styleOf } from "./style.ts";
import { linesOfRow, renderTable } from "./table.ts";
import { type Page, type View, type ViewColumn, yamlText } from "./view.ts";
import { chunksOf, widthOf } from "./width.ts";

/** How often a list is looked at. */
const REFRESH_MS = 1000;
/** How many times the time that an answer took passes before the next. */
const REFRESH_FACTOR = 10;
const GAP = "  ";
const PLAIN = styleOf(false);
/** A page as it is shown. */
export interface Watched<T> {
  readonly view: View<T>;
  readonly page: Page<T>;
}

/** Shows a list until somebody stops it. */
export function watchList<T>(
  context: Context,
  fetch: (signal: AbortSignal) => Promise<Watched<T>>,
): Promise<Ending> {
  return stoppable(context, async (stopping) => {
    const { host: { clock }, signal } = stopping;
    using shown = isDrawn(context)
      ? drawnTable<T>(stopping)
      : changedLines<T>(stopping);
    // Nothing is drawn any more when somebody gives up on it and says so.
    signal.addEventListener("abort", () => shown[Symbol.dispose]());
    for (;;) {
      const startMs = clock.monotonic();
      await shown.take(await fetch(signal));
      const tookMs = clock.monotonic() - startMs;
      await clock.sleep(Math.max(REFRESH_MS, tookMs * REFRESH_FACTOR), signal);
    }
  });
}

function isDrawn({ io }: Context): boolean {
  return io.live && io.columns !== undefined && isTable(io);
}

function isTable({ format }: Context["io"]): boolean {
  return format === "table" || format === "wide";
}

/** What shows one page after another. */
interface Shown<T> extends Disposable {
  take(watched: Watched<T>): Promise<void>;
}

function columnsOf<T>(
  { io }: Pick<Context, "io">,
  view: View<T>,
): readonly ViewColumn<T>[] {
  return view.columns.filter((it) => io.format === "wide" || it.wide !== true);
}

/** A table that is drawn over itself, and stays as it was at last. */
function drawnTable<T>({ host, io }: Context): Shown<T> {
  const region: Region = openRegion(host.terminal, "stdout");
  let frame: readonly string[] = [];
  const take = async (
    { view, page: { items, nextPageToken } }: Watched<T>,
  ): Promise<void> => {
    const nowMs = host.clock.now();
    const columns = columnsOf({ io }, view);
    const isWide = io.format === "wide";
    const text = await renderTable(
      columns,
      items.map((item) => columns.map((it) => it.value(item, nowMs))),
      { columns: isWide ? undefined : region.columns, style: PLAIN },
    );
    const rows = text.split("\n");
    const perRow = linesOfRow(rows, items.length);
    // What is wider than the terminal goes on below: nothing of it is cut.
    const lines = rows.flatMap((it, i) => {
      const chunks = chunksOf(it, region.columns);
      return i < perRow ? chunks.map(io.out.bold) : chunks;
    });
    frame = items.length === 0 ? [io.out.dim("None found")] : lines;
    const isMore = frame.length > region.rows || nextPageToken !== "";
    if (isMore) {
      const room = Math.max(1, region.rows - 1);
      const left = Math.max(0, frame.length - room);
      const count = Math.ceil(left * (items.length + 1) / frame.length);
      const more = io.out.dim(moreText(count, nextPageToken));
      frame = [...frame.slice(0, room), more];
    }
    region.draw(frame);
  };
  return {
    take,
    [Symbol.dispose]() {
      const { isDrawn } = region;
      region[Symbol.dispose]();
      if (!isDrawn) return;
      // The same lines, as data.
      for (const line of frame) io.data(line);
      frame = [];
    },
  };
}

function moreText(left: number, nextPageToken: string): string {
  const further = nextPageToken === "" ? "" : " and further pages";
  return left > 0 ? `… ${left} more${further}` : "… further pages";
}

/** A line for each thing that is new, or not what it was. */
function changedLines<T>(context: Context): Shown<T> {
  const { host, io } = context;
  /** What was shown of each thing, by what identifies it. */
  let known = new Map<string, string>();
  let widths: readonly number[] | undefined;
  const showRow = (cells: readonly string[], rightOf: readonly boolean[]) => {
    const plain = cells.map(oneLine);
    widths = plain.map((it, i) => Math.max(widths?.[i] ?? 0, widthOf(it)));
    io.data(
      plain.map((it, i) => {
        const space = " ".repeat((widths?.[i] ?? 0) - widthOf(it));
        return rightOf[i] === true ? space + it : it + space;
      }).join(GAP).trimEnd(),
    );
  };
  return {
    async take({ view, page }) {
      const columns = columnsOf(context, view);
      const rightOf = columns.map((it) => it.right === true);
      const cellsAt = (item: T, nowMs: number): readonly string[] =>
        columns.map((it) => it.value(item, nowMs));
      const seen = new Map<string, string>();
      const isFirst = widths === undefined;
      if (isFirst && isTable(io)) {
        const all = page.items.map((it) => cellsAt(it, host.clock.now()));
        widths = columns.map(({ header }, i) =>
          Math.max(
            header.length,
            ...all.map((it) => widthOf(oneLine(it[i] ?? ""))),
          )
        );
        showRow(columns.map(({ header }) => header), rightOf);
      }
      widths ??= [];
      // The first page is a list, newest first; what comes is told in order.
      const items = isFirst ? page.items : page.items.toReversed();
      for (const item of items) {
        const id = view.identify(item);
        // How long ago something was changes all the time: that tells nothing.
        const state = isTable(io)
          ? JSON.stringify(cellsAt(item, 0))
          : JSON.stringify(view.json(item));
        seen.set(id, state);
        if (known.get(id) === state) continue;
        if (isTable(io)) showRow(cellsAt(item, host.clock.now()), rightOf);
        else await showData(context, view, item);
      }
      known = seen;
    },
    [Symbol.dispose]() {},
  };
}

/** Writes one thing, so that programs can read one after another. */
async function showData<T>(
  { io }: Context,
  view: View<T>,
  item: T,
): Promise<void> {
  switch (io.format) {
    case "name":
      return io.data(view.identify(item));
    case "yaml":
      return io.raw(
        `---\n${await view.yaml?.(item) ?? await yamlText(view.json(item))}`,
      );
    default:
      return io.data(JSON.stringify(view.json(item)));
  }
}
