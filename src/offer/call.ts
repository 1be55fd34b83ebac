/**
 * Calls an agent or a workflow as a tool: an execution is created, followed
 * and told of, and cancelled with the call.
 *
 * @module
 */

import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
} from "@modelcontextprotocol/server";
import {
  type Approval,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../backend/get_execution.ts";
import type { BackendClient } from "../backend/open.ts";
import { toStigmerError } from "../backend/errors.ts";
import { invalidArgument } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { nearestName } from "../model/near.ts";
import { NO_DESK, openDesk } from "./desk.ts";
import { followExecution } from "./follow.ts";
import { createProgress } from "./progress.ts";
import { questionsOf } from "./questions.ts";
import { respondTo, valueMessage } from "./respond.ts";
import {
  endedResult,
  hasEnded,
  lostResult,
  runningResult,
  waitingResult,
} from "./result.ts";
import { answersOf, type AskedBefore, askedResult } from "./rounds.ts";
import type { OfferedTool } from "./tool.ts";

/** Where a client says which repeated calls are the same one. */
export const IDEMPOTENCY_META = "agentic.stigmer.ai/idempotency-key";

/** Where agents of Stigmer say so, to any tool server. */
const OWN_IDEMPOTENCY_META = "stigmer.ai/idempotency-key";

/** How long a form may stay open; the run itself waits without end. */
const ELICIT_MS_MAX: number = 24 * 60 * 60 * 1000;

/** What an agent is called with. */
const AGENT_ARGUMENTS = ["message", "input"] as const;

/** What every call is made with. */
export interface Means {
  readonly client: BackendClient;
  /** Globs over slugs, of which one must match; none means all. */
  readonly only: readonly string[];
  readonly approval: Approval;
  /** The folder that relative paths start from; empty means the backend's. */
  readonly workingDirectory: string;
  /** Keeps what must be done before the program may end. */
  readonly settle: (work: Promise<unknown>) => void;
  /** Seals what a client brings back with the answers of a person. */
  readonly mint: (asked: AskedBefore) => Promise<string>;
}

/** The line to a client. */
export interface Line {
  /** Whether it began with a handshake, as all did before 2026. */
  readonly era: "legacy" | "modern";
  /** Set before the line is closed: what waits for a person is left waiting. */
  isClosing: boolean;
  /** Whether the person before the client can be shown a form. */
  readonly canElicit: (context: ServerContext) => boolean;
}

/** A call of a tool. */
export interface Call {
  readonly tool: OfferedTool;
  readonly args: JsonObject;
  readonly context: ServerContext;
  readonly line: Line;
}

/** Calls a tool and gives what comes of it. */
export async function callTool(
  means: Means,
  call: Call,
): Promise<CallToolResult | InputRequiredResult> {
  const { mcpReq } = call.context;
  const before = mcpReq.requestState<AskedBefore>();
  if (before !== undefined) return await goOn(means, call, before);
  const id = await begin(means, call);
  return await follow(means, call, { id, afterSequence: 0 });
}

/** Creates the execution; a known key may be that of one begun before. */
async function begin(
  means: Means,
  { args, context, tool }: Call,
): Promise<string> {
  const { client } = means;
  const meta = context.mcpReq._meta;
  const key = meta?.[IDEMPOTENCY_META] ?? meta?.[OWN_IDEMPOTENCY_META];
  const { execution } = await client.createExecution({
    kind: tool.kind,
    name: tool.slug,
    approval: means.approval,
    workingDirectory: means.workingDirectory,
    idempotencyKey: typeof key === "string" ? key : "",
    ...inputOf(tool, args),
  });
  const id = execution?.metadata?.id ?? "";
  if (
    typeof key !== "string" || execution === undefined ||
    hasEnded(execution) || execution.status?.phase === Phase.PAUSED
  ) {
    return id;
  }
  // What an earlier program with the same key left behind goes on here.
  await client.resumeExecution({ id }).catch((error: unknown) => {
    if (toStigmerError(error).code !== "FAILED_PRECONDITION") throw error;
  });
  return id;
}

function inputOf(
  { definition, inputIn, kind }: OfferedTool,
  args: JsonObject,
): {
  readonly message?: string;
  readonly input?: ReturnType<typeof valueMessage>;
} {
  if (kind === "Workflow") {
    const input: Json | undefined = inputIn === undefined
      ? args
      : args[inputIn];
    return input === undefined ? {} : { input: valueMessage(input) };
  }
  const { input, message, ...others } = args;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const near = nearestName(unknown, AGENT_ARGUMENTS);
    throw invalidArgument(
      `Cannot call "${definition.name}" with argument "${unknown}": ` +
        'it takes "message" and "input"' +
        (near === undefined ? "" : `, did you mean "${near}"?`),
    );
  }
  if (typeof message !== "string") {
    throw invalidArgument(
      `Cannot call "${definition.name}" without a message: ` +
        'argument "message" is a text',
    );
  }
  return {
    message,
    ...(input === undefined ? {} : { input: valueMessage(input) }),
  };
}

/** Takes up a call that was answered with questions. */
async function goOn(
  means: Means,
  call: Call,
  before: AskedBefore,
): Promise<CallToolResult | InputRequiredResult> {
  const { client } = means;
  const execution = await getExecution(client, before.id);
  const { answered, isLeft } = answersOf(before, {
    questions: questionsOf(execution),
    responses: call.context.mcpReq.inputResponses ?? {},
  });
  for (const { answer, question } of answered) {
    await respondTo(client, question, answer).catch((error: unknown) => {
      // It is asked again, or was answered elsewhere.
      const { code } = toStigmerError(error);
      if (code !== "INVALID_ARGUMENT" && code !== "FAILED_PRECONDITION") {
        throw error;
      }
    });
  }
  if (!isLeft) {
    const afterSequence = execution.status?.lastSequence ?? 0;
    return await follow(means, call, { id: before.id, afterSequence });
  }
  const now = await getExecution(client, before.id);
  return waitingResult(now, {
    questions: questionsOf(now),
    isError: call.tool.definition.outputSchema !== undefined,
  });
}

async function follow(
  means: Means,
  call: Call,
  { afterSequence, id }: {
    readonly id: string;
    /** What was told already. */
    readonly afterSequence: number;
  },
): Promise<CallToolResult | InputRequiredResult> {
  const { client } = means;
  const { context, line, tool } = call;
  const { signal } = context.mcpReq;
  const canElicit = line.canElicit(context);
  const onAbort = (): void => means.settle(abandon(means, line, id));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const followed = await followExecution(client, {
      id,
      afterSequence,
      signal,
      desk: canElicit && line.era === "legacy"
        ? openDesk(client, {
          elicit: (form, signal) =>
            context.mcpReq.elicitInput(form, {
              signal,
              timeout: ELICIT_MS_MAX,
            }),
          signal,
        })
        : NO_DESK,
      progress: createProgress(context, {
        tool: tool.definition.name,
        era: line.era,
      }),
    });
    switch (followed.kind) {
      case "ended":
        return endedResult(followed.execution);
      case "left":
        return runningResult(followed.execution, {
          isError: tool.definition.outputSchema !== undefined,
        });
      case "asks":
        return canElicit && line.era === "modern"
          ? await askedResult(followed, means.mint)
          : waitingResult(followed.execution, {
            questions: followed.questions,
            isError: tool.definition.outputSchema !== undefined,
          });
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return lostResult(id, error);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Cancels what nobody waits for any more. What waits for a person when the
 * client only goes away is kept: the answer may come days later.
 */
async function abandon(
  { client }: Means,
  { isClosing }: Line,
  id: string,
): Promise<void> {
  if (isClosing) {
    const execution = await getExecution(client, id);
    if (questionsOf(execution).length > 0) return;
  }
  const reason = isClosing
    ? "The client that called it is gone"
    : "The client cancelled its call";
  // One that ended meanwhile needs no cancelling.
  await client.cancelExecution({ id, reason }).catch(() => {});
}
