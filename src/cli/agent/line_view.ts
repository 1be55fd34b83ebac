/**
 * A line that is being typed, drawn over itself after each key.
 *
 * @module
 */

import { widthOf } from "../width.ts";
import { graphemesOf } from "./graphemes.ts";

/** What is drawn. */
export interface Drawn {
  /** Columns of `prompt` as the terminal shows it. */
  readonly promptWidth: number;
  readonly before: string;
  readonly after: string;
}

/** How large the terminal is. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How a line is drawn. */
export interface DrawOptions {
  readonly size: Size;
  /** The prompt as it is written, with its dress. */
  readonly prompt: string;
  /** What begins each further line; as wide as the prompt. */
  readonly further: string;
  /** What is there now, to be drawn over. */
  readonly last?: Drawn;
}

/** Rows before and behind the cursor that are drawn, the more is left out. */
const ROWS_BEFORE_MAX = 16;
const ROWS_BEHIND_MAX = 6;
/** How much of a small terminal is left for what is behind the cursor. */
const BEHIND_SHARE = 1 / 3;

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Writes what draws a line and puts the cursor where it belongs. */
export function drawLine(
  line: Omit<Drawn, "promptWidth">,
  options: DrawOptions & { readonly promptWidth: number },
): string {
  const { size, prompt, further, promptWidth, last } = options;
  const { columns } = size;
  const { before, after } = line;
  const shown = cut({ before, after, promptWidth }, size);
  const whole = shown.before + shown.after;
  const end = endOf(shown, columns);
  const cursor = cursorOf(shown, columns);
  return [
    last === undefined ? "" : backOver(last, size),
    prompt,
    whole.replaceAll("\n", `\r\n${further}`),
    // A terminal waits at its edge: what follows moves it on.
    end.column === 0 && end.row > 0 ? " \r" : "",
    moveFrom(end, cursor),
  ].join("");
}

/** Writes what leaves a line behind: the cursor stands below it then. */
export function leaveLine(last: Drawn, size: Size): string {
  const { columns } = size;
  const shown = cut(last, size);
  const down = endOf(shown, columns).row - cursorOf(shown, columns).row;
  return `${down > 0 ? `\x1b[${down}B` : ""}\r\n`;
}

function backOver(last: Drawn, size: Size): string {
  const { row } = cursorOf(cut(last, size), size.columns);
  return `${row > 0 ? `\x1b[${row}A` : ""}\r\x1b[J`;
}

/**
 * Leaves out what the terminal has no room for: what has scrolled out of it
 * cannot be drawn over.
 */
function cut({ before, after, promptWidth }: Drawn, size: Size): Drawn {
  const { columns } = size;
  // One row stays free: a line may end at the edge, and the cursor below it.
  const rows = Math.max(2, size.rows - 1);
  const behind = Math.min(ROWS_BEHIND_MAX, Math.floor(rows * BEHIND_SHARE));
  const rowsMax = Math.max(1, after === "" ? 1 : behind);
  const left = Math.max(1, Math.min(ROWS_BEFORE_MAX, rows - rowsMax));
  return {
    promptWidth,
    before: lastRows(before, { promptWidth, columns, rowsMax: left }),
    after: firstRows(after, { promptWidth, columns, rowsMax }),
  };
}

/** Where texts are drawn. */
interface Room {
  readonly promptWidth: number;
  readonly columns: number;
}

/** How much of them. */
interface Rows extends Room {
  /** At least 1. */
  readonly rowsMax: number;
}

function lastRows(text: string, room: Rows): string {
  let kept = text.slice(-room.rowsMax * room.columns)
    .split("\n").slice(-room.rowsMax).join("\n");
  while (rowsOf(kept, room) > room.rowsMax) {
    const end = kept.indexOf("\n");
    kept = kept.slice(end < 0 ? Math.ceil(kept.length / 4) : end + 1);
  }
  return drawable(kept.length < text.length ? `…${kept}` : kept);
}

function firstRows(text: string, room: Rows): string {
  let kept = text.slice(0, room.rowsMax * room.columns)
    .split("\n").slice(0, room.rowsMax).join("\n");
  while (rowsOf(kept, room) > room.rowsMax) {
    const begin = kept.lastIndexOf("\n");
    kept = kept.slice(0, begin < 0 ? -Math.ceil(kept.length / 4) : begin);
  }
  return drawable(kept.length < text.length ? `${kept}…` : kept);
}

function rowsOf(text: string, room: Room): number {
  return placeAt(drawable(text), room).row + 1;
}

function drawable(text: string): string {
  return text.toWellFormed().replaceAll("\t", "    ");
}

/** Where the cursor stands; before a new line it waits at the edge. */
function cursorOf(
  { before, after, promptWidth }: Drawn,
  columns: number,
): Place {
  const place = placeAt(before, { promptWidth, columns });
  if (place.column < columns) return place;
  return after.startsWith("\n")
    ? { row: place.row, column: columns - 1 }
    : { row: place.row + 1, column: 0 };
}

function endOf({ before, after, promptWidth }: Drawn, columns: number): Place {
  const { row, column } = placeAt(before + after, { promptWidth, columns });
  return column < columns ? { row, column } : { row: row + 1, column: 0 };
}

/** Where a text ends: behind the last column where a row is full. */
function placeAt(text: string, { promptWidth, columns }: Room): Place {
  let row = 0;
  let column = promptWidth;
  for (const { segment } of graphemesOf(text)) {
    if (segment === "\n") {
      row++;
      column = promptWidth;
      continue;
    }
    const width = widthOf(segment);
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
  }
  return { row, column };
}

function moveFrom(from: Place, to: Place): string {
  const up = from.row - to.row;
  if (up === 0 && from.column === to.column) return "";
  return `${up > 0 ? `\x1b[${up}A` : ""}\r` +
    (to.column > 0 ? `\x1b[${to.column}C` : "");
}
