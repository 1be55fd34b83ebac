/**
 * A line as it is typed and changed: where the cursor is, and which earlier
 * line it was. It may hold several lines, pasted or made with Alt-Enter.
 *
 * @module
 */

import type { Key } from "./keys.ts";
import { graphemesOf } from "./graphemes.ts";

/** What came of a key. */
export type Edited = "changed" | "entered" | "interrupted" | "ended";

/** Characters of a line at the most: as many as a message has. */
const LENGTH_MAX = 1024 * 1024;
/** Characters around the cursor in which a grapheme is looked for. */
const GRAPHEME_LENGTH_MAX = 64;
// deno-lint-ignore no-control-regex -- what would move the cursor
const UNSEEN_REGEXP = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Edits one line; earlier ones can be had again. */
export class LineEditor {
  #before = "";
  #after = "";
  /** Earlier lines, and the one that is typed at the end. */
  readonly #lines: string[];
  #at: number;

  /** Begins a line over what was typed before, the oldest first. */
  constructor(history: readonly string[]) {
    this.#lines = [...history, ""];
    this.#at = history.length;
  }

  /** What stands before the cursor. */
  get before(): string {
    return this.#before;
  }

  /** What stands behind the cursor. */
  get after(): string {
    return this.#after;
  }

  /** The whole line. */
  get text(): string {
    return this.#before + this.#after;
  }

  /** Does what a key says. */
  take(key: Key): Edited {
    switch (key.kind) {
      case "text":
      case "paste":
        this.#insert(key.text);
        return "changed";
      case "newline":
        this.#insert("\n");
        return "changed";
      case "enter":
        return "entered";
      case "interrupt":
        return "interrupted";
      case "end":
        if (this.text === "") return "ended";
        this.#after = this.#after.slice(firstGrapheme(this.#after).length);
        return "changed";
      default:
        this.#edit(key.kind);
        return "changed";
    }
  }

  #insert(text: string): void {
    const room = LENGTH_MAX - this.text.length;
    this.#before += text.replaceAll(UNSEEN_REGEXP, "").slice(0, room);
  }

  #edit(
    kind: Exclude<
      Key["kind"],
      "text" | "paste" | "newline" | "enter" | "interrupt" | "end"
    >,
  ): void {
    const before = this.#before;
    const after = this.#after;
    switch (kind) {
      case "backspace":
        this.#before = before.slice(
          0,
          before.length - lastGrapheme(before).length,
        );
        return;
      case "delete":
        this.#after = after.slice(firstGrapheme(after).length);
        return;
      case "delete-word":
        this.#before = before.slice(0, wordBegin(before));
        return;
      case "delete-to-begin":
        this.#before = before.slice(0, before.lastIndexOf("\n") + 1);
        return;
      case "delete-to-end":
        this.#after = after.slice(lineEnd(after));
        return;
      case "left":
        return this.#move(before.length - lastGrapheme(before).length);
      case "right":
        return this.#move(before.length + firstGrapheme(after).length);
      case "word-left":
        return this.#move(wordBegin(before));
      case "word-right":
        return this.#move(before.length + wordEnd(after));
      case "line-begin":
        return this.#move(before.lastIndexOf("\n") + 1);
      case "line-end":
        return this.#move(before.length + lineEnd(after));
      case "up":
        return this.#vertical(-1);
      case "down":
        return this.#vertical(1);
      case "redraw":
    }
  }

  #move(at: number): void {
    const text = this.text;
    this.#before = text.slice(0, at);
    this.#after = text.slice(at);
  }

  /** Goes to the next line of several, else to another line of before. */
  #vertical(by: -1 | 1): void {
    const begin = this.#before.lastIndexOf("\n") + 1;
    const column = this.#before.length - begin;
    if (by < 0 && begin > 0) {
      const above = this.#before.lastIndexOf("\n", begin - 2) + 1;
      return this.#move(
        between(this.text, Math.min(above + column, begin - 1)),
      );
    }
    const end = this.#after.indexOf("\n");
    if (by > 0 && end >= 0) {
      const below = this.#before.length + end + 1;
      const length = lineEnd(this.text.slice(below));
      return this.#move(between(this.text, below + Math.min(column, length)));
    }
    this.#recall(this.#at + by);
  }

  #recall(at: number): void {
    const line = this.#lines[at];
    if (line === undefined) return;
    // What was changed is there again for who comes back.
    this.#lines[this.#at] = this.text;
    this.#at = at;
    this.#before = line;
    this.#after = "";
  }
}

function firstGrapheme(text: string): string {
  const [first] = graphemesOf(text.slice(0, GRAPHEME_LENGTH_MAX));
  return first?.segment ?? "";
}

function lastGrapheme(text: string): string {
  const all = [...graphemesOf(text.slice(-GRAPHEME_LENGTH_MAX))];
  return all.at(-1)?.segment ?? "";
}

/** The begin of the grapheme that a place is in. */
function between(text: string, at: number): number {
  const begin = Math.max(0, at - GRAPHEME_LENGTH_MAX);
  const around = graphemesOf(
    text.slice(begin, at + GRAPHEME_LENGTH_MAX),
  );
  return begin + (around.containing(at - begin)?.index ?? at - begin);
}

/** Looked for from the end: a pattern would try a long line from each place. */
function wordBegin(text: string): number {
  let at = text.trimEnd().length;
  while (at > 0 && !/\s/.test(text.charAt(at - 1))) at--;
  return at;
}

function wordEnd(text: string): number {
  return /^\s*\S*/.exec(text)?.[0].length ?? 0;
}

function lineEnd(text: string): number {
  const end = text.indexOf("\n");
  return end < 0 ? text.length : end;
}
