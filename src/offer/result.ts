/**
 * What a tool call gives: the output of an execution, why there is none, or
 * what it waits for.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { CallToolResult } from "@modelcontextprotocol/server";
import {
  type Execution,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { toStigmerError } from "../backend/errors.ts";
import { failureText } from "../model/failure_text.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { type Question, questionText } from "./questions.ts";
import { EXECUTION_TOOL } from "./tool_names.ts";

/** Where a result says which execution it is of. */
export const EXECUTION_META = "agentic.stigmer.ai/execution";

/** Makes the result of an execution that has ended. */
export function endedResult(execution: Execution): CallToolResult {
  const { status } = execution;
  if (status?.phase !== Phase.COMPLETED) {
    return { ...metaOf(execution), ...errorText(endText(execution)) };
  }
  const output: Json = status.output === undefined
    ? null
    : toJson(ValueSchema, status.output);
  return {
    ...metaOf(execution),
    content: [{ type: "text", text: textOf(output) }],
    ...(isJsonObject(output) ? { structuredContent: { ...output } } : {}),
  };
}

/**
 * Makes the result of an execution that waits for a person. Where the tool
 * declares what it gives only an error may be something else.
 */
export function waitingResult(
  execution: Execution,
  { questions, isError }: {
    readonly questions: readonly Question[];
    readonly isError: boolean;
  },
): CallToolResult {
  const id = idOf(execution);
  const asked = questions.map((it) => questionText(it, questions.length === 1));
  const text = [
    `Execution ${id} is not done: it waits for a person.`,
    "",
    ...asked,
    "",
    `Once that is answered, call ${EXECUTION_TOOL} with ` +
    `{"id": "${id}", "action": "wait"} for its output.`,
  ].join("\n");
  return {
    ...metaOf(execution),
    content: [{ type: "text", text }],
    ...(isError ? { isError } : {}),
  };
}

/** As {@linkcode waitingResult}, of an execution that goes on without the call. */
export function runningResult(
  execution: Execution,
  { isError }: { readonly isError: boolean },
): CallToolResult {
  const { status } = execution;
  const waiting = status?.waitingFor || "";
  const text = `Execution ${idOf(execution)} is ${phaseOf(execution)}` +
    (waiting === "" ? "" : `: it waits for ${waiting}`);
  return {
    ...metaOf(execution),
    content: [{ type: "text", text }],
    ...(isError ? { isError } : {}),
  };
}

/** Makes the result of a call that was refused, with what can be done. */
export function refusedResult(thrown: unknown): CallToolResult {
  const { diagnostics, hints, message } = toStigmerError(thrown);
  const lines = [
    message,
    ...diagnostics.map((it) => `  ${it.message}`),
    ...hints.map((it) => `Hint: ${it}`),
  ];
  return errorText(lines.join("\n"));
}

/**
 * Makes the result of a call that was begun and cannot be followed: whoever
 * called again would have it done twice.
 */
export function lostResult(id: string, thrown: unknown): CallToolResult {
  const { message } = toStigmerError(thrown);
  return {
    _meta: { [EXECUTION_META]: { id } },
    ...errorText(
      `Cannot follow execution ${id}, which goes on: ${message}\n` +
        `Hint: Call ${EXECUTION_TOOL} with {"id": "${id}", "action": "wait"}`,
    ),
  };
}

/** The id of an execution. */
export function idOf(execution: Execution): string {
  return execution.metadata?.id ?? "";
}

/** Whether an execution never changes again. */
export function hasEnded({ status }: Execution): boolean {
  const phase = status?.phase;
  return phase === Phase.COMPLETED || phase === Phase.FAILED ||
    phase === Phase.CANCELLED;
}

function phaseOf({ status }: Execution): string {
  return Phase[status?.phase ?? 0] ?? "";
}

function metaOf(execution: Execution): Pick<CallToolResult, "_meta"> {
  return {
    _meta: {
      [EXECUTION_META]: {
        id: idOf(execution),
        phase: phaseOf(execution),
        ...(execution.spec?.sessionId
          ? { session: execution.spec.sessionId }
          : {}),
      },
    },
  };
}

function endText(execution: Execution): string {
  const id = idOf(execution);
  const error = execution.status?.error;
  if (execution.status?.phase === Phase.CANCELLED) {
    return `Execution ${id} was cancelled${
      error?.detail ? `: ${error.detail}` : ""
    }`;
  }
  const why = failureText(error) || "no reason was given";
  return [
    `Execution ${id} failed: ${why}`,
    ...(error?.instance ? [`  at ${error.instance}`] : []),
    `Hint: See what it did with: stigmer execution trace ${id}`,
  ].join("\n");
}

function errorText(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/** Text is itself; everything else is JSON. */
function textOf(output: Json): string {
  return typeof output === "string" ? output : JSON.stringify(output, null, 2);
}
