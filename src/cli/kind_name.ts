/**
 * A kind and a name in one word, `agent/reviewer`, as `apply` prints them and
 * as other programs take them.
 *
 * @module
 */

import { invalidArgument, type StigmerError } from "../model/error.ts";

/** One thing of a kind. */
export interface KindName {
  readonly kind: string;
  readonly name: string;
}

/** Names by their kinds, in the order in which kinds were named first. */
export type NamesByKind = ReadonlyMap<string, readonly string[]>;

/** Takes a word apart, or gives `undefined` for one that is no such pair. */
export function splitKindName(word: string): KindName | undefined {
  const [, kind, name] = /^([^/]+)\/(.+)$/s.exec(word) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind, name };
}

/**
 * Takes words as pairs, where the first of them is one.
 *
 * @param act What is done to them, as `delete`.
 * @returns `undefined` where the first word is a kind alone.
 * @throws {StigmerError} When another word is no pair.
 */
export function namesByKind(
  words: readonly string[],
  act: string,
): NamesByKind | undefined {
  const [first = ""] = words;
  if (splitKindName(first) === undefined) return undefined;
  const byKind = new Map<string, readonly string[]>();
  for (const word of words) {
    const pair = splitKindName(word);
    if (pair === undefined) throw withoutKind(word, act);
    byKind.set(pair.kind, [...byKind.get(pair.kind) ?? [], pair.name]);
  }
  return byKind;
}

function withoutKind(word: string, act: string): StigmerError {
  return invalidArgument(`Cannot ${act} "${word}": it names no kind`, {
    hints: [
      `Write KIND/NAME for each, or one kind for all: stigmer ${act} KIND NAME…`,
    ],
  });
}
