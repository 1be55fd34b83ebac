/**
 * Tables that fit the terminal.
 *
 * @module
 */

import stringWidth from "fast-string-width";
import type { Style } from "./style.ts";

/** A column of a table. */
export interface TableColumn {
  readonly header: string;
  /** Whether its values stand at the right, as numbers do. */
  readonly right?: boolean;
}

const GAP = "  ";
const ELLIPSIS = "…";
/** Columns that a squeezed column keeps at the least. */
const WIDTH_MIN = 6;

/**
 * Writes a table.
 *
 * In a pipe nothing is cut; on a terminal the widest columns give way until
 * the table fits.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: { readonly columns: number | undefined; readonly style: Style },
): string {
  const cells = rows.map((row) => row.map(oneLine));
  const headers = columns.map((it) => it.header);
  const natural = headers.map((header, i) =>
    widestOf([header, ...cells.map((row) => row[i] ?? "")])
  );
  const widths = fitWidths(natural, options.columns);
  const line = (row: readonly string[]): string =>
    row.map((cell, i) =>
      pad(fit(cell, widths[i] ?? 0), {
        width: widths[i] ?? 0,
        right: columns[i]?.right === true,
        last: i === columns.length - 1,
      })
    ).join(GAP).trimEnd();
  return [options.style.bold(line(headers)), ...cells.map(line)].join("\n");
}

/** Makes the widest columns narrower until all fit into a line. */
export function fitWidths(
  natural: readonly number[],
  columns: number | undefined,
): readonly number[] {
  if (columns === undefined) return natural;
  const widths = [...natural];
  const gaps = GAP.length * (widths.length - 1);
  let over = widths.reduce((sum, it) => sum + it, gaps) - columns;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= WIDTH_MIN) break;
    widths[widest] = width - 1;
    over--;
  }
  return widths;
}

/** Cuts a text to a width, with an ellipsis where something is missing. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return kept + ELLIPSIS;
}

/** Makes one line of a text, and takes out what would move the cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/\p{Cc}/gu, "").trim();
}

function widestOf(texts: readonly string[]): number {
  return texts.reduce((widest, it) => Math.max(widest, stringWidth(it)), 0);
}

function pad(
  text: string,
  to: {
    readonly width: number;
    readonly right: boolean;
    readonly last: boolean;
  },
): string {
  const space = " ".repeat(Math.max(0, to.width - stringWidth(text)));
  if (to.right) return space + text;
  return to.last ? text : text + space;
}
