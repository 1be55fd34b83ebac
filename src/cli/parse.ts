/**
 * Turns the words of a command line into arguments and options.
 *
 * Our own and not a library's: what every library measured pulls in costs more
 * than the database, see docs/decisions.
 *
 * @module
 */

import { invalidArgument, StigmerError } from "../model/error.ts";
import { nearestName } from "../model/near.ts";
import {
  argumentName,
  type Arguments,
  optionName,
  type Options,
  type OptionSpec,
} from "./command.ts";
import type { GlobalValues } from "./globals.ts";

/** What a command line holds. */
export interface ParsedLine {
  readonly args: Readonly<Record<string, string | readonly string[]>>;
  readonly options: Readonly<
    Record<string, boolean | string | readonly string[] | undefined>
  >;
}

/** Words of a command line, options apart from the rest. */
export interface SplitLine {
  readonly words: readonly string[];
  readonly options: ParsedLine["options"];
}

/** An option that was found under a name. */
interface FoundOption {
  readonly key: string;
  readonly spec: OptionSpec;
  /** As it was written. */
  readonly written: string;
}

/**
 * Parses the words that follow the name of a command.
 *
 * @param words What was typed.
 * @param command What it may be.
 * @throws {StigmerError} For what the command does not take.
 */
export function parseLine(
  words: readonly string[],
  command: { readonly arguments: Arguments; readonly options: Options },
): ParsedLine {
  const split = splitOptions(words, command.options);
  // Whoever asks for help need not get the rest right.
  if (split.options["help"] === true) {
    return { args: {}, options: split.options };
  }
  return {
    args: fillArguments(split.words, command),
    options: split.options,
  };
}

/**
 * Adds the way to the help of a command to what is wrong with its words.
 *
 * @param name The command or the noun; empty for the whole.
 * @throws {StigmerError} What the work throws, with one hint more.
 */
export function withUsageHint<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    // Only to add the way out, which parsing itself cannot know.
    if (!(error instanceof StigmerError)) throw error;
    const line = name === "" ? "stigmer --help" : `stigmer ${name} --help`;
    throw new StigmerError(error.code, error.message, {
      hints: [...error.hints, `Run "${line}" for usage`],
      cause: error,
    });
  }
}

/** Takes the global options out of what {@linkcode parseLine} gave. */
export function globalValues(options: ParsedLine["options"]): GlobalValues {
  // Each command is parsed with the global options among its own.
  return options as GlobalValues;
}

/** Takes the options out of a command line. */
export function splitOptions(
  words: readonly string[],
  options: Options,
): SplitLine {
  const values = emptyValues(options);
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") {
      rest.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-" || isNumber(word)) {
      rest.push(word);
      continue;
    }
    if (takeOption(word, words[i + 1], { options, values })) i++;
  }
  return { words: rest, options: values };
}

/**
 * Finds where the first word that is no option stands, or -1.
 *
 * Options before it must be known; those that take a value take the next word.
 */
export function firstWordIndex(
  words: readonly string[],
  options: Options,
): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") return -1;
    if (!word.startsWith("-") || word === "-") return i;
    if (word.includes("=")) continue;
    const found = word.startsWith("--")
      ? findLong(word, options)
      : findShort(word.slice(-1), options);
    if (found !== undefined && found.spec.kind !== "flag") i++;
  }
  return -1;
}

type Values = Record<string, boolean | string | readonly string[] | undefined>;

function emptyValues(options: Options): Values {
  const values: Values = {};
  for (const [key, spec] of Object.entries(options)) {
    if (spec.kind === "flag") values[key] = false;
    else if (spec.kind === "list") values[key] = [];
    else values[key] = undefined;
  }
  return values;
}

/** Takes one word of options; says whether it took the next word too. */
function takeOption(
  word: string,
  next: string | undefined,
  into: { readonly options: Options; readonly values: Values },
): boolean {
  if (!word.startsWith("--")) return takeShort(word, next, into);
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const found = findLong(name, into.options);
  if (found === undefined) throw unknownOption(name, into.options);
  if (found.spec.kind === "flag") {
    if (equals >= 0) throw invalidArgument(`Option "${name}" takes no value`);
    into.values[found.key] = true;
    return false;
  }
  const given = equals < 0 ? undefined : word.slice(equals + 1);
  setValue(found, given ?? valueFrom(found, next, into.options), into.values);
  return given === undefined;
}

/** Takes `-q`, `-qh`, `-o json`, `-ojson`, `-o=json`. */
function takeShort(
  word: string,
  next: string | undefined,
  into: { readonly options: Options; readonly values: Values },
): boolean {
  for (let i = 1; i < word.length; i++) {
    const found = findShort(word[i] ?? "", into.options);
    if (found === undefined) throw unknownOption(word, into.options);
    if (found.spec.kind === "flag") {
      into.values[found.key] = true;
      continue;
    }
    const attached = word.slice(i + 1).replace(/^=/, "");
    const value = attached === ""
      ? valueFrom(found, next, into.options)
      : attached;
    setValue(found, value, into.values);
    return attached === "";
  }
  return false;
}

/** Takes the next word as a value, unless it is an option itself. */
function valueFrom(
  found: FoundOption,
  next: string | undefined,
  options: Options,
): string {
  const isOption = next !== undefined && next.startsWith("-") &&
    next !== "-" && !isNumber(next) &&
    (findLong(next.replace(/=.*/s, ""), options) !== undefined ||
      findShort(next.slice(1), options) !== undefined);
  if (next !== undefined && !isOption) return next;
  const placeholder = found.spec.kind === "flag" ? "" : found.spec.placeholder;
  throw invalidArgument(
    `Option "${found.written}" needs a value: ${found.written} ${placeholder}`,
  );
}

function setValue(found: FoundOption, value: string, values: Values): void {
  const { key, spec, written } = found;
  if (spec.kind === "list") {
    const before = values[key];
    values[key] = [...(Array.isArray(before) ? before : []), value];
    return;
  }
  const choices = spec.kind === "value" ? spec.choices : undefined;
  const prefixes = spec.kind === "value" ? spec.prefixes ?? [] : [];
  const isOpen = prefixes.some((it) => value.startsWith(it));
  if (choices !== undefined && !choices.includes(value) && !isOpen) {
    const known = [...choices, ...prefixes];
    throw invalidArgument(
      `Option "${written}" cannot be "${value}", choose one of ${
        known.join(", ")
      }`,
      suggestion(value.replace(/(?<==).*/s, ""), known),
    );
  }
  values[key] = value;
}

function findLong(name: string, options: Options): FoundOption | undefined {
  for (const [key, spec] of Object.entries(options)) {
    const isFormer = spec.kind === "value" && spec.formerly === name;
    if (optionName(key) === name || isFormer) {
      return { key, spec, written: name };
    }
  }
  return undefined;
}

function findShort(letter: string, options: Options): FoundOption | undefined {
  for (const [key, spec] of Object.entries(options)) {
    if (spec.short === letter) return { key, spec, written: `-${letter}` };
  }
  return undefined;
}

function unknownOption(name: string, options: Options): StigmerError {
  if (name === TOKEN_OPTION) return tokenOnCommandLine();
  const known = Object.keys(options).map(optionName);
  return invalidArgument(
    `Unknown option "${name}"`,
    habitOf(name) ?? otherCase(name, options) ?? suggestion(name, known),
  );
}

/** Options of other programs. */
const HABITS: Readonly<Record<string, string>> = {
  "--json": "Print JSON with: -o json",
  "--yaml": "Print YAML with: -o yaml",
  "--format": "Choose how it is printed with: -o json, -o yaml or -o name",
  "--jq": "Print a part of it with: -o jq=EXPRESSION",
  "--template": "Print a part of it with: -o template=TEMPLATE",
};

function habitOf(
  name: string,
): { readonly hints: readonly string[] } | undefined {
  const habit = Object.hasOwn(HABITS, name) ? HABITS[name] : undefined;
  return habit === undefined ? undefined : { hints: [habit] };
}

/** Of one letter only the case can be a slip, as `-v` for `-V`. */
function otherCase(
  name: string,
  options: Options,
): { readonly hints: readonly string[] } | undefined {
  const letter = /^-([A-Za-z])$/.exec(name)?.[1];
  if (letter === undefined) return undefined;
  const isLower = letter === letter.toLowerCase();
  const other = isLower ? letter.toUpperCase() : letter.toLowerCase();
  const found = findShort(other, options);
  return found === undefined ? undefined : {
    hints: [`Did you mean "-${other}" (${optionName(found.key)})?`],
  };
}

/** What people try, and what must not be. */
const TOKEN_OPTION = "--token";

/** Refuses an access token, if one was given, before a word of it is told. */
export function refuseToken(words: readonly string[]): void {
  const isToken = (word: string): boolean =>
    word === TOKEN_OPTION || word.startsWith(`${TOKEN_OPTION}=`);
  if (words.some(isToken)) throw tokenOnCommandLine();
}

function tokenOnCommandLine(): StigmerError {
  return invalidArgument(
    `Option "${TOKEN_OPTION}" does not exist: what stands on a command line ` +
      "is seen by every user of the machine and kept by the shell",
    {
      hints: [
        "Log in with: stigmer login, or stigmer login --token-stdin < FILE",
        "In CI, give it in the variable STIGMER_TOKEN or STIGMER_TOKEN_FILE",
      ],
    },
  );
}

/** Makes the hint for a slip of the hand. */
export function suggestion(
  word: string,
  known: Iterable<string>,
): { readonly hints?: readonly string[] } {
  const near = nearestName(word, known);
  return near === undefined ? {} : { hints: [`Did you mean "${near}"?`] };
}

/** Says whether a word is a negative number, which is no option. */
function isNumber(word: string): boolean {
  return /^-\d+(?:\.\d+)?$/.test(word);
}

function fillArguments(
  words: readonly string[],
  command: { readonly arguments: Arguments; readonly options: Options },
): Record<string, string | readonly string[]> {
  const specs = command.arguments;
  const args: Record<string, string | readonly string[]> = {};
  let next = 0;
  for (const [key, spec] of Object.entries(specs)) {
    const many = spec.kind === "variadic" || spec.kind === "rest";
    const needed = spec.kind === "required" || spec.kind === "variadic";
    const word = words[next];
    if (word === undefined && needed) {
      const name = argumentName(key, spec);
      throw invalidArgument(`Missing argument ${name}`, {
        hints: [`${name} is: ${spec.summary}`],
      });
    }
    if (many) {
      args[key] = words.slice(next);
      next = words.length;
    } else if (word !== undefined) {
      args[key] = word;
      next++;
    }
  }
  const extra = words[next];
  if (extra !== undefined) {
    const hints = Object.hasOwn(command.options, "file")
      ? [`Name files with -f: -f ${extra}`]
      : [];
    throw invalidArgument(`Unexpected argument "${extra}"`, { hints });
  }
  return args;
}
