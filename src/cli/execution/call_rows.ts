/**
 * Texts that share the rows of a terminal: what is asked about must stay in
 * sight, however much a model wrote.
 *
 * @module
 */

import { fit, widthOf } from "../width.ts";

/** A text, or the begin of one. */
export interface Cut {
  readonly shown: string;
  /** Characters that are missing at its end. */
  readonly missing: number;
}

/**
 * Cuts texts so that together they take no more rows than there are, but for
 * one row of each. The short ones are whole, the long ones share what is left.
 */
export function cutToRows(
  texts: readonly string[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly Cut[] {
  const cuts = new Map<number, Cut>();
  const shortFirst = texts.map((text, i) => ({
    text,
    i,
    needed: rowsOf(text, columns),
  })).sort((a, b) => a.needed - b.needed);
  let left = rows;
  for (const [at, { text, i, needed }] of shortFirst.entries()) {
    const share = Math.max(1, Math.floor(left / (texts.length - at)));
    const taken = Math.min(share, needed);
    left -= taken;
    cuts.set(
      i,
      needed <= share
        ? { shown: text, missing: 0 }
        : cutText(text, { columns, rows: taken }),
    );
  }
  return texts.map((text, i) => cuts.get(i) ?? { shown: text, missing: 0 });
}

function cutText(
  text: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Cut {
  const kept: string[] = [];
  let left = rows;
  for (const line of text.split("\n")) {
    if (left <= 0) break;
    kept.push(fit(line, left * columns));
    left -= rowsOf(line, columns);
  }
  const shown = kept.join("\n");
  // An ellipsis stands in for what is missing of a line.
  const isOpen = !text.startsWith(shown);
  return { shown, missing: text.length - shown.length + (isOpen ? 1 : 0) };
}

function rowsOf(text: string, columns: number): number {
  return text.split("\n").reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)),
    0,
  );
}
