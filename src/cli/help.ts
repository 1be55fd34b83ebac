/**
 * The texts of help: of the whole, of a noun and of a command.
 *
 * @module
 */

import {
  argumentName,
  type Command,
  optionName,
  type Options,
  type ValueSpec,
} from "./command.ts";
import { GLOBAL_OPTIONS, globalOptionsOf } from "./globals.ts";
import { type Noun, NOUNS, ROOT_VERBS } from "./tree.ts";

/** Columns of a help text at the most. */
const WIDTH_MAX = 80;
const GAP = 2;

/** Writes the help of the whole program. */
export function rootHelp(): string {
  return blocks(
    "Define agents and workflows, and run them durably",
    "Usage: stigmer <command> [options]",
    section("Commands", rows(ROOT_VERBS)),
    section("Resources and runs", rows(NOUNS)),
    section("Global options", optionRows(GLOBAL_OPTIONS)),
    section("Examples", [
      ["", "# Prepare this machine, then run a workflow from a file"],
      ["", "stigmer init"],
      ["", "stigmer run hello.yaml --input name=Ada"],
      ["", ""],
      ["", "# Keep an agent and ask it something"],
      ["", "stigmer apply -f reviewer.yaml"],
      ["", 'stigmer agent execute reviewer "Review the last commit"'],
    ]),
    'Run "stigmer <command> --help" for more about a command',
  );
}

/** Writes the help of a noun. */
export function nounHelp(name: string, noun: Noun): string {
  const aliases = noun.aliases ?? [];
  return blocks(
    noun.summary,
    `Usage: stigmer ${name} <command> [options]`,
    section("Commands", rows(noun.verbs)),
    aliases.length === 0 ? "" : `Also: ${aliases.join(", ")}`,
    `Run "stigmer ${name} <command> --help" for more about a command`,
  );
}

/** Writes the help of a command. */
export function commandHelp(
  name: string,
  command: Command,
  aliases: readonly string[] = [],
): string {
  return blocks(
    command.summary,
    ...(command.details ?? []).map((it) => wrap(it, WIDTH_MAX).join("\n")),
    `Usage: ${usageLine(name, command)}`,
    section("Arguments", argumentRows(command)),
    section("Options", optionRows(command.options)),
    section("Global options", optionRows(globalOptionsOf(command))),
    section(
      "Examples",
      command.examples.flatMap((it, i): Row[] => [
        ...(i === 0 ? [] : [["", ""] as const]),
        ["", `# ${it.does}`],
        ["", `stigmer ${it.line}`],
      ]),
    ),
    aliases.length === 0
      ? ""
      : `Also: ${
        aliases.map((it) => [...name.split(" ").slice(0, -1), it].join(" "))
          .join(", ")
      }`,
  );
}

/** Writes how a command is typed. */
export function usageLine(name: string, command: Command): string {
  const args = Object.entries(command.arguments).map(([key, spec]) =>
    argumentName(key, spec)
  );
  return ["stigmer", name, ...args, "[options]"].join(" ");
}

/** What stands left and right in a list of a help text. */
export type Row = readonly [left: string, right: string];

/** The arguments of a command, for a list. */
export function argumentRows(command: Command): readonly Row[] {
  return Object.entries(command.arguments).map(([key, spec]) => [
    argumentName(key, spec),
    spec.summary,
  ]);
}

/** The options of a command, for a list. */
export function optionRows(options: Options): readonly Row[] {
  return Object.entries(options).map(([key, spec]) => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const value = spec.kind === "flag" ? "" : ` ${spec.placeholder}`;
    const choices = spec.kind === "value" && spec.choices !== undefined
      ? `: ${[...spec.choices, ...openChoices(spec)].join(", ")}`
      : "";
    const again = spec.kind === "list" ? " (repeatable)" : "";
    return [
      `${short}${optionName(key)}${value}`,
      `${spec.summary}${choices}${again}`,
    ];
  });
}

/** Choices that go on with words of one's own: `jq=PROGRAM`. */
function openChoices({ prefixes = [] }: ValueSpec): readonly string[] {
  return prefixes.map((it) => `${it}…`);
}

interface Summarised {
  readonly summary: string;
  readonly hidden?: boolean;
}

function rows(among: Readonly<Record<string, Summarised>>): readonly Row[] {
  return Object.entries(among).filter(([, it]) => it.hidden !== true)
    .map(([name, it]) => [name, it.summary]);
}

/** Writes a list under a title, or nothing when it is empty. */
function section(title: string, list: readonly Row[]): string {
  if (list.length === 0) return "";
  const left = Math.max(...list.map(([it]) => it.length));
  const indent = " ".repeat(left === 0 ? 2 : left + GAP + 2);
  const lines = list.flatMap(([name, text]) => {
    if (left === 0) return [`  ${text}`.trimEnd()];
    const [first = "", ...more] = wrap(text, WIDTH_MAX - indent.length);
    return [
      `  ${name.padEnd(left + GAP)}${first}`,
      ...more.map((it) => indent + it),
    ];
  });
  return [`${title}:`, ...lines].join("\n");
}

function blocks(...parts: readonly string[]): string {
  return parts.filter((it) => it !== "").join("\n\n");
}

/** Breaks a text between words. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
