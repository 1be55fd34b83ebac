/**
 * What a command is: its arguments, options, examples and what it does.
 *
 * A command is data, so that parsing, help, completions and the reference all
 * read the same thing. The files of verbs stay light: whatever is heavy is
 * imported when the command runs.
 *
 * @module
 */

import type { ErrorCode } from "../model/error.ts";
import type { Context } from "./context.ts";

/** What a shell may offer for a value. */
export type Completion =
  | "file"
  | "kind"
  | "key"
  | "backend"
  | "mcp-tool"
  | "topic"
  | CompletedNoun;
/** Nouns whose names a shell may offer. */
export type CompletedNoun =
  | "agent"
  | "workflow"
  | "runnable"
  | "environment"
  | "mcp-server"
  | "mcp-target"
  | "session"
  | "skill"
  | "execution"
  | "token";

/** An option without a value. */
export interface FlagSpec {
  readonly kind: "flag";
  readonly summary: string;
  readonly short?: string;
}

/** An option with a value; the last one wins. */
export interface ValueSpec {
  readonly kind: "value";
  readonly placeholder: string;
  readonly summary: string;
  readonly short?: string;
  readonly choices?: readonly string[];
  /** What a value may begin with where it is none of the choices: `jq=`. */
  readonly prefixes?: readonly string[];
  readonly complete?: Completion;
  /** Whether files are written there: a line that has it may write. */
  readonly isWritten?: boolean;
  /** How it was spelled before, which no help shows, as `--filename`. */
  readonly formerly?: string;
}

/** An option with a value that may be given again. */
export interface ListSpec {
  readonly kind: "list";
  readonly placeholder: string;
  readonly summary: string;
  readonly short?: string;
  readonly complete?: Completion;
}

/** An option, by whichever sort. */
export type OptionSpec = FlagSpec | ValueSpec | ListSpec;

/** An argument that must be given. */
export interface RequiredSpec {
  readonly kind: "required";
  readonly summary: string;
  readonly complete?: Completion;
}

/** An argument that may be left out. */
export interface OptionalSpec {
  readonly kind: "optional";
  readonly summary: string;
  readonly complete?: Completion;
}

/** The rest of the arguments, one or more. */
export interface VariadicSpec {
  readonly kind: "variadic";
  readonly summary: string;
  readonly complete?: Completion;
}

/** The rest of the arguments, or none. */
export interface RestSpec {
  readonly kind: "rest";
  readonly summary: string;
  readonly complete?: Completion;
}

/** An argument, by whichever sort. */
export type ArgumentSpec =
  | RequiredSpec
  | OptionalSpec
  | VariadicSpec
  | RestSpec;

/** The options of a command by name in camelCase; `inputFile` is `--input-file`. */
export type Options = Readonly<Record<string, OptionSpec>>;
/** The arguments of a command by name, in order. */
export type Arguments = Readonly<Record<string, ArgumentSpec>>;

/** What the options of a command become once they are parsed. */
export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends FlagSpec ? boolean
    : O[K] extends ListSpec ? readonly string[]
    : string | undefined;
};

/** What the arguments of a command become once they are parsed. */
export type ArgumentValues<A extends Arguments> = {
  readonly [K in keyof A]: A[K] extends RequiredSpec ? string
    : A[K] extends OptionalSpec ? string | undefined
    : readonly string[];
};

/**
 * How a command ended; `main` turns it into an exit code. `waiting` is that of
 * a run which waits for a person whom nobody can ask here, `newer` that of a
 * look for a newer release which found one.
 */
export type Ending = "ok" | "failed" | "waiting" | "newer" | ErrorCode;

/**
 * What a command needs of the machine, the least first: to read files, to
 * write them as well, the backend, its secrets too (whose key a keychain may
 * have, which is asked by a program), to run executions and tool servers where
 * the backend is this machine, all of the machine in any case, or everything
 that there is to have.
 */
export type Needs =
  | "reading"
  | "writing"
  | "backend"
  | "secrets"
  | "executions"
  | "machine"
  | "everything";

/** A command line that shows what a command is for. */
export interface Example {
  /** What it does, imperative. */
  readonly does: string;
  /** The command line without the leading `stigmer`. */
  readonly line: string;
}

/** A command. */
export interface Command<
  A extends Arguments = Arguments,
  O extends Options = Options,
> {
  /** Imperative, without a period. */
  readonly summary: string;
  /** Further paragraphs of the help. */
  readonly details?: readonly string[];
  readonly arguments: A;
  readonly options: O;
  readonly examples: readonly [Example, Example, ...Example[]];
  /** What it may do of what this process may; default `backend`. */
  readonly needs?: Needs;
  /** Whether `--timeout` bounds an execution rather than the command. */
  readonly timesExecution?: boolean;
  /**
   * Whether it works without a home folder and with a configuration that
   * cannot be read.
   */
  readonly undemanding?: boolean;
  /**
   * The forms in which it prints, where they are its own; the first one is
   * printed unless `--output` asks for another.
   */
  readonly formats?: readonly [string, ...string[]];
  /**
   * Where it writes to, in a command whose `--output` is a path: what is given
   * is its form.
   */
  readonly writesTo?: Pick<ValueSpec, "placeholder" | "summary">;
  /** Does it. */
  run(
    context: Context,
    input: {
      readonly args: ArgumentValues<A>;
      readonly options: OptionValues<O>;
    },
  ): Promise<Ending>;
}

/**
 * Makes a command and forgets the types of its arguments and options, which
 * {@linkcode parseArguments} holds true when it fills them in.
 */
export function defineCommand<
  const A extends Arguments,
  const O extends Options,
>(command: Command<A, O>): Command {
  return command as unknown as Command;
}

/** Writes the name of an option as people type it: `inputFile` → `--input-file`. */
export function optionName(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (it) => `-${it.toLowerCase()}`)}`;
}

/** Writes the name of an argument as help shows it: `<NAME>`, `[MESSAGE]`, `<ID>...`. */
export function argumentName(key: string, spec: ArgumentSpec): string {
  const name = key.replaceAll(/[A-Z]/g, (it) => `_${it}`).toUpperCase();
  switch (spec.kind) {
    case "required":
      return `<${name}>`;
    case "optional":
      return `[${name}]`;
    case "variadic":
      return `<${name}>...`;
    case "rest":
      return `[${name}]...`;
  }
}
