/**
 * Finds the command that a command line names.
 *
 * @module
 */

import { GLOBAL_OPTIONS } from "./globals.ts";
import { firstWordIndex } from "./parse.ts";
import { findNamed, type Noun, NOUNS, ROOT_VERBS, type Verb } from "./tree.ts";

/** What a command line names. */
export type Resolved =
  /** Nothing: help of the whole is wanted. */
  | { readonly kind: "nothing"; readonly rest: readonly string[] }
  /** A noun without a verb: its help is wanted. */
  | {
    readonly kind: "noun";
    readonly name: string;
    readonly noun: Noun;
    readonly rest: readonly string[];
  }
  | {
    readonly kind: "verb";
    /** As `agent create`. */
    readonly name: string;
    readonly verb: Verb;
    /** The words without those that name the command. */
    readonly rest: readonly string[];
  }
  | UnknownCommand;

/** A word that is no command; `unknown_command.ts` has words for it. */
export interface UnknownCommand {
  readonly kind: "unknown";
  /** The word in the place of a command. */
  readonly word: string;
  /** What stands before it, which may be options that do not exist. */
  readonly before: readonly string[];
  /** The noun that has no such verb; absent where a noun might stand. */
  readonly of?: { readonly name: string; readonly noun: Noun };
  readonly rest: readonly string[];
}

/** Finds the command of a command line. */
export function resolveCommand(words: readonly string[]): Resolved {
  const first = firstWordIndex(words, GLOBAL_OPTIONS);
  if (first < 0) return { kind: "nothing", rest: words };
  const word = words[first] ?? "";
  const rest = words.toSpliced(first, 1);
  if (word === "help") return resolveHelp(rest);
  const root = findNamed(word, ROOT_VERBS);
  if (root !== undefined) {
    return { kind: "verb", name: root.name, verb: root.value, rest };
  }
  const noun = findNamed(word, NOUNS);
  if (noun === undefined) {
    return { kind: "unknown", word, before: words.slice(0, first), rest };
  }
  return resolveVerb(noun.name, noun.value, rest);
}

/** `stigmer help agent create` is `stigmer agent create --help`. */
function resolveHelp(rest: readonly string[]): Resolved {
  const resolved = resolveCommand(rest);
  if (resolved.kind === "unknown") return resolved;
  return { ...resolved, rest: ["--help"] };
}

function resolveVerb(
  name: string,
  noun: Noun,
  words: readonly string[],
): Resolved {
  const index = firstWordIndex(words, GLOBAL_OPTIONS);
  if (index < 0) return { kind: "noun", name, noun, rest: words };
  const word = words[index] ?? "";
  const rest = words.toSpliced(index, 1);
  const verb = findNamed(word, noun.verbs);
  if (verb === undefined) {
    if (word === "help") return { kind: "noun", name, noun, rest: ["--help"] };
    const before = words.slice(0, index);
    return { kind: "unknown", word, before, of: { name, noun }, rest };
  }
  return {
    kind: "verb",
    name: `${name} ${verb.name}`,
    verb: verb.value,
    rest,
  };
}
