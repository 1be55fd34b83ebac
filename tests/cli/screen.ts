/**
 * A terminal as a person sees it: what is written to it, on a screen of some
 * size, with what has scrolled out above it.
 *
 * It knows what this program writes and nothing more: whatever else comes is
 * an error, so that no sequence is passed over.
 *
 * @module
 */

import { widthOf } from "../../src/cli/width.ts";

const TAB = 8;
// deno-lint-ignore no-control-regex -- a terminal's sequences begin with ESC
const SEQUENCE_REGEXP = /^\x1b\[(\??)([0-9;]*)([A-Za-z])/;
// deno-lint-ignore no-control-regex -- the begin of one that is not whole
const BEGUN_REGEXP = /^\x1b(\[\??[0-9;]*)?$/;

/** A screen that is written to. */
export class Screen {
  readonly #above: string[] = [];
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #rest = "";
  #columns: number;
  #rows: number;
  readonly #modes = new Set<string>();
  #main: { lines: string[][]; row: number; column: number } | undefined;
  /** Lines that go on in the next one, for want of room. */
  readonly #broken = new WeakSet<string[]>();
  #isColored = false;
  #frames = 0;
  /** What is shown until a frame is whole. */
  #before: { readonly text: string; readonly all: string } | undefined;

  /** Makes an empty one. */
  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** What is to be seen, without blanks at the ends of lines and at the end. */
  get text(): string {
    return this.#before?.text ?? this.#textOf(this.#lines);
  }

  /** All of it, with what has scrolled out. */
  get all(): string {
    return this.#before?.all ??
      [...this.#above, this.#textOf(this.#lines)].join("\n");
  }

  /** The lines that are to be seen. */
  get lines(): readonly string[] {
    return this.text.split("\n");
  }

  /** Those that the terminal broke for want of room. */
  get broken(): readonly string[] {
    return this.#lines.filter((it) => this.#broken.has(it))
      .map((it) => it.join(""));
  }

  /** Where the cursor stands, from 0. */
  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  get isCursorShown(): boolean {
    return !this.#modes.has("hidden");
  }

  /** Whether anything was dressed in a colour. */
  get isColored(): boolean {
    return this.#isColored;
  }

  /** Whether what is pasted comes in brackets, or the screen is another one. */
  get modes(): ReadonlySet<string> {
    return this.#modes;
  }

  /** Frames that were drawn. */
  get frames(): number {
    return this.#frames;
  }

  /**
   * Makes it another size, as most terminals do: what they broke themselves is
   * one line again, and is broken anew.
   */
  resize(columns: number, rows: number): void {
    const wholes: string[][] = [];
    let isJoined = false;
    let cursor = { whole: 0, offset: 0 };
    for (const [i, line] of this.#lines.entries()) {
      const whole = (isJoined ? wholes.at(-1) : undefined) ?? [];
      if (!isJoined) wholes.push(whole);
      if (i === this.#row) {
        const offset = whole.length + this.#column;
        cursor = { whole: wholes.length - 1, offset };
      }
      isJoined = this.#broken.has(line);
      whole.push(...(isJoined ? line : trimmed(line)));
    }
    this.#lines = [];
    for (const [i, whole] of wholes.entries()) {
      if (i === cursor.whole) {
        this.#row = this.#lines.length + Math.floor(cursor.offset / columns);
        this.#column = cursor.offset % columns;
      }
      for (let at = 0; at === 0 || at < whole.length; at += columns) {
        const line = whole.slice(at, at + columns);
        if (at + columns < whole.length) this.#broken.add(line);
        this.#lines.push(line);
      }
    }
    this.#columns = columns;
    this.#rows = rows;
    this.#scroll();
  }

  /** Takes what a program writes; a sequence may come in pieces. */
  write(text: string): void {
    this.#rest += text;
    while (this.#rest !== "") {
      const taken = this.#take();
      if (taken === 0) return;
      this.#rest = this.#rest.slice(taken);
    }
  }

  #take(): number {
    const text = this.#rest;
    if (text.startsWith("\x1b")) {
      const found = SEQUENCE_REGEXP.exec(text);
      if (found === null) {
        if (BEGUN_REGEXP.test(text)) return 0;
        throw new Error(`No sequence of ours: ${JSON.stringify(text)}`);
      }
      const [whole, isPrivate = "", numbers = "", final = ""] = found;
      if (isPrivate === "") this.#control(final, numbers);
      else this.#mode(numbers, final === "h");
      return whole.length;
    }
    const [segment] = new Intl.Segmenter().segment(text);
    const sign = segment?.segment ?? "";
    for (const it of sign === "\r\n" ? ["\r", "\n"] : [sign]) this.#put(it);
    return sign.length;
  }

  #put(sign: string): void {
    switch (sign) {
      case "\r":
        this.#column = 0;
        return;
      case "\n":
        this.#row++;
        this.#scroll();
        return;
      case "\b":
        this.#column = Math.max(0, this.#column - 1);
        return;
      case "\x07":
        return;
      case "\t":
        this.#column = Math.min(
          (Math.floor(this.#column / TAB) + 1) * TAB,
          this.#columns - 1,
        );
        return;
    }
    // deno-lint-ignore no-control-regex -- what no program may write
    if (/^[\x00-\x1f\x7f-\x9f]/.test(sign)) {
      throw new Error(`No character for a terminal: ${JSON.stringify(sign)}`);
    }
    const width = widthOf(sign);
    if (this.#column + width > this.#columns) {
      this.#broken.add(this.#line());
      this.#column = 0;
      this.#row++;
      this.#scroll();
    }
    const line = this.#line();
    while (line.length < this.#column) line.push(" ");
    line[this.#column] = sign;
    for (let i = 1; i < width; i++) line[this.#column + i] = "";
    this.#column += width;
  }

  #control(final: string, numbers: string): void {
    const count = Number(numbers.split(";")[0] || "1");
    switch (final) {
      case "A":
        this.#row = Math.max(0, this.#row - count);
        return;
      case "B":
        this.#row = Math.min(this.#rows - 1, this.#row + count);
        this.#scroll();
        return;
      case "C":
        this.#column = Math.min(this.#columns - 1, this.#column + count);
        return;
      case "D":
        this.#column = Math.max(0, this.#column - count);
        return;
      case "H": {
        const [row = "1", column = "1"] = numbers.split(";");
        this.#row = Number(row || "1") - 1;
        this.#column = Number(column || "1") - 1;
        this.#scroll();
        return;
      }
      case "J":
        if (numbers === "2") this.#lines = this.#lines.map(() => []);
        else {
          this.#cut();
          this.#lines.length = this.#row + 1;
        }
        return;
      case "K":
        if (numbers === "2") this.#lines[this.#row] = [];
        else this.#cut();
        return;
      case "m":
        if (!/^(0|22|39)?$/.test(numbers)) this.#isColored = true;
        return;
    }
    throw new Error(`No sequence of ours: ${numbers}${final}`);
  }

  #mode(numbers: string, isOn: boolean): void {
    const set = (name: string, isSet: boolean): void => {
      if (isSet) this.#modes.add(name);
      else this.#modes.delete(name);
    };
    switch (numbers) {
      case "25":
        return set("hidden", !isOn);
      case "2004":
        return set("pastes", isOn);
      case "2026":
        this.#frames += isOn ? 0 : 1;
        this.#before = isOn ? { text: this.text, all: this.all } : undefined;
        return set("frame", isOn);
      case "1049":
        set("other", isOn);
        return isOn ? this.#toOther() : this.#toMain();
    }
    throw new Error(`No mode of ours: ${numbers}`);
  }

  #toOther(): void {
    this.#main = { lines: this.#lines, row: this.#row, column: this.#column };
    this.#lines = [[]];
    this.#row = this.#column = 0;
  }

  #toMain(): void {
    if (this.#main === undefined) return;
    ({ lines: this.#lines, row: this.#row, column: this.#column } = this.#main);
    this.#main = undefined;
  }

  /** Takes away what stands behind the cursor in its line. */
  #cut(): void {
    const line = this.#line();
    line.length = Math.min(line.length, this.#column);
    this.#broken.delete(line);
  }

  #line(): string[] {
    return this.#lines[this.#row] ??= [];
  }

  /** Has the line of the cursor be there; what is too much goes out above. */
  #scroll(): void {
    while (this.#lines.length <= this.#row) this.#lines.push([]);
    while (this.#lines.length > this.#rows) {
      const gone = this.#lines.shift() ?? [];
      if (this.#main === undefined) this.#above.push(gone.join("").trimEnd());
      this.#row = Math.max(0, this.#row - 1);
    }
  }

  #textOf(lines: readonly (readonly string[])[]): string {
    return lines.map((it) => it.join("").trimEnd()).join("\n").trimEnd();
  }
}

function trimmed(line: readonly string[]): string[] {
  let end = line.length;
  while (end > 0 && (line[end - 1] ?? " ") === " ") end--;
  return line.slice(0, end);
}
