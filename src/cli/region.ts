/**
 * Lines at the end of a terminal that are drawn over themselves, with what
 * stays written above them.
 *
 * Only lines that changed are written again, and each frame is one write that
 * the terminal shows at once, where it can: so nothing flickers. The cursor is
 * hidden as long as something is drawn, and waits in the last line; it stays
 * where Ctrl-Z would leave a terminal without one. Whoever stops the program
 * finds the terminal free, and the lines again when it goes on.
 *
 * @module
 */

import type { Suspension, Terminal } from "../host/host.ts";
import { widthOf } from "./width.ts";

/** Size of a terminal that does not say. */
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;
/** What has the terminal show a frame at once; others pass over it. */
const FRAME_BEGINS = "\x1b[?2026h";
const FRAME_ENDS = "\x1b[?2026l";
const CURSOR_HIDDEN = "\x1b[?25l";
const CURSOR_SHOWN = "\x1b[?25h";
const CLEAR_BELOW = "\r\x1b[J";
const CLEAR_LINE = "\r\x1b[2K";

/** Lines that are drawn over themselves. */
export interface Region extends Disposable {
  /** Columns that a line may have: one is left, where terminals break lines. */
  readonly columns: number;
  /** Lines that may be drawn: one is left for whoever types. */
  readonly rows: number;
  readonly isDrawn: boolean;
  /** Draws lines, each dressed and cut to `columns`, under texts that stay. */
  draw(lines: readonly string[], above?: readonly string[]): void;
  /** Takes them away, so that something else can be written. */
  clear(): void;
}

/** A terminal as a region needs it. */
export type RegionTerminal = Pick<
  Terminal,
  "write" | "columns" | "rows" | "onSuspend"
>;

/** Makes a region that nothing is drawn in yet. */
export function openRegion(
  terminal: RegionTerminal,
  stream: "stdout" | "stderr" = "stderr",
): Region {
  let drawn: readonly string[] = [];
  let drawnColumns = 0;
  const columns = (): number => terminal.columns() ?? COLUMNS_DEFAULT;
  const rows = (): number => (terminal.rows() ?? ROWS_DEFAULT) - 1;
  const clear = (): void => {
    if (drawn.length === 0) return;
    const back = backOver(drawn, columns());
    drawn = [];
    terminal.write(stream, `${back}${CLEAR_BELOW}${CURSOR_SHOWN}`);
  };
  let suspension: Suspension | undefined;
  let stopped: readonly string[] = [];
  /** From the first frame on. */
  const heed = (): Suspension =>
    suspension ??= terminal.onSuspend({
      stop() {
        stopped = drawn;
        clear();
      },
      go() {
        // What was not taken away is amid what others wrote meanwhile.
        if (drawn.length > 0) stopped = drawn;
        drawn = [];
        if (stopped.length > 0) region.draw(stopped);
        stopped = [];
      },
    });
  const region: Region = {
    get columns() {
      return Math.max(1, columns() - 1);
    },
    get rows() {
      return Math.max(1, rows());
    },
    get isDrawn() {
      return drawn.length > 0;
    },
    draw(all, above = []) {
      const lines = all.slice(0, Math.max(1, rows()));
      if (lines.length === 0 && above.length === 0) return clear();
      const isSame = columns() === drawnColumns && above.length === 0;
      const frame = isSame && drawn.length > 0 && lines.length > 0
        ? changes(drawn, lines)
        : drawnAnew({ drawn, lines, above, columns: columns() });
      drawn = lines;
      drawnColumns = columns();
      if (frame === "") return;
      const shown = lines.length === 0 ? CURSOR_SHOWN : "";
      const hidden = heed().tellsOfStops ? CURSOR_HIDDEN : "";
      const begins = `${FRAME_BEGINS}${hidden}`;
      terminal.write(stream, `${begins}${frame}${FRAME_ENDS}${shown}`);
    },
    clear,
    [Symbol.dispose]() {
      clear();
      suspension?.[Symbol.dispose]();
      suspension = undefined;
    },
  };
  return region;
}

/** Writes lines in the place of others; above them what shall stay. */
function drawnAnew(
  of: {
    readonly drawn: readonly string[];
    readonly lines: readonly string[];
    readonly above: readonly string[];
    readonly columns: number;
  },
): string {
  const { drawn, lines, above, columns } = of;
  const back = drawn.length === 0
    ? "\r"
    : `${backOver(drawn, columns)}${CLEAR_BELOW}`;
  const kept = above.map((it) => `${it.replaceAll("\n", "\r\n")}\r\n`).join("");
  return `${back}${kept}${lines.join("\r\n")}\r`;
}

/** Writes those of some lines that are not the same as before. */
function changes(before: readonly string[], lines: readonly string[]): string {
  const first = lines.findIndex((it, i) => it !== before[i]);
  if (first < 0 && lines.length === before.length) return "";
  const from = first < 0 ? lines.length - 1 : first;
  let text = move(from - (before.length - 1));
  for (let i = from; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (i > from) text += "\r\n";
    if (line !== before[i]) text += CLEAR_LINE + line;
  }
  if (lines.length < before.length) text += `\r\n${CLEAR_BELOW}${move(-1)}`;
  return `${text}\r`;
}

/** Moves the cursor by lines that are there. */
function move(by: number): string {
  if (by === 0) return "";
  return by < 0 ? `\x1b[${-by}A` : "\r\n".repeat(by);
}

/**
 * Goes to the first line. A terminal that became narrower has broken the lines
 * into more rows; the cursor stands in the first one of the last line.
 */
function backOver(drawn: readonly string[], columns: number): string {
  const heights = drawn.slice(0, -1)
    .map((it) => Math.ceil(widthOf(it) / columns) || 1);
  return move(-heights.reduce((sum, it) => sum + it, 0));
}
