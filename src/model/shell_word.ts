/**
 * Words of command lines that people copy: what models, servers and people
 * named must stay one word there.
 *
 * @module
 */

import { visibleLine } from "./hidden_text.ts";

/** What a shell takes as it is. */
const PLAIN_WORD = /^[\w@%+:,./-]+$/;

/** Writes a word so that a shell takes it as one, and a person sees all of it. */
export function shellWord(word: string): string {
  return quoted(visibleLine(word));
}

/**
 * Writes a command whose words must be to the letter what they are, as keys
 * that something is found by.
 */
export function commandLine(command: string, words: readonly string[]): string {
  return [command, ...words.map(quoted)].join(" ");
}

function quoted(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
