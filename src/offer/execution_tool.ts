/**
 * The tool that comes back to an execution: how it stands, its output once it
 * is done, and, where that is allowed, an answer to what it asks.
 *
 * @module
 */

import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { invalidArgument, notFound } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { getExecution } from "../backend/get_execution.ts";
import type { Call, Means } from "./call.ts";
import { NO_DESK } from "./desk.ts";
import { followExecution } from "./follow.ts";
import { createProgress } from "./progress.ts";
import { questionsOf } from "./questions.ts";
import { respondTo } from "./respond.ts";
import {
  endedResult,
  hasEnded,
  runningResult,
  waitingResult,
} from "./result.ts";
import { isChosen } from "./tool_list.ts";
import { EXECUTION_TOOL } from "./tool_names.ts";

const LOOKS = ["get", "wait"] as const;
const WITH_ANSWER = [...LOOKS, "answer"] as const;

/** The definition of the tool. */
export function executionTool(
  { answers }: { readonly answers: boolean },
): Tool {
  const answering: JsonObject = {
    task: {
      type: "string",
      description: "Which question is answered, by its task; needed if several",
    },
    outcome: {
      type: "string",
      description: "The answer, as approve, reject or skip of a tool call",
    },
    reason: { type: "string", description: "Why; told to the agent" },
    data: { description: "What goes with the answer, where that is asked" },
  };
  const title = "Stigmer executions";
  return {
    name: EXECUTION_TOOL,
    title,
    description:
      "Comes back to an execution that a call of another tool began" +
      " and that was not done then: get says how it stands, wait waits for " +
      "its output" +
      (answers ? ", answer answers what it asks a person." : "."),
    inputSchema: {
      type: "object",
      properties: {
        id: { type: "string", description: "The execution: aex-… or wex-…" },
        action: {
          type: "string",
          enum: answers ? [...WITH_ANSWER] : [...LOOKS],
        },
        ...(answers ? answering : {}),
      },
      required: ["id", "action"],
      additionalProperties: false,
    },
    annotations: {
      title,
      readOnlyHint: !answers,
      destructiveHint: answers,
      idempotentHint: !answers,
      openWorldHint: answers,
    },
  };
}

/** Calls it. */
export async function callExecutionTool(
  means: Means,
  call: Omit<Call, "tool">,
  { answers }: { readonly answers: boolean },
): Promise<CallToolResult> {
  const { client } = means;
  const { args, context, line } = call;
  const { signal } = context.mcpReq;
  const id = textOf(args, "id");
  const actions: readonly string[] = answers ? WITH_ANSWER : LOOKS;
  const action = textOf(args, "action");
  if (!actions.includes(action)) {
    const { hint } = didYouMean(action, actions);
    throw invalidArgument(
      `Cannot do "${action}" with execution "${id}", say one of ${
        actions.join(", ")
      }`,
      hint === undefined ? {} : { hints: [hint] },
    );
  }
  const execution = await offeredExecution(means, id, signal);
  if (action === "get") return resultOf(execution);
  if (action === "answer") {
    await answer(means, { id, args });
  }
  const followed = await followExecution(client, {
    id,
    signal,
    desk: NO_DESK,
    progress: createProgress(context, { tool: EXECUTION_TOOL, era: line.era }),
  });
  return resultOf(followed.execution);
}

/** Whoever is offered some agents and workflows is told of their runs alone. */
async function offeredExecution(
  { client, only }: Means,
  id: string,
  signal: AbortSignal,
): Promise<Execution> {
  const execution = await getExecution(client, id, signal);
  const { resourceId = "", resourceName = "" } = execution.spec ?? {};
  // One that was not applied may be called anything.
  const isOffered = only.length === 0 ||
    (resourceId !== "" && isChosen(resourceName, only));
  if (!isOffered) throw notFound("execution", id);
  return execution;
}

async function answer(
  { client }: Means,
  { args, id }: { readonly args: JsonObject; readonly id: string },
): Promise<void> {
  await respondTo(client, {
    executionId: id,
    path: textOf(args, "task", ""),
  }, {
    outcome: textOf(args, "outcome", ""),
    comment: textOf(args, "reason", ""),
    ...(args["data"] === undefined ? {} : { data: args["data"] }),
  });
}

function resultOf(execution: Execution): CallToolResult {
  if (hasEnded(execution)) return endedResult(execution);
  const questions = questionsOf(execution);
  return questions.length === 0
    ? runningResult(execution, { isError: false })
    : waitingResult(execution, { questions, isError: false });
}

function textOf(args: JsonObject, key: string, absent?: string): string {
  const value: Json | undefined = args[key];
  if (typeof value === "string") return value;
  if (value === undefined && absent !== undefined) return absent;
  throw invalidArgument(
    `Cannot call "${EXECUTION_TOOL}" without argument "${key}", which is a text`,
  );
}
