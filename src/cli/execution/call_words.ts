/**
 * Tool calls that wait for a person, in words: so that who decides sees all of
 * what is decided on.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type ToolCallQuestion,
  ToolCallQuestionSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { callText } from "../../model/call_text.ts";
import { visibleLine } from "../../model/hidden_text.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { shellWord } from "../../model/shell_word.ts";
import type { Style } from "../style.ts";
import { visible } from "../visible.ts";
import { fit } from "../width.ts";
import { wrap } from "../wrap.ts";
import { cutToRows } from "./call_rows.ts";

/** Rows that the arguments of a call take at the most where it is asked about. */
const ROWS_MAX = 16;
/** Arguments that are shown there at the most. */
const ARGUMENTS_MAX = 10;
/** Columns of an argument's name there at the most. */
const NAME_WIDTH_MAX = 40;
/** Columns before each line of an argument. */
const INDENT_WIDTH = 4;
/** Columns of a terminal that does not say. */
const COLUMNS_DEFAULT = 80;

/** A call, as it is shown. */
export interface ShownCall {
  /** As the model calls the tool. */
  readonly name: string;
  readonly toolCall: ToolCallQuestion;
  /** The agent that makes it, where it is another one than was started. */
  readonly agent?: string;
}

/** How a call is shown. */
export interface CallLook {
  readonly style: Style;
  readonly columns?: number | undefined;
}

/** A call in one line, for a list of them. */
export function callLine({ name, toolCall }: ShownCall): string {
  return callText(name, argumentsOf(toolCall));
}

/** The call with its arguments in full, what it does and which rule asks. */
export function callDetail(call: ShownCall, look: CallLook): string {
  const shown = Object.entries(argumentsOf(call.toolCall))
    .map(([key, value]) => argumentText(key, textOf(value), look.style));
  return wrap([...factsOf(call, look), ...shown].join("\n"), look.columns);
}

/**
 * The same, but no more of the arguments than a person has in sight at once;
 * what is missing is said.
 */
export function callGlance(
  call: ShownCall & { readonly others?: number },
  look: CallLook,
): { readonly text: string; readonly isWhole: boolean } {
  const { style, columns = COLUMNS_DEFAULT } = look;
  const all = Object.entries(argumentsOf(call.toolCall));
  const some = all.slice(0, ARGUMENTS_MAX);
  const cuts = cutToRows(some.map(([, value]) => textOf(value)), {
    columns: Math.max(1, columns - INDENT_WIDTH),
    rows: ROWS_MAX,
  });
  const names = some.map(([key]) => fit(visibleLine(key), NAME_WIDTH_MAX));
  const rest = all.length - some.length;
  const { others = 0 } = call;
  const text = [
    ...(others > 0 ? [more(others, "waiting call", style)] : []),
    ...factsOf(call, look),
    ...cuts.flatMap(({ shown, missing }, i) => [
      argumentText(names[i] ?? "", shown, style),
      ...(missing > 0 ? [`    ${more(missing, "character", style)}`] : []),
    ]),
    ...(rest > 0 ? [`  ${more(rest, "argument", style)}`] : []),
  ].join("\n");
  const isWhole = rest === 0 && cuts.every(({ missing }) => missing === 0) &&
    some.every(([key], i) => visibleLine(key) === names[i]);
  return { text: wrap(text, look.columns), isWhole };
}

function more(count: number, what: string, style: Style): string {
  const shown = `${count.toLocaleString("en")} more ${what}`;
  return style.yellow(`[${shown}${count === 1 ? "" : "s"}]`);
}

function factsOf(
  { name, toolCall, agent = "" }: ShownCall,
  { style }: CallLook,
): readonly string[] {
  const { server, tool, effect, rule } = toolCall;
  return [
    `${style.bold(visibleLine(name))} ${
      style.dim(
        visibleLine(`(${tool} of ${server}, ${EFFECTS[effect] ?? effect})`),
      )
    }`,
    // What is ours comes first: what the model wrote cannot stand before it.
    ...(agent === "" ? [] : [`${style.dim("agent:")} ${visibleLine(agent)}`]),
    `${style.dim("rule:")} ${visibleLine(rule)}`,
  ];
}

/** What a tool does, in words. */
const EFFECTS: Readonly<Record<string, string>> = {
  read: "only reads",
  write: "changes something",
  destructive: "may destroy something",
  unknown: "its server does not say what it does",
};

/** An argument as all of it is seen. */
function textOf(value: Json): string {
  return visible(
    typeof value === "string" ? value : JSON.stringify(value, null, 2),
  );
}

function argumentText(key: string, text: string, style: Style): string {
  const name = style.dim(`${visibleLine(key)}:`);
  return text.includes("\n")
    ? `  ${name}\n    ${text.replaceAll("\n", "\n    ")}`
    : `  ${name} ${text}`;
}

function argumentsOf(toolCall: ToolCallQuestion): JsonObject {
  const json: Json = toJson(ToolCallQuestionSchema, toolCall);
  const given = isJsonObject(json) ? json["arguments"] : undefined;
  return given !== undefined && isJsonObject(given) ? given : {};
}

/** The command lines that answer a question about a call. */
export function callCommands(
  { id, task }: { readonly id: string; readonly task?: string | undefined },
): readonly string[] {
  const which = task === undefined ? id : `${id} ${shellWord(task)}`;
  return [
    `stigmer execution approve ${which}`,
    `stigmer execution reject ${which} --reason TEXT`,
    `stigmer execution skip ${which}`,
  ];
}
