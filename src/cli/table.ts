/**
 * Tables that fit the terminal.
 *
 * Most tables are plain ASCII, whose width is its length: what knows the width
 * of everything else is loaded only for a table that needs it.
 *
 * @module
 */

import { oneLine } from "./one_line.ts";
import type { Style } from "./style.ts";

/** A column of a table. */
export interface TableColumn {
  readonly header: string;
  /** Whether its values stand at the right, as numbers do. */
  readonly right?: boolean;
  /** Whether its values are of no use when they are cut, as ids. */
  readonly whole?: boolean;
  /** Goes where a line is too narrow for all; the highest goes first. */
  readonly spare?: number;
}

/** Measures and cuts texts. */
interface Measure {
  widthOf(text: string): number;
  fit(text: string, width: number): string;
}

const GAP = "  ";
/** What stands before the rest of a row, below the column that is whole. */
const STEP = "  ";
/** Where one column less between columns lets all of them be whole. */
const NARROW_GAP = " ";
/** Columns below which a cut column says little: spare ones go before that. */
const READABLE_MIN = 10;
/** Columns that a squeezed column keeps at the least. */
const WIDTH_MIN = 6;
const ASCII_REGEXP = /^[\x20-\x7e]*$/;

const ASCII_MEASURE: Measure = {
  widthOf: (text) => text.length,
  fit: (text, width) =>
    text.length <= width ? text : `${text.slice(0, width - 1)}…`,
};

/**
 * Writes a table.
 *
 * In a pipe nothing is cut; on a terminal the widest columns give way until
 * the table fits. Where an id leaves no room for what else is to be known, it
 * has a line of its own, with the rest of its row below.
 */
export async function renderTable(
  all: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: { readonly columns: number | undefined; readonly style: Style },
): Promise<string> {
  let cells = rows.map((row) => row.map(oneLine));
  const isAscii = cells.every((row) =>
    row.every((it) => ASCII_REGEXP.test(it))
  );
  const measure = isAscii ? ASCII_MEASURE : await import("./width.ts");
  const sized = all.map((column, i): SizedColumn => ({
    ...column,
    index: i,
    natural: cells.reduce(
      (widest, row) => Math.max(widest, measure.widthOf(row[i] ?? "")),
      column.header.length,
    ),
  }));
  const columns = withoutSpare(sized, options.columns);
  if (all[0]?.whole === true && isTooNarrow(columns, options.columns)) {
    return await stacked(all, cells, options);
  }
  cells = cells.map((row) => columns.map(({ index }) => row[index] ?? ""));
  const headers = columns.map((it) => it.header);
  const natural = columns.map((it) => it.natural);
  const gap = lineWidth(natural) - (options.columns ?? Infinity) > 0 &&
      lineWidth(natural, NARROW_GAP) <= (options.columns ?? 0)
    ? NARROW_GAP
    : GAP;
  const whole = columns.map((it) => it.whole === true);
  const widths = gap === GAP
    ? fitWidths(natural, options.columns, whole)
    : natural;
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => {
      const width = widths[i] ?? 0;
      const text = measure.fit(cell, width);
      const space = " ".repeat(Math.max(0, width - measure.widthOf(text)));
      return columns[i]?.right === true ? space + text : text + space;
    }).join(gap).trimEnd();
  return [options.style.bold(line(headers)), ...cells.map(line)].join("\n");
}

/** Writes each row as two: the first column, which is whole, and the rest. */
async function stacked(
  [lead, ...rest]: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { columns, style }: Parameters<typeof renderTable>[2],
): Promise<string> {
  const inner = await renderTable(rest, rows.map((row) => row.slice(1)), {
    columns: columns === undefined ? columns : columns - STEP.length,
    style,
  });
  const leads = [style.bold(lead?.header ?? ""), ...rows.map(([it]) => it)];
  return inner.split("\n")
    .flatMap((line, i) => [leads[i] ?? "", `${STEP}${line}`.trimEnd()])
    .join("\n");
}

/** Lines that each row of a table takes, of so many rows. */
export function linesOfRow(lines: readonly string[], rows: number): number {
  return Math.max(1, Math.round(lines.length / (rows + 1)));
}

/** Whether columns are too wide for a line, however much is cut. */
function isTooNarrow(
  columns: readonly SizedColumn[],
  limit: number | undefined,
): boolean {
  return limit !== undefined && columns.length > 1 &&
    lineWidth(columns.map(leastOf), NARROW_GAP) > limit;
}

/** A column with what it needs. */
interface SizedColumn extends TableColumn {
  /** Its place among all. */
  readonly index: number;
  /** Its width when nothing of it is cut. */
  readonly natural: number;
}

/** Leaves out what can be spared until the others can be read. */
function withoutSpare(
  all: readonly SizedColumn[],
  limit: number | undefined,
): readonly SizedColumn[] {
  let kept = all;
  while (limit !== undefined && lineWidth(kept.map(leastOf)) > limit) {
    const first = Math.max(...kept.map((it) => it.spare ?? 0));
    if (first <= 0) break;
    kept = kept.filter((it) => (it.spare ?? 0) < first);
  }
  return kept;
}

/** Columns that one needs to be read. */
function leastOf({ natural, whole }: SizedColumn): number {
  return whole === true ? natural : Math.min(natural, READABLE_MIN);
}

function lineWidth(widths: readonly number[], gap = GAP): number {
  return widths.reduce((sum, it) => sum + it, gap.length * (widths.length - 1));
}

/**
 * Makes the widest columns narrower until all fit into a line; one that must
 * stay `whole` is left as it is, be the line too long.
 */
export function fitWidths(
  natural: readonly number[],
  columns: number | undefined,
  whole: readonly boolean[] = [],
): readonly number[] {
  if (columns === undefined) return natural;
  const widths = [...natural];
  const gaps = GAP.length * (widths.length - 1);
  let over = widths.reduce((sum, it) => sum + it, gaps) - columns;
  while (over > 0) {
    const widest = widths.reduce(
      (best, it, i) =>
        whole[i] === true || it <= (widths[best] ?? 0) ? best : i,
      -1,
    );
    const width = widths[widest] ?? 0;
    if (width <= WIDTH_MIN) break;
    widths[widest] = width - 1;
    over--;
  }
  return widths;
}
