/**
 * Says of a word that is no command what may have been meant.
 *
 * @module
 */

import { invalidArgument, StigmerError } from "../model/error.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";
import { habitOf, verbHabitOf } from "./habits.ts";
import { refuseToken, splitOptions, suggestion } from "./parse.ts";
import type { UnknownCommand } from "./resolve.ts";
import { type Noun, NOUNS, ROOT_VERBS } from "./tree.ts";

/** Makes the error for a word that is no command. */
export function unknownCommand(found: UnknownCommand): StigmerError {
  const { before, of, rest, word } = found;
  refuseToken([...before, ...rest]);
  const option = unknownOption(before);
  if (option !== undefined) return option;
  return of === undefined ? unknownName(word) : unknownVerb(of, word);
}

/**
 * An option that does not exist and has a value leaves that value in the place
 * of the command: then it is the option that is wrong.
 */
function unknownOption(before: readonly string[]): StigmerError | undefined {
  try {
    splitOptions(before, GLOBAL_OPTIONS);
    return undefined;
  } catch (error) {
    return error instanceof StigmerError
      ? invalidArgument(error.message, {
        hints: [
          ...error.hints,
          "Before the command stand options that every command has, all others behind it",
        ],
        cause: error,
      })
      : undefined;
  }
}

function unknownName(word: string): StigmerError {
  const known = [...Object.entries(ROOT_VERBS), ...Object.entries(NOUNS)]
    .filter(([, it]) => !("hidden" in it))
    .flatMap(([name, it]) => [name, ...(it.aliases ?? [])]);
  return invalidArgument(`Unknown command "${word}"`, {
    hints: [
      ...meant(habitOf(word), suggestion(word, known).hints),
      `Run "stigmer --help" for all commands`,
    ],
  });
}

function unknownVerb(
  { name, noun }: { readonly name: string; readonly noun: Noun },
  word: string,
): StigmerError {
  const known = Object.entries(noun.verbs).flatMap(([verb, it]) => [
    verb,
    ...(it.aliases ?? []),
  ]);
  const near = suggestion(word, known).hints?.map((hint) =>
    hint.replace('"', `"${name} `)
  );
  return invalidArgument(`Unknown command "${name} ${word}"`, {
    hints: [
      ...meant(verbHabitOf(name, noun, word), near),
      `Run "stigmer ${name} --help" for its commands`,
    ],
  });
}

function meant(
  habit: string | undefined,
  near: readonly string[] | undefined,
): readonly string[] {
  return habit === undefined ? near ?? [] : [habit];
}
