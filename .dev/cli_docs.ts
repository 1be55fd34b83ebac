/**
 * Writes docs/cli.md from the commands themselves: `deno run -A
 * .dev/cli_docs.ts` writes it, `--check` says whether it is up to date.
 *
 * @module
 */

import {
  argumentRows,
  optionRows,
  type Row,
  usageLine,
} from "../src/cli/help.ts";
import type { Command, Options } from "../src/cli/command.ts";
import { CONFIG_KEYS } from "../src/cli/config_file.ts";
import { GLOBAL_OPTIONS, globalOptionsOf } from "../src/cli/globals.ts";
import { NOUNS, ROOT_VERBS, type Verb } from "../src/cli/tree.ts";
import {
  EXIT_MEANINGS,
  unexplainedExitCodes,
} from "../src/cli/exit_meanings.ts";
import { markdownTable, writeOrCheckPage } from "./generated_page.ts";

/** Where the reference stands. */
export const CLI_DOCS_PATH = "docs/cli.md";

/** Writes the reference of every command. */
export async function cliReference(): Promise<string> {
  const roots = Object.entries(ROOT_VERBS).filter(([, it]) => !it.hidden);
  const parts = [
    "# The command line",
    "<!-- Written by .dev/cli_docs.ts from src/cli; do not edit. -->",
    "`stigmer <command> [options]`. Every command shows this with `--help`.",
    "## Global options",
    "Every command takes them, before and after its name. A flag comes before an environment variable, and that before `config.yaml`.",
    table(["Option", "Meaning"], optionRows(GLOBAL_OPTIONS)),
    "Of `export` and `session export` the output is a file: `-o FILE` says which, and how it is written an option of theirs or the file's name.",
    "## Settings",
    "Keys of `config.yaml`, which `stigmer config set` writes. A variable of the environment comes before the file.",
    table(["Key", "Meaning"], settingRows()),
    "## Exit codes",
    table(["Code", "Meaning"], exitCodeRows()),
    "## Commands",
  ];
  for (const [name, verb] of roots) parts.push(await section(name, verb));
  for (const [name, noun] of Object.entries(NOUNS)) {
    parts.push(`## ${name}`, `${noun.summary}.`);
    if (noun.aliases !== undefined) {
      parts.push(`Also: ${noun.aliases.map((it) => `\`${it}\``).join(", ")}.`);
    }
    for (const [word, verb] of Object.entries(noun.verbs)) {
      parts.push(await section(`${name} ${word}`, verb));
    }
  }
  return `${parts.join("\n\n")}\n`;
}

/** Each key with the variable that comes before it. */
function settingRows(): readonly Row[] {
  return Object.entries(CONFIG_KEYS).map(
    ([key, { summary, variable, choices }]) => {
      const named = variable === undefined ? "" : ` (${variable})`;
      const taken = choices === undefined ? "" : `: ${choices.join(", ")}`;
      return [key, `${summary}${named}${taken}`];
    },
  );
}

async function section(name: string, verb: Verb): Promise<string> {
  const { command } = await verb.load();
  return [
    `### ${name}`,
    `${command.summary}.`,
    ...(command.details ?? []),
    fence(usageLine(name, command)),
    rowsOf("Argument", argumentRows(command)),
    rowsOf("Option", optionRows({ ...command.options, ...ownForms(command) })),
    fence(examples(command)),
    aliases(name, verb),
  ].filter((it) => it !== "").join("\n\n");
}

/** `--output` of a command whose forms are its own. */
function ownForms(command: Command): Options {
  const hasOwn = command.formats !== undefined ||
    command.writesTo !== undefined;
  if (!hasOwn) return {};
  return { output: globalOptionsOf(command).output };
}

function examples(command: Command): string {
  return command.examples.map((it) => `# ${it.does}\nstigmer ${it.line}`)
    .join("\n\n");
}

function aliases(name: string, verb: Verb): string {
  if (verb.aliases === undefined) return "";
  const before = name.split(" ").slice(0, -1);
  const names = verb.aliases.map((it) => `\`${[...before, it].join(" ")}\``);
  return `Also: ${names.join(", ")}.`;
}

function rowsOf(title: string, rows: readonly Row[]): string {
  return rows.length === 0 ? "" : table([title, "Meaning"], rows);
}

function fence(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function table(headers: readonly string[], rows: readonly Row[]): string {
  return markdownTable(
    headers,
    rows.map(([left, right]) => [`\`${left.trim()}\``, right]),
  );
}

/** The meanings of all exit codes that the program can end with. */
function exitCodeRows(): readonly Row[] {
  const [unexplained] = unexplainedExitCodes();
  if (unexplained === undefined) return EXIT_MEANINGS;
  throw new Error(`Exit code ${unexplained} is new`);
}

if (import.meta.main) {
  await writeOrCheckPage(CLI_DOCS_PATH, await cliReference());
}
