/**
 * What a server says to people, as one line that is not too long.
 *
 * What is secret in it is hidden before it is cut: a half of it would be found
 * by nobody who hides the whole.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { sdkWords } from "./sdk_words.ts";

/** Characters of what a server says of a failure that an error shows. */
const WORDS_LENGTH_MAX = 4000;
/** Characters of what is cut after it was read; more of it is only counted. */
const READ_LENGTH_MAX: number = 256 * 1024;

/** How a line is made. */
export interface LineOptions {
  /** Hides what is secret. */
  readonly hide: (text: string) => string;
  readonly lengthMax: number;
}

/** Writes a text on one line. */
export function shownLine(
  text: string,
  { hide, lengthMax }: LineOptions,
): string {
  return excerpt(text, { hide, lengthMax: READ_LENGTH_MAX })
    .replaceAll(/\s+/g, " ").trim().slice(0, lengthMax);
}

/** The beginning of a text; one that is too long to hide in is counted. */
export function excerpt(
  text: string,
  { hide, lengthMax }: LineOptions,
): string {
  if (text.length > READ_LENGTH_MAX) return `${text.length} characters`;
  const shown = hide(text);
  return shown.length <= lengthMax ? shown : `${shown.slice(0, lengthMax)}…`;
}

/** What an error says, which may be all that a server answered. */
export function errorWords(
  error: unknown,
  hide: (text: string) => string = (text) => text,
): string {
  // What is ours may tell of stderr, and is no longer than that.
  return error instanceof StigmerError
    ? error.message
    : excerpt(sdkWords(error), { hide, lengthMax: WORDS_LENGTH_MAX });
}
