/**
 * Completions for shells: their scripts, and the answers to them.
 *
 * The scripts are those of @bomb.sh/tab; the answers are ours, because names
 * come from the backend and files from the shell.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import {
  type ArgumentSpec,
  type Command,
  type CompletedNoun,
  type Completion,
  type Ending,
  optionName,
  type Options,
  type OptionSpec,
} from "./command.ts";
import { CONFIG_KEYS, contextNames } from "./config_file.ts";
import { type Context, openFor } from "./context.ts";
import type { Door } from "./door.ts";
import { KIND_NAMES, loadDoor } from "./doors.ts";
import { BACKEND_TYPES, GLOBAL_OPTIONS, globalOptionsOf } from "./globals.ts";
import {
  firstWordIndex,
  globalValues,
  splitOptions,
  suggestion,
} from "./parse.ts";
import type { Settings } from "./settings.ts";
import { findNamed, NOUNS, ROOT_VERBS } from "./tree.ts";

/** Options that say which names there are. */
const TYPED_OPTIONS = ["home", "config", "backend", "endpoint", "caFile"];

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** What a shell does beside what it is offered: nothing, or files. */
const NO_FILES = 4;
const FILES = 0;

/** What a shell is offered. */
export interface Offer {
  readonly items: readonly OfferedItem[];
  readonly files: boolean;
}

/** How long a shell waits for names. */
const ANSWER_TIMEOUT_MS = 1000;

/** One thing that a shell is offered. */
export interface OfferedItem {
  readonly value: string;
  readonly summary: string;
}

/** Prints the completion script of a shell. */
export async function printScript(
  context: Context,
  shell: string,
): Promise<Ending> {
  if (!SHELLS.some((it) => it === shell)) {
    throw invalidArgument(
      `Cannot complete in "${shell}", choose one of ${SHELLS.join(", ")}`,
      suggestion(shell, SHELLS),
    );
  }
  const { script } = await import("@bomb.sh/tab");
  script(shell, "stigmer", ownCommand(context));
  return "ok";
}

/** How a shell calls this program. */
function ownCommand(context: Context): string {
  const { standalone, executable } = context.host.platform;
  // From source there is no program of that name but the one on PATH.
  return standalone && !/[\s"'$]/.test(executable) ? executable : "stigmer";
}

/** Answers a shell in the lines that the scripts read. */
export async function answerShell(
  context: Context,
  words: readonly string[],
): Promise<Ending> {
  const { io } = context;
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const meant = { ...context, settings: await typedSettings(context, before) };
  const offer = await offerFor(meant, before, typed);
  for (const { value, summary } of offer.items) {
    if (value.startsWith(typed)) io.data(`${value}\t${summary}`);
  }
  io.data(`:${offer.files ? FILES : NO_FILES}`);
  return "ok";
}

/** Which backend the line that is completed names itself. */
async function typedSettings(
  { host, settings }: Context,
  words: readonly string[],
): Promise<Settings> {
  const flags: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const [name = "", ...rest] = word.split("=");
    const key = TYPED_OPTIONS.find((it) => optionName(it) === name);
    const value = rest.length > 0 ? rest.join("=") : words[index + 1];
    if (key !== undefined && value !== undefined) flags[key] = value;
  }
  if (Object.keys(flags).length === 0) return settings;
  const { options } = splitOptions([], GLOBAL_OPTIONS);
  const { resolveSettings } = await import("./settings.ts");
  const values = globalValues({ ...options, ...flags });
  return await resolveSettings(host, values, { undemanding: true });
}

/** Says what can stand where the cursor is. */
export async function offerFor(
  context: Context,
  before: readonly string[],
  typed: string,
): Promise<Offer> {
  const found = await findCommand(before);
  if (found.command === undefined) {
    return typed.startsWith("-")
      ? offerOptions(GLOBAL_OPTIONS)
      : { items: found.names, files: false };
  }
  const options = {
    ...found.command.options,
    ...globalOptionsOf(found.command),
  };
  const valued = optionBefore(found.rest, options);
  if (valued !== undefined) return await offerValue(context, valued);
  if (typed.startsWith("-")) return offerOptions(options);
  const { argument, words } = argumentAt(found.command, found.rest, options);
  return argument?.complete === "mcp-tool"
    ? { items: await toolsFrom(context, words.at(-1) ?? ""), files: false }
    : await offerCompletion(context, argument?.complete, typed);
}

interface FoundCommand {
  readonly command?: Command;
  readonly names: readonly OfferedItem[];
  readonly rest: readonly string[];
}

/** Finds the command that was typed, or the names that can follow. */
async function findCommand(words: readonly string[]): Promise<FoundCommand> {
  const first = firstWordIndex(words, GLOBAL_OPTIONS);
  if (first < 0) {
    return { names: namesOf({ ...ROOT_VERBS, ...NOUNS }), rest: [] };
  }
  const word = words[first] ?? "";
  const rest = words.slice(first + 1);
  const root = findNamed(word, ROOT_VERBS);
  if (root !== undefined) {
    return { ...await root.value.load(), names: [], rest };
  }
  const noun = findNamed(word, NOUNS);
  if (noun === undefined) return { names: [], rest };
  const second = firstWordIndex(rest, GLOBAL_OPTIONS);
  if (second < 0) return { names: namesOf(noun.value.verbs), rest };
  const verb = findNamed(rest[second] ?? "", noun.value.verbs);
  if (verb === undefined) return { names: [], rest };
  const { command } = await verb.value.load();
  return { command, names: [], rest: rest.slice(second + 1) };
}

function namesOf(
  among: Readonly<
    Record<string, { readonly summary: string; readonly hidden?: boolean }>
  >,
): readonly OfferedItem[] {
  return Object.entries(among).filter(([, it]) => it.hidden !== true)
    .map(([value, { summary }]) => ({ value, summary }));
}

function offerOptions(options: Options): Offer {
  const items = Object.entries(options).map(([key, { summary }]) => ({
    value: optionName(key),
    summary,
  }));
  return { items, files: false };
}

/** The option whose value is being typed. */
function optionBefore(
  words: readonly string[],
  options: Options,
): OptionSpec | undefined {
  const last = words.at(-1) ?? "";
  if (!last.startsWith("-") || last === "-") return undefined;
  const found = Object.entries(options).find(([key, spec]) =>
    optionName(key) === last || `-${spec.short}` === last
  )?.[1];
  return found?.kind === "flag" ? undefined : found;
}

/** The argument that is being typed, and the words of those before it. */
function argumentAt(
  command: Command,
  words: readonly string[],
  options: Options,
): {
  readonly argument: ArgumentSpec | undefined;
  readonly words: readonly string[];
} {
  const before: string[] = [];
  for (let rest = words;;) {
    const next = firstWordIndex(rest, options);
    if (next < 0) break;
    before.push(rest[next] ?? "");
    rest = rest.slice(next + 1);
  }
  const specs = Object.values(command.arguments);
  const last = specs.at(-1);
  const many = last?.kind === "variadic" || last?.kind === "rest";
  const argument = specs[before.length] ?? (many ? last : undefined);
  return { argument, words: before };
}

async function offerValue(context: Context, spec: OptionSpec): Promise<Offer> {
  if (spec.kind === "value" && spec.choices !== undefined) {
    return listed([...spec.choices, ...spec.prefixes ?? []]);
  }
  return await offerCompletion(
    context,
    spec.kind === "flag" ? undefined : spec.complete,
  );
}

function listed(values: readonly string[]): Offer {
  return {
    items: values.map((value) => ({ value, summary: "" })),
    files: false,
  };
}

async function offerCompletion(
  context: Context,
  completion: Completion | undefined,
  typed = "",
): Promise<Offer> {
  switch (completion) {
    case undefined:
    case "mcp-tool":
      return listed([]);
    case "file":
      return { items: [], files: true };
    case "kind":
      return listed(KIND_NAMES);
    case "key":
      return listed(Object.keys(CONFIG_KEYS));
    case "topic":
      return listed(await topicsFor(typed));
    case "backend":
      return listed([
        ...BACKEND_TYPES,
        ...contextNames(context.settings.values),
      ]);
    case "runnable": {
      const names = await namesFrom(context, ["workflow", "agent"]);
      return { items: names, files: true };
    }
    default:
      return { items: await namesFrom(context, [completion]), files: false };
  }
}

/** Paths that can be explained; of one that cannot, nothing is offered. */
async function topicsFor(typed: string): Promise<readonly string[]> {
  const { offeredPaths } = await import("./explaining.ts");
  try {
    return offeredPaths(typed);
  } catch {
    return [];
  }
}

async function namesFrom(
  context: Context,
  nouns: readonly Exclude<CompletedNoun, "runnable">[],
): Promise<readonly OfferedItem[]> {
  return await inTime(context, (it) => askNames(it, nouns));
}

/** The tools of a server that were used before. */
async function toolsFrom(
  context: Context,
  server: string,
): Promise<readonly OfferedItem[]> {
  const { offeredTools } = await import("./mcp/offering.ts");
  return await inTime(context, async (it) => {
    await using backend = await openFor(it);
    const names = await offeredTools(backend.client, server, it);
    return names.map((value) => ({ value, summary: "tool" }));
  });
}

/** Names from the backend; a shell gets none where it cannot be asked in time. */
async function inTime(
  context: Context,
  ask: (context: Context) => Promise<readonly OfferedItem[]>,
): Promise<readonly OfferedItem[]> {
  const { host, settings } = context;
  // Pressing a key must not make a home folder.
  if (!settings.mayBeCloud && host.files.stat(settings.home) === undefined) {
    return [];
  }
  const late = new AbortController();
  const { promise: none, resolve } = Promise.withResolvers<
    readonly OfferedItem[]
  >();
  const stop = host.clock.timer(ANSWER_TIMEOUT_MS, () => {
    late.abort();
    resolve([]);
  });
  const signal = AbortSignal.any([context.signal, late.signal]);
  const asked = ask({ ...context, signal })
    // Whoever presses a key waits for names and not for reasons.
    .catch(() => []);
  try {
    return await Promise.race([asked, none]);
  } finally {
    stop();
  }
}

async function askNames(
  context: Context,
  nouns: readonly Exclude<CompletedNoun, "runnable">[],
): Promise<readonly OfferedItem[]> {
  const { signal } = context;
  await using backend = await openFor(context);
  const items: OfferedItem[] = [];
  for (const noun of nouns) {
    const names = await namesOfNoun(noun);
    for (const value of await names(backend.client, { signal })) {
      items.push({ value, summary: noun });
    }
  }
  return items;
}

/** What lists the names of a noun; tokens and tool servers are more than that. */
async function namesOfNoun(
  noun: Exclude<CompletedNoun, "runnable">,
): Promise<Door["names"]> {
  if (noun === "token") {
    return (await import("./token/resource.ts")).offeredTokens;
  }
  if (noun === "mcp-target") {
    return (await import("./mcp/offering.ts")).offeredServers;
  }
  return (await loadDoor(noun)).names;
}
