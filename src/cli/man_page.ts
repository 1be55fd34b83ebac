/**
 * Manual pages in the man format, from the same data as help.
 *
 * @module
 */

import { EXIT_MEANINGS } from "./exit_meanings.ts";
import type { Command } from "./command.ts";
import { GLOBAL_OPTIONS, globalOptionsOf } from "./globals.ts";
import { argumentRows, optionRows, type Row, usageLine } from "./help.ts";
import { type Noun, NOUNS, ROOT_VERBS, type Verb } from "./tree.ts";

/** A page and the file that man looks for. */
export interface ManPage {
  /** As `stigmer-agent-list.1`. */
  readonly file: string;
  readonly text: string;
}

/** What the head of every page says. */
export interface ManHead {
  readonly version: string;
}

const SECTION = 1;

/** Writes the page of the whole program. */
export function programPage(head: ManHead): ManPage {
  const commands = visible(ROOT_VERBS);
  return page(head, "stigmer", {
    summary: "define agents and workflows, and run them durably",
    parts: [
      heading("SYNOPSIS"),
      paragraph(`${bold("stigmer")} ${escaped("<command> [options]")}`),
      heading("DESCRIPTION"),
      paragraph(escaped(
        "Stigmer runs agents and workflows that are written as YAML or TypeScript, on this machine with nothing else installed, or on a server.",
      )),
      heading("COMMANDS"),
      ...[...commands, ...Object.entries(NOUNS)].map(([name, it]) =>
        pageItem(name, it)
      ),
      ...tailParts(optionRows(GLOBAL_OPTIONS)),
    ],
    related: [
      ...commands.map(([name]) => name),
      ...Object.keys(NOUNS),
    ],
  });
}

/** Writes the page of a noun. */
export function nounPage(head: ManHead, name: string, noun: Noun): ManPage {
  const words = Object.keys(noun.verbs);
  return page(head, `stigmer-${name}`, {
    summary: lowered(noun.summary),
    parts: [
      heading("SYNOPSIS"),
      paragraph(`${bold(`stigmer ${name}`)} ${escaped("<command> [options]")}`),
      heading("COMMANDS"),
      ...Object.entries(noun.verbs).map(([word, it]) =>
        pageItem(`${name}-${word}`, it)
      ),
      ...(noun.aliases === undefined
        ? []
        : [heading("ALIASES"), paragraph(escaped(noun.aliases.join(", ")))]),
    ],
    related: ["", ...words.map((word) => `${name}-${word}`)],
  });
}

/** Writes the page of a command: `agent list`. */
export function commandPage(
  head: ManHead,
  name: string,
  command: Command,
): ManPage {
  const args = argumentRows(command);
  const options = optionRows(command.options);
  const noun = name.includes(" ") ? name.split(" ")[0] ?? "" : "";
  return page(head, `stigmer-${name.replaceAll(" ", "-")}`, {
    summary: lowered(command.summary),
    parts: [
      heading("SYNOPSIS"),
      paragraph(escaped(usageLine(name, command))),
      heading("DESCRIPTION"),
      ...[`${command.summary}.`, ...command.details ?? []]
        .map((it) => paragraph(escaped(it))),
      ...listed("ARGUMENTS", args),
      ...listed("OPTIONS", options),
      ...tailParts(optionRows(globalOptionsOf(command))),
      heading("EXAMPLES"),
      ...command.examples.map(({ does, line }) =>
        `.PP\n${escaped(`${does}:`)}\n.PP\n.RS 4\n.nf\n${
          escaped(`stigmer ${line}`)
        }\n.fi\n.RE`
      ),
    ],
    related: noun === "" ? [""] : ["", noun],
  });
}

/** Writes every page. */
export async function allPages(head: ManHead): Promise<readonly ManPage[]> {
  const pages = [programPage(head)];
  for (const [name, verb] of visible(ROOT_VERBS)) {
    pages.push(commandPage(head, name, (await verb.load()).command));
  }
  for (const [name, noun] of Object.entries(NOUNS)) {
    pages.push(nounPage(head, name, noun));
    for (const [word, verb] of Object.entries(noun.verbs)) {
      const { command } = await verb.load();
      pages.push(commandPage(head, `${name} ${word}`, command));
    }
  }
  return pages;
}

function visible(
  verbs: Readonly<Record<string, Verb>>,
): readonly (readonly [string, Verb])[] {
  return Object.entries(verbs).filter(([, it]) => it.hidden !== true);
}

function page(
  { version }: ManHead,
  name: string,
  { summary, parts, related }: {
    readonly summary: string;
    readonly parts: readonly string[];
    readonly related: readonly string[];
  },
): ManPage {
  const pages = related.map((it) => it === "" ? "stigmer" : `stigmer-${it}`)
    .map((it) => `${bold(it)}(${SECTION})`).join(",\n");
  const lines = [
    // Without a date: the same release gives the same bytes everywhere.
    `.TH "${name.toUpperCase()}" "${SECTION}" "" "Stigmer ${version}" "Stigmer"`,
    // Words are not broken, so that what is copied is what works.
    ".nh",
    ".ad l",
    heading("NAME"),
    `${escaped(name)} \\- ${escaped(summary)}`,
    ...parts,
    heading("SEE ALSO"),
    pages,
  ];
  return { file: `${name}.${SECTION}`, text: `${lines.join("\n")}\n` };
}

/** What the pages of all commands end with. */
function tailParts(globals: readonly Row[]): readonly string[] {
  return [
    ...listed("GLOBAL OPTIONS", globals),
    ...listed("EXIT STATUS", EXIT_MEANINGS),
  ];
}

function listed(title: string, rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return [];
  return [
    heading(title),
    ...rows.map(([left, right]) => item(bold(left.trim()), right)),
  ];
}

/** Another page, and what it is about. */
function pageItem(
  name: string,
  { summary }: { readonly summary: string },
): string {
  return item(`${bold(`stigmer-${name}`)}(${SECTION})`, summary);
}

function heading(title: string): string {
  return `.SH ${title}`;
}

function paragraph(text: string): string {
  return `.PP\n${text}`;
}

function item(left: string, right: string): string {
  return `.TP\n${left}\n${escaped(right)}`;
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** The names of pages begin small, unless a name stands there. */
function lowered(summary: string): string {
  const second = summary[1] ?? "";
  return second === second.toLowerCase()
    ? `${summary[0]?.toLowerCase() ?? ""}${summary.slice(1)}`
    : summary;
}

/** Writes text that roff takes for text, and not for requests. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\(rs").replaceAll("-", "\\-")
    .replaceAll("~", "\\(ti").replaceAll("^", "\\(ha")
    .replaceAll("`", "\\(ga").replaceAll("'", "\\(aq")
    .replaceAll("…", "...")
    .replaceAll(/^([.'])/gm, "\\&$1");
}
