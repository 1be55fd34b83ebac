/**
 * How things of one kind are shown: as table, JSON, YAML or names.
 *
 * @module
 */

import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Json } from "../model/json.ts";
import type { Context } from "./context.ts";
import { formatAge, formatLeft } from "./duration.ts";
import { oneLine } from "./one_line.ts";
import { printable } from "./printable.ts";
import { renderTable, type TableColumn } from "./table.ts";

export { printable };

/** A column of the table of a kind. */
export interface ViewColumn<T> extends TableColumn {
  /** Whether only `-o wide` shows it. */
  readonly wide?: boolean;
  value(item: T, nowMs: number): string;
}

/**
 * A line of the description of one thing; an empty value is left out, and one
 * that may be `cut` is made to fit a line unless it is wanted whole.
 */
export type Fact = readonly [label: string, value: string, how?: "cut"];

/** How things of one kind are shown. */
export interface View<T> {
  readonly columns: readonly ViewColumn<T>[];
  /** What other commands take for it. */
  identify(item: T): string;
  /** In proto-JSON. */
  json(item: T): Json;
  /** As YAML; absent means its JSON written as YAML. */
  yaml?(item: T): Promise<string>;
  /** What a person wants to know of one. */
  describe(item: T, nowMs: number): readonly Fact[];
  /** What follows the facts, as a table or a text. */
  appendix?(item: T, context: Context): Promise<string>;
}

/** A page of things. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** Shows one thing. */
export async function showOne<T>(
  context: Context,
  view: View<T>,
  item: T,
): Promise<void> {
  const { io } = context;
  switch (io.format) {
    case "table":
    case "wide":
      return io.data(await describe(context, view, item));
    case "json":
      return io.data(pretty(view.json(item)));
    case "jsonl":
      return io.data(JSON.stringify(view.json(item)));
    case "yaml":
      return io.raw(await yamlOf(view, item));
    case "name":
      return io.data(view.identify(item));
  }
}

/** Shows a page of things. */
export async function showPage<T>(
  context: Context,
  view: View<T>,
  page: Page<T>,
): Promise<void> {
  const { io } = context;
  const { items, nextPageToken } = page;
  switch (io.format) {
    case "table":
    case "wide":
      await showTable(context, view, page);
      break;
    case "json":
      io.data(pretty({
        items: items.map((it) => view.json(it)),
        nextPageToken,
      }));
      return;
    case "jsonl":
      for (const it of items) io.data(JSON.stringify(view.json(it)));
      return;
    case "yaml": {
      const documents = [];
      for (const it of items) documents.push(await yamlOf(view, it));
      io.raw(documents.join("---\n"));
      return;
    }
    case "name":
      for (const it of items) io.data(view.identify(it));
      return;
  }
  // Programs ask for what they want, and take talk for a failure.
  if (nextPageToken !== "") {
    // Two lines of token say nothing to who reads a table.
    io.note("More with --all or --limit; -o json has a token for --page-token");
  }
}

async function showTable<T>(
  context: Context,
  view: View<T>,
  page: Page<T>,
): Promise<void> {
  const { io, host } = context;
  if (page.items.length === 0) return io.note("None found");
  const wide = io.format === "wide";
  const columns = view.columns.filter((it) => wide || it.wide !== true);
  const nowMs = host.clock.now();
  const rows = page.items.map((item) =>
    columns.map((column) => column.value(item, nowMs))
  );
  const limit = wide ? undefined : io.columns;
  const fitted = { columns: limit, style: io.out };
  io.data(await renderTable(columns, rows, fitted));
}

async function describe<T>(
  context: Context,
  view: View<T>,
  item: T,
): Promise<string> {
  const { io, host } = context;
  const facts = view.describe(item, host.clock.now())
    .filter(([, value]) => value !== "");
  const width = Math.max(0, ...facts.map(([label]) => label.length)) + 3;
  const lines: string[] = [];
  let isCut = false;
  for (const [label, value, how] of facts) {
    const shown = how === "cut" && io.format !== "wide"
      ? await cutToLine(value, (io.columns ?? PIPE_WIDTH) - width)
      : printable(value);
    isCut ||= shown.endsWith("…") && !value.endsWith("…");
    lines.push(await factLine({ label, shown, width }, io));
  }
  if (isCut) io.note("Values that end in … are cut: -o json prints them whole");
  const appendix = await view.appendix?.(item, context) ?? "";
  return appendix === ""
    ? lines.join("\n")
    : `${lines.join("\n")}\n\n${appendix}`;
}

/** Columns of a line in a pipe, where it is cut. */
export const PIPE_WIDTH = 200;
/** Columns that a cut value keeps at the least. */
const CUT_WIDTH_MIN = 20;

async function cutToLine(value: string, width: number): Promise<string> {
  const { fit } = await import("./width.ts");
  return fit(oneLine(value), Math.max(width, CUT_WIDTH_MIN));
}

/** A fact beside its label; words that do not fit go on below. */
async function factLine(
  { label, shown, width }: {
    readonly label: string;
    readonly shown: string;
    readonly width: number;
  },
  { out, columns, format }: Context["io"],
): Promise<string> {
  const title = `${label}:`;
  const beside = `${out.bold(title.padEnd(width - 1))} `;
  if (columns === undefined || format === "wide") {
    return beside + indented(shown, width);
  }
  const { wrap } = await import("./wrap.ts");
  const longest = Math.max(...shown.split(/\s/).map((it) => it.length));
  // An id is of no use in two pieces: it may stand closer to its label.
  return longest > columns - width && longest + title.length < columns
    ? `${out.bold(title)} ${shown}`
    : beside + indented(wrap(shown, columns - width), width);
}

function indented(text: string, width: number): string {
  return text.trimEnd().replaceAll("\n", `\n${" ".repeat(width)}`);
}

async function yamlOf<T>(view: View<T>, item: T): Promise<string> {
  return view.yaml === undefined
    ? await yamlText(view.json(item))
    : await view.yaml(item);
}

/** Writes JSON as YAML. */
export async function yamlText(json: Json): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(json, { lineWidth: 0 });
}

/** Writes JSON for people. */
export function pretty(json: Json): string {
  return JSON.stringify(json, null, 2);
}

/** Prints JSON that is no resource, in the format that was asked for. */
export async function showJson(context: Context, json: Json): Promise<void> {
  const { io } = context;
  if (io.format === "yaml") io.raw(await yamlText(json));
  else io.data(io.format === "jsonl" ? JSON.stringify(json) : pretty(json));
}

/** Writes how long ago a time is, or nothing when it is not set. */
export function ageOf(time: Timestamp | undefined, nowMs: number): string {
  return time === undefined ? "" : formatAge(nowMs - timestampMs(time));
}

/**
 * Writes a time with how far it is: `2026-01-02T03:04:05Z (5m ago)`, of one to
 * come `(in 3d)`.
 */
export function timeFact(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return "";
  const iso = new Date(timestampMs(time)).toISOString();
  const leftMs = timestampMs(time) - nowMs;
  // Clocks of two machines are never quite the same.
  const far = leftMs < 1000
    ? `${ageOf(time, nowMs)} ago`
    : `in ${formatLeft(leftMs)}`;
  return `${iso.replace(/\.\d+Z$/, "Z")} (${far})`;
}

/** Writes labels: `team=a, tier=b`. */
export function labelsFact(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) =>
    `${oneLine(key)}=${oneLine(value)}`
  ).join(", ");
}
