/**
 * A message as it is typed, line by line.
 *
 * @module
 */

/** Lines of one message at the most. */
const DRAFT_LINES_MAX = 10_000;
const FENCE = '"""';

/** Puts the lines of one message together. */
export class MessageDraft {
  readonly #lines: string[] = [];
  #isFenced = false;

  /** Whether a line was taken and the message is not at its end. */
  get isOpen(): boolean {
    return this.#isFenced || this.#lines.length > 0;
  }

  /** Takes a line; gives the message once it is whole. */
  take(line: string): string | undefined {
    if (this.#lines.length >= DRAFT_LINES_MAX) return this.#end(line);
    if (this.#isFenced) return this.#inFence(line);
    if (!this.isOpen && line.trimStart().startsWith(FENCE)) {
      this.#isFenced = true;
      const rest = line.trimStart().slice(FENCE.length);
      return rest === "" ? undefined : this.#inFence(rest);
    }
    if (!/(?<!\\)(?:\\\\)*\\$/.test(line)) return this.#end(line);
    this.#lines.push(line.slice(0, -1));
    return undefined;
  }

  #inFence(line: string): string | undefined {
    const rest = line.trimEnd();
    if (!rest.endsWith(FENCE)) {
      this.#lines.push(line);
      return undefined;
    }
    const last = rest.slice(0, -FENCE.length);
    this.#isFenced = false;
    if (last.trim() !== "") this.#lines.push(last);
    return this.#lines.join("\n");
  }

  #end(line: string): string {
    this.#isFenced = false;
    this.#lines.push(line);
    return this.#lines.join("\n");
  }
}
