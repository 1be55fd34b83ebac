/**
 * Shows a diagnostic as compilers do: place, message, line, caret, way out.
 *
 * @module
 */

import type { LocatedDiagnostic } from "./located.ts";

export type { Excerpt, LocatedDiagnostic } from "./located.ts";

/** How a diagnostic is shown. */
export interface RenderOptions {
  /** Whether ANSI colours are used; off unless asked for. */
  readonly color?: boolean;
}

/** Renders a diagnostic; its first line begins `FILE:LINE:COL: error:`. */
export function renderDiagnostic(
  diagnostic: LocatedDiagnostic,
  _options: RenderOptions = {},
): string {
  const { file, line, column, severity, message } = diagnostic;
  return `${file}:${line}:${column}: ${severity}: ${message}`;
}
