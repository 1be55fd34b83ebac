/**
 * A line that is typed without being shown: what the bytes of a raw terminal
 * come to.
 *
 * A raw terminal edits nothing itself, so that the keys people correct
 * themselves with are understood here. What is pasted comes in brackets where
 * the terminal can do that: then its line ends belong to the text.
 *
 * @module
 */

/** What a byte did to the line. */
export type HiddenStep = "more" | "entered" | "ended" | "interrupted";

/** A line as it is typed. */
export interface HiddenLine {
  /** Takes the next byte. */
  push(byte: number): HiddenStep;
  /** What was typed so far. */
  text(): string;
}

/** Asks the terminal to bracket what is pasted, and to leave that. */
export const PASTE_BRACKETS = {
  on: "\x1b[?2004h",
  off: "\x1b[?2004l",
} as const;

const CTRL_C = 3;
const CTRL_D = 4;
const BACKSPACE = 8;
const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const CTRL_U = 21;
const ESCAPE = 27;
const SPACE = 32;
const OPEN_BRACKET = 0x5b;
const LETTER_O = 0x4f;
const DELETE = 127;
const PASTE_BEGINS = "200~";
const PASTE_ENDS = "201~";
/** Bytes of a key's escape sequence at the most. */
const SEQUENCE_LENGTH_MAX = 32;

/** Begins a line. */
export function hiddenLine(): HiddenLine {
  const bytes: number[] = [];
  /** The escape sequence that is coming in, without its first byte. */
  let sequence: number[] | undefined;
  let pasting = false;

  function endSequence(text: string): void {
    sequence = undefined;
    if (text === PASTE_BEGINS) pasting = true;
    else if (text === PASTE_ENDS) {
      pasting = false;
      // Whoever copies a line often copies its end; nobody means it.
      if (bytes.at(-1) === LINE_FEED) bytes.pop();
    }
  }

  function pushSequence(byte: number, before: readonly number[]): void {
    const [first] = before;
    if (first === undefined) {
      const opens = byte === OPEN_BRACKET || byte === LETTER_O;
      sequence = opens ? [byte] : undefined;
    } else if (first === LETTER_O || before.length > SEQUENCE_LENGTH_MAX) {
      sequence = undefined;
    } else if (byte >= 0x40 && byte <= 0x7e) {
      endSequence(String.fromCharCode(...before.slice(1), byte));
    } else sequence = [...before, byte];
  }

  function pushPasted(byte: number): void {
    if (byte !== RETURN) bytes.push(byte);
    else bytes.push(LINE_FEED);
  }

  function push(byte: number): HiddenStep {
    if (sequence !== undefined) pushSequence(byte, sequence);
    else if (byte === ESCAPE) sequence = [];
    else if (pasting) pushPasted(byte);
    else return pushKey(bytes, byte);
    return "more";
  }

  return {
    push,
    text: () => new TextDecoder().decode(Uint8Array.from(bytes)),
  };
}

/** Takes a key that is no sequence. */
function pushKey(bytes: number[], byte: number): HiddenStep {
  switch (byte) {
    case RETURN:
    case LINE_FEED:
      return "entered";
    case CTRL_C:
      return "interrupted";
    case CTRL_D:
      return bytes.length === 0 ? "ended" : "entered";
    case BACKSPACE:
    case DELETE:
      removeLast(bytes);
      return "more";
    case CTRL_U:
      bytes.length = 0;
      return "more";
  }
  if (byte >= SPACE || byte === TAB) bytes.push(byte);
  return "more";
}

/** Removes a whole character, of however many bytes. */
function removeLast(bytes: number[]): void {
  for (;;) {
    const byte = bytes.pop();
    const continues = byte !== undefined && (byte & 0xc0) === 0x80;
    if (!continues) return;
  }
}
