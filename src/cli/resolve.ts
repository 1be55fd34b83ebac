/**
 * Finds the command that a command line names.
 *
 * @module
 */

import { invalidArgument, type StigmerError } from "../model/error.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";
import { firstWordIndex, refuseToken, suggestion } from "./parse.ts";
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
  };

/**
 * Finds the command of a command line.
 *
 * @throws {StigmerError} For a command that does not exist.
 */
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
    refuseToken(words);
    throw unknownCommand(word);
  }
  return resolveVerb(noun.name, noun.value, rest);
}

/** `stigmer help agent create` is `stigmer agent create --help`. */
function resolveHelp(rest: readonly string[]): Resolved {
  const resolved = resolveCommand(rest);
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
    refuseToken(words);
    throw unknownVerb(name, noun, word);
  }
  return {
    kind: "verb",
    name: `${name} ${verb.name}`,
    verb: verb.value,
    rest,
  };
}

/** What other programs call a command of ours. */
const MEANT: Readonly<Record<string, string>> = {
  update: "upgrade",
  "self-update": "upgrade",
};

function unknownCommand(word: string): StigmerError {
  const meant = Object.hasOwn(MEANT, word) ? MEANT[word] : undefined;
  const known = [...Object.entries(ROOT_VERBS), ...Object.entries(NOUNS)]
    .filter(([, it]) => !("hidden" in it))
    .flatMap(([name, it]) => [name, ...(it.aliases ?? [])]);
  return invalidArgument(`Unknown command "${word}"`, {
    hints: [
      ...(meant === undefined
        ? suggestion(word, known).hints ?? []
        : [`Did you mean "${meant}"?`]),
      `Run "stigmer --help" for all commands`,
    ],
  });
}

function unknownVerb(name: string, noun: Noun, word: string): StigmerError {
  const known = Object.entries(noun.verbs).flatMap(([verb, it]) => [
    verb,
    ...(it.aliases ?? []),
  ]);
  return invalidArgument(`Unknown command "${name} ${word}"`, {
    hints: [
      ...(suggestion(word, known).hints ?? []).map((hint) =>
        hint.replace('"', `"${name} `)
      ),
      `Run "stigmer ${name} --help" for its commands`,
    ],
  });
}
