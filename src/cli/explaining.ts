/**
 * Prints what a kind or a field is, as people and as programs read it.
 *
 * @module
 */

import {
  explain,
  explainable,
  type ExplainedField,
  type ExplainedValue,
  type Explanation,
  explanationJson,
} from "../manifest/explain.ts";
import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";
import { renderTable } from "./table.ts";
import { showJson } from "./view.ts";
import { wrap } from "./wrap.ts";

/** Columns where the width of the output is not known. */
const WIDTH_DEFAULT = 80;
/** Columns that words keep at the least, be the terminal narrower. */
const WIDTH_MIN = 24;
const INDENT = "  ";

/** Prints the explanation of a path, or what can be explained. */
export async function printExplanation(
  context: Context,
  path: string | undefined,
  options: { readonly recursive: boolean },
): Promise<Ending> {
  const { io } = context;
  const isText = io.format === "table" || io.format === "wide";
  if (path === undefined) {
    await printTopics(context, isText);
    return "ok";
  }
  const explanation = explain(path, options);
  if (io.format === "name") {
    const { fields, kinds = [] } = explanation;
    for (const { name } of [...fields, ...kinds]) io.data(name);
  } else if (!isText) await showJson(context, explanationJson(explanation));
  else io.data(textOf(context, explanation, options.recursive));
  return "ok";
}

async function printTopics(
  context: Context,
  isText: boolean,
): Promise<void> {
  const { io } = context;
  const topics = explainable();
  if (io.format === "name") {
    for (const { name } of topics) io.data(name);
  } else if (!isText) {
    await showJson(context, topics.map((it) => ({ ...it })));
  } else {
    const columns = [{ header: "KIND", whole: true }, { header: "WHAT IT IS" }];
    const rows = topics.map((it) => [it.name, it.description]);
    const fitted = { columns: io.columns, style: io.out };
    io.data(await renderTable(columns, rows, fitted));
  }
}

function textOf(
  { io }: Context,
  explanation: Explanation,
  recursive: boolean,
): string {
  const width = Math.max(io.columns ?? WIDTH_DEFAULT, WIDTH_MIN);
  const facts: readonly (readonly [string, string])[] = [
    ["Kind", explanation.kind],
    ["Version", explanation.apiVersion ?? ""],
    ["Field", explanation.path],
    ["Type", explanation.path === "" ? "" : explanation.type],
  ];
  const head = facts.filter(([, value]) => value !== "").map(([label, value]) =>
    `${io.out.bold(`${label}:`.padEnd("Version: ".length - 1))} ${value}`
  ).join("\n");
  const { fields, values, kinds = [] } = explanation;
  const linesOf = (list: readonly ExplainedField[]): readonly string[] =>
    recursive
      ? treeLines(list, 1)
      : list.flatMap((it) => fieldLines(it, width));
  return [
    head,
    wrapped(explanation.description, width, ""),
    sectionOf(
      io.out.bold("Values:"),
      values.flatMap((it) => valueLines(it, width)),
    ),
    sectionOf(io.out.bold("Fields:"), linesOf(fields)),
    sectionOf(io.out.bold("Kinds:"), linesOf(kinds)),
  ].filter((it) => it !== "").join("\n\n");
}

function sectionOf(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [title, ...lines].join("\n");
}

function fieldLines(field: ExplainedField, width: number): readonly string[] {
  const words = firstParagraph(field.description);
  return [
    `${INDENT}${signature(field)}`,
    ...(words === "" ? [] : [wrapped(words, width, INDENT + INDENT)]),
  ];
}

function valueLines(value: ExplainedValue, width: number): readonly string[] {
  return [
    `${INDENT}${value.name}`,
    ...(value.description === ""
      ? []
      : [wrapped(value.description, width, INDENT + INDENT)]),
  ];
}

function treeLines(
  fields: readonly ExplainedField[],
  depth: number,
): readonly string[] {
  return fields.flatMap((it) => [
    `${INDENT.repeat(depth)}${signature(it)}`,
    ...treeLines(it.fields ?? [], depth + 1),
  ]);
}

function signature({ name, type, required }: ExplainedField): string {
  return `${name} <${type}>${required ? " required" : ""}`;
}

/** What follows the first paragraph is shown with the field alone. */
function firstParagraph(text: string): string {
  return text.split("\n\n", 1)[0] ?? "";
}

function wrapped(text: string, width: number, indent: string): string {
  return wrap(
    text.split("\n\n").map((it) => `${indent}${it}`).join("\n\n"),
    width,
  );
}

/** What a shell may offer where a path is typed. */
export function offeredPaths(typed: string): readonly string[] {
  const end = typed.lastIndexOf(".");
  if (end < 0) return explainable().map((it) => it.name);
  const before = typed.slice(0, end);
  const { fields, kinds = [] } = explain(before);
  return [...fields, ...kinds].map(({ name }) => `${before}.${name}`);
}
