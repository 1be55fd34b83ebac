/**
 * From a place inside a text value to the place in the file that wrote it:
 * escapes, folded lines and the indentation of blocks stand between.
 *
 * @module
 */

import type { SourceScalar } from "./_node.ts";

/** Digits of each numeric escape of a double-quoted scalar. */
const ESCAPE_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A piece of the source that gives a piece of the value. */
interface Piece {
  /** UTF-16 units of the source that it takes. */
  readonly taken: number;
  /** UTF-16 units of the value that it gives. */
  readonly given: number;
}

/**
 * Finds the place in the file of a place in a text value.
 *
 * @param offset UTF-16 units from the start of the value.
 */
export function offsetInFile(
  text: string,
  scalar: SourceScalar,
  offset: number,
): number {
  const wanted = Math.max(0, Math.min(offset, scalar.text.length));
  return scalar.style === "block"
    ? blockOffset(text, scalar, wanted)
    : flowOffset(text, scalar, wanted);
}

function flowOffset(
  text: string,
  scalar: SourceScalar,
  wanted: number,
): number {
  const quote = scalar.style === "plain" ? 0 : 1;
  const end = scalar.end - quote;
  let at = scalar.start + quote;
  let given = 0;
  while (at < end) {
    const piece = pieceAt(text, at, scalar.style);
    if (given + piece.given > wanted) break;
    at += piece.taken;
    given += piece.given;
  }
  return Math.min(at, end);
}

function pieceAt(text: string, at: number, style: string): Piece {
  const fold = foldAt(text, at);
  if (fold !== undefined) return fold;
  if (style === "single" && text.startsWith("''", at)) {
    return { taken: 2, given: 1 };
  }
  if (style === "double" && text[at] === "\\") return escapeAt(text, at);
  return { taken: 1, given: 1 };
}

/** A line break of a flow scalar with the white space around it. */
function foldAt(text: string, at: number): Piece | undefined {
  const first = text[at];
  if (first !== " " && first !== "\t" && first !== "\r" && first !== "\n") {
    return undefined;
  }
  let end = at;
  let breaks = 0;
  while (/[ \t\r\n]/.test(text[end] ?? "")) if (text[end++] === "\n") breaks++;
  if (breaks === 0) return undefined;
  return { taken: end - at, given: Math.max(1, breaks - 1) };
}

function escapeAt(text: string, at: number): Piece {
  const letter = text[at + 1] ?? "";
  const digits = ESCAPE_DIGITS[letter];
  if (digits !== undefined) {
    const code = parseInt(text.slice(at + 2, at + 2 + digits), 16);
    return { taken: 2 + digits, given: code > 0xffff ? 2 : 1 };
  }
  if (letter !== "\n" && letter !== "\r") return { taken: 2, given: 1 };
  let end = at + 1;
  while (/[ \t\r\n]/.test(text[end] ?? "")) end++;
  return { taken: end - at, given: 0 };
}

/**
 * Walks a block and its value side by side: what of the source is not in the
 * value is indentation or a folded line break.
 */
function blockOffset(
  text: string,
  scalar: SourceScalar,
  wanted: number,
): number {
  let at = scalar.block?.start ?? scalar.start;
  const indent = scalar.block?.indent ?? 0;
  at = skipIndent(text, at, indent);
  for (let given = 0; given <= wanted; given++) {
    const letter = scalar.text[given] ?? "";
    while (at < scalar.end && !gives(text[at], letter)) {
      const broken = text[at] === "\n";
      at++;
      if (broken) at = skipIndent(text, at, indent);
    }
    if (given === wanted) return Math.min(at, scalar.end);
    const broken = text[at] === "\n";
    at++;
    if (broken) at = skipIndent(text, at, indent);
  }
  return Math.min(at, scalar.end);
}

function gives(source: string | undefined, letter: string): boolean {
  return source === letter || (source === "\n" && letter === " ");
}

function skipIndent(text: string, at: number, indent: number): number {
  let end = at;
  while (end < at + indent && text[end] === " ") end++;
  return end;
}
