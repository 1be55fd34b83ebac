/**
 * Shows a diagnostic as compilers do: place, message, line, caret, way out.
 *
 * @module
 */

import stringWidth from "fast-string-width";
import type { Excerpt, LocatedDiagnostic } from "./located.ts";

export type { Excerpt, LocatedDiagnostic } from "./located.ts";

/** How a diagnostic is shown. */
export interface RenderOptions {
  /** Whether ANSI colours are used; off unless asked for. */
  readonly color?: boolean;
}

type Paint = (text: string) => string;

const TAB = "  ";

/**
 * Renders a diagnostic; its first line begins `FILE:LINE:COL: error:`.
 *
 * The caret stands under the character it means, whatever the width of those
 * before it. Control characters of the file are shown, never sent.
 *
 * @returns Lines without a final newline.
 */
export function renderDiagnostic(
  diagnostic: LocatedDiagnostic,
  options: RenderOptions = {},
): string {
  const { file, line, column, severity, message, hint } = diagnostic;
  const bold = painter("1", options);
  const accent = painter(severity === "error" ? "1;31" : "1;33", options);
  const dim = painter("2", options);
  const place = bold(`${visible(file)}:${line}:${column}:`);
  const lines = [`${place} ${accent(`${severity}:`)} ${visible(message)}`];
  const { excerpt } = diagnostic;
  if (excerpt !== undefined) {
    const number = `${line}`;
    const blank = " ".repeat(number.length);
    lines.push(
      ` ${dim(`${number} |`)} ${visible(excerpt.text)}`.trimEnd(),
      ` ${dim(`${blank} |`)} ${accent(carets(excerpt))}`,
    );
  }
  if (hint !== undefined) lines.push(`${dim("hint:")} ${visible(hint)}`);
  return lines.join("\n");
}

function painter(code: string, { color }: RenderOptions): Paint {
  return color === true
    ? (text) => `\x1b[${code}m${text}\x1b[0m`
    : (text) => text;
}

/** Makes the line under the excerpt: space up to the place, then carets. */
function carets(excerpt: Excerpt): string {
  const letters = Array.from(excerpt.text);
  const start = excerpt.column - 1;
  const before = letters.slice(0, start).join("");
  const meant = letters.slice(start, start + excerpt.length).join("");
  return " ".repeat(widthOf(before)) + "^".repeat(Math.max(1, widthOf(meant)));
}

function widthOf(text: string): number {
  return stringWidth(visible(text));
}

/** Shows control characters, so that a file cannot steer the terminal. */
function visible(text: string): string {
  return text.replaceAll("\t", TAB).replaceAll(
    // deno-lint-ignore no-control-regex -- these are what it replaces
    /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (letter) => {
      const code = letter.charCodeAt(0);
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
    },
  );
}
