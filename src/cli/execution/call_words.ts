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
import type { Style } from "../style.ts";
import { visible } from "../visible.ts";
import { wrap } from "../wrap.ts";

/** A call, as it is shown. */
export interface ShownCall {
  /** As the model calls the tool. */
  readonly name: string;
  readonly toolCall: ToolCallQuestion;
}

/** A call in one line, for a list of them. */
export function callLine({ name, toolCall }: ShownCall): string {
  return visibleLine(callText(name, argumentsOf(toolCall)));
}

/** The call with its arguments in full, what it does and which rule asks. */
export function callDetail(
  { name, toolCall }: ShownCall,
  { style, columns }: {
    readonly style: Style;
    readonly columns?: number | undefined;
  },
): string {
  const { server, tool, effect, rule } = toolCall;
  const facts = [
    `${style.bold(visibleLine(name))} ${
      style.dim(
        visibleLine(`(${tool} of ${server}, ${EFFECTS[effect] ?? effect})`),
      )
    }`,
    // What is ours comes first: what the model wrote cannot stand before it.
    `${style.dim("rule:")} ${visibleLine(rule)}`,
    ...Object.entries(argumentsOf(toolCall)).map(([key, value]) =>
      argumentText(key, value, style)
    ),
  ];
  return wrap(facts.join("\n"), columns);
}

/** What a tool does, in words. */
const EFFECTS: Readonly<Record<string, string>> = {
  read: "only reads",
  write: "changes something",
  destructive: "may destroy something",
  unknown: "its server does not say what it does",
};

function argumentText(key: string, value: Json, style: Style): string {
  const text = visible(
    typeof value === "string" ? value : JSON.stringify(value, null, 2),
  );
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
  const which = task === undefined ? id : `${id} ${task}`;
  return [
    `stigmer execution approve ${which}`,
    `stigmer execution reject ${which} --reason TEXT`,
    `stigmer execution skip ${which}`,
  ];
}
