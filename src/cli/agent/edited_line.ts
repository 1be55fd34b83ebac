/**
 * Reads one line from a terminal, key by key, and draws it as it changes.
 *
 * @module
 */

import type { Terminal } from "../../host/host.ts";
import type { KeyReader } from "./keys.ts";
import { LineEditor } from "./line_editor.ts";
import { drawLine, type Drawn, leaveLine, type Size } from "./line_view.ts";

/** Columns of a terminal that does not say. */
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

/** What came of a line. */
export type ReadLine =
  | { readonly kind: "line"; readonly line: string | undefined }
  | { readonly kind: "SIGINT" };

/** How a line is read. */
export interface EditedLineOptions {
  /** Holds what was typed past the line before. */
  readonly keys: KeyReader;
  /** What was typed before, the oldest first. */
  readonly history: readonly string[];
  readonly prompt: string;
  readonly promptWidth: number;
  /** The prompt of each further line. */
  readonly further: string;
  /** When it is aborted, the line counts as interrupted. */
  readonly signal: AbortSignal;
}

/** Reads one line. */
export function readEdited(
  terminal: Pick<Terminal, "withKeys" | "write" | "columns" | "rows">,
  options: EditedLineOptions,
): Promise<ReadLine> {
  const { keys, signal, promptWidth } = options;
  const editor = new LineEditor(options.history);
  const size = (): Size => ({
    columns: terminal.columns() ?? COLUMNS_DEFAULT,
    rows: terminal.rows() ?? ROWS_DEFAULT,
  });
  let last: Drawn | undefined;
  const draw = (): void => {
    const { before, after } = editor;
    const look = { ...options, size: size() };
    terminal.write(
      "stderr",
      drawLine(editor, last === undefined ? look : { ...look, last }),
    );
    last = { promptWidth, before, after };
  };
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  return terminal.withKeys(async (read): Promise<ReadLine> => {
    draw();
    for (;;) {
      let isChanged = false;
      for (let key = keys.next(); key !== undefined; key = keys.next()) {
        switch (editor.take(key)) {
          case "changed":
            isChanged = true;
            continue;
          case "entered":
            if (isChanged) draw();
            if (last !== undefined) {
              terminal.write("stderr", leaveLine(last, size()));
            }
            return { kind: "line", line: editor.text };
          case "interrupted":
            return { kind: "SIGINT" };
          case "ended":
            return { kind: "line", line: undefined };
        }
      }
      if (isChanged) draw();
      const typed = await Promise.race([read(), aborted]);
      if (signal.aborted) return { kind: "SIGINT" };
      if (typed === undefined) {
        const line = editor.text === "" ? undefined : editor.text;
        return { kind: "line", line };
      }
      keys.push(typed);
    }
  }).finally(() => signal.removeEventListener("abort", onAbort));
}
