/**
 * The effects of an agent: a model turn and a tool call.
 *
 * The tool servers of an execution are started when they are first needed and
 * shared by its turns, until {@linkcode AgentActivities.release}.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { openModel } from "../llm/open.ts";
import { failureOfError } from "../llm/failure.ts";
import { runTurn } from "../llm/turn.ts";
import { createToolHub, type ToolHub } from "../mcp/hub.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import { callOptions } from "./call_options.ts";
import { resolveCalls } from "./calls.ts";
import { askFromJson, askModel } from "./llm.ts";
import {
  type ModelRequest,
  modelRequestFromJson,
  toolRequestFromJson,
} from "./request.ts";
import { toolToJson, turnToJson } from "./turn.ts";

/** Wall time of one tool call at the most, unless the options say. */
const TOOL_CALL_TIMEOUT_MS_DEFAULT = 120_000;

/** The activities with what ends the tool servers that they started. */
export interface AgentActivities {
  /** `model`, `tool` and `llm`, to be plugged into the engine. */
  readonly activities: Readonly<Record<string, Activity>>;
  /** Ends the tool servers of one execution; none is fine. */
  release(executionId: string): Promise<void>;
  /** Ends all tool servers. */
  close(): Promise<void>;
}

/** What the activities need. */
export interface AgentActivitiesOptions {
  readonly host: Host;
  /** Wall time of one tool call at the most; default two minutes. */
  readonly toolCallTimeoutMs?: number;
  /** The model of an execution whose tasks name none; empty means any. */
  readonly modelOf?: (executionId: string) => string;
}

/** Makes the activities of agents. */
export function createAgentActivities(
  options: AgentActivitiesOptions,
): AgentActivities {
  const {
    host,
    toolCallTimeoutMs = TOOL_CALL_TIMEOUT_MS_DEFAULT,
    modelOf,
  } = options;
  const hubs = new Map<string, ToolHub>();
  function hubOf(executionId: string): ToolHub {
    let hub = hubs.get(executionId);
    if (hub === undefined) {
      hub = createToolHub({ host });
      hubs.set(executionId, hub);
    }
    return hub;
  }
  async function release(executionId: string): Promise<void> {
    const hub = hubs.get(executionId);
    hubs.delete(executionId);
    await hub?.close();
  }
  return {
    activities: {
      model: (input, context) =>
        orFailed(context, () =>
          modelTurn(modelRequestFromJson(input), {
            host,
            context,
            hub: hubOf(context.executionId),
          })),
      tool: (input, context) =>
        orFailed(context, async () => {
          const call = {
            ...toolRequestFromJson(input),
            idempotencyKey: context.idempotencyKey,
            timeoutMs: toolCallTimeoutMs,
          };
          const result = await hubOf(context.executionId).call(call, context);
          return { kind: "completed", output: toolToJson(result) };
        }),
      llm: (input, context) =>
        orFailed(context, () => {
          const modelName = modelOf?.(context.executionId) ?? "";
          return askModel(askFromJson(input, modelName), { host, context });
        }),
    },
    release,
    async close() {
      await Promise.all([...hubs.keys()].map(release));
    },
  };
}

/** Turns what an effect throws into its failure; an abort stays thrown. */
async function orFailed(
  context: ActivityContext,
  effect: () => Promise<ActivityOutcome>,
): Promise<ActivityOutcome> {
  try {
    return await effect();
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof StigmerError)) throw error;
    return { kind: "failed", failure: failureOfError(error) };
  }
}

async function modelTurn(
  request: ModelRequest,
  from: {
    readonly host: Host;
    readonly context: ActivityContext;
    readonly hub: ToolHub;
  },
): Promise<ActivityOutcome> {
  const { host, context, hub } = from;
  const { signal, variables, workingDirectory } = context;
  const { settings, input, servers } = request;
  const model = { host, variables, workingDirectory, input };
  const opened = await openModel(settings, model, signal);
  const tools = await hub.tools(servers, context);
  const outcome = await runTurn(opened, {
    call: callOptions(request, opened, tools),
    clock: host.clock,
    random: host.random,
    signal,
    onText: (text) => context.emit({ type: "TEXT_DELTA", text }),
    onNotice: (text) => context.emit({ type: "OUTPUT_DELTA", text }),
  });
  if (outcome.kind === "failed") return outcome;
  const { turn } = outcome;
  const output = turnToJson({
    model: opened.name,
    text: turn.text,
    finishReason: turn.finishReason,
    inputTokens: turn.inputTokens,
    outputTokens: turn.outputTokens,
    ...resolveCalls(turn, tools),
  });
  return { kind: "completed", output };
}
