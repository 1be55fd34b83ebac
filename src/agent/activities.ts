/**
 * The effects of an agent: a model turn and a tool call.
 *
 * The tool servers of an execution are started when they are first needed and
 * shared by its turns, until {@linkcode AgentActivities.release}.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failureOfError } from "../llm/failure.ts";
import type { ModelTurn } from "../llm/model_turn.ts";
import { hideInTurn } from "../llm/mapped_turn.ts";
import { type ModelBook, openModelBook } from "../llm/model_book.ts";
import { createToolHub, type ToolHub } from "../mcp/hub.ts";
import type { OAuthLogins } from "../mcp/oauth.ts";
import { type ToolTrust, TRUSTS_ALL } from "../mcp/tool_trust.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import { mapMembers } from "../model/json_map.ts";
import { letsToolThrough } from "../model/tool_glob.ts";
import { createAsker, tallyOf, type Taping } from "./asking.ts";
import { resolveCalls } from "./calls.ts";
import { askFromJson, askModel } from "./llm.ts";
import {
  type ModelRequest,
  modelRequestFromJson,
  type ToolRequest,
  toolRequestFromJson,
} from "./request.ts";
import { openReferences } from "./sealing.ts";
import { toolOfSubAgent } from "./sub_agent.ts";
import { boundedSummary } from "./summary.ts";
import {
  type SkillRequest,
  skillRequestFromJson,
  toolsOfSkills,
} from "./skill.ts";
import { callSkill, type SkillSource } from "./skill_call.ts";
import { type AgentTool, toolOfServer } from "./tool.ts";
import {
  blockedTools,
  refuseChanged,
  type TrustScene,
} from "./trusted_tools.ts";
import { toolToJson, turnToJson } from "./turn.ts";
import type { OwnFiles } from "../workspace/own_files.ts";
import { createWorkspaces } from "./workspace_call.ts";
import {
  toolsOfWorkspace,
  workspaceRequestFromJson,
} from "./workspace_tool.ts";

/** Wall time of one tool call at the most, unless the options say. */
const TOOL_CALL_TIMEOUT_MS_DEFAULT = 120_000;

/** The activities with what ends the tool servers that they started. */
export interface AgentActivities {
  /**
   * `model`, `tool`, `skill`, `workspace` and `llm`, to be plugged into the
   * engine.
   */
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
  /** What records the models that are asked, or answers in their place. */
  readonly taping?: Taping | undefined;
  /** Where the files of skills are kept; default nowhere. */
  readonly skills?: SkillSource;
  /** What is known of models; default what their providers list. */
  readonly book?: ModelBook;
  /** Whether tools are what they were; default that all are. */
  readonly trust?: ToolTrust;
  /** Where logins to tool servers are kept; default nowhere. */
  readonly logins?: OAuthLogins;
  /** What is Stigmer's own, and not there for tools; default nothing. */
  readonly ownFiles?: OwnFiles;
}

const NO_SKILLS: SkillSource = { files: () => [], read: () => undefined };

/** Makes the activities of agents. */
export function createAgentActivities(
  options: AgentActivitiesOptions,
): AgentActivities {
  const {
    host,
    toolCallTimeoutMs = TOOL_CALL_TIMEOUT_MS_DEFAULT,
    modelOf,
    taping,
    skills = NO_SKILLS,
    book = openModelBook({ host, directory: "" }),
    trust = TRUSTS_ALL,
  } = options;
  const told = new Map<string, Set<string>>();
  function trustIn(context: ActivityContext): TrustScene {
    const { executionId } = context;
    const known = told.get(executionId) ?? new Set();
    told.set(executionId, known);
    return { trust, context, told: known };
  }
  const workspaces = createWorkspaces({ host, ownFiles: options.ownFiles });
  const hubs = new Map<string, ToolHub>();
  function hubOf(executionId: string): ToolHub {
    let hub = hubs.get(executionId);
    if (hub === undefined) {
      const { logins } = options;
      hub = createToolHub({
        host,
        ...(logins === undefined ? {} : { logins }),
      });
      hubs.set(executionId, hub);
    }
    return hub;
  }
  async function release(executionId: string): Promise<void> {
    const hub = hubs.get(executionId);
    hubs.delete(executionId);
    told.delete(executionId);
    await Promise.all([hub?.close(), workspaces.release(executionId)]);
  }
  return {
    activities: {
      model: (input, context) =>
        orFailed(context, () =>
          modelTurn(modelRequestFromJson(input), {
            host,
            context,
            book,
            taping,
            hub: hubOf(context.executionId),
            scene: trustIn(context),
          })),
      tool: (input, context) =>
        orFailed(context, () =>
          toolCall(toolRequestFromJson(input), {
            context,
            timeoutMs: toolCallTimeoutMs,
            hub: hubOf(context.executionId),
            scene: trustIn(context),
          })),
      skill: (input, context) =>
        orFailed(
          context,
          () => skillCall(skillRequestFromJson(input), { context, skills }),
        ),
      workspace: (input, context) =>
        orFailed(
          context,
          () => workspaces.call(workspaceRequestFromJson(input), context),
        ),
      llm: (input, context) =>
        orFailed(context, () => {
          const modelName = modelOf?.(context.executionId) ?? "";
          return askModel(askFromJson(input, modelName), {
            host,
            context,
            book,
            taping,
          });
        }),
    },
    release,
    async close() {
      await Promise.all([...hubs.keys()].map(release));
      await workspaces.close();
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
    readonly book: ModelBook;
    readonly taping: Taping | undefined;
    readonly hub: ToolHub;
    readonly scene: TrustScene;
  },
): Promise<ActivityOutcome> {
  const { context } = from;
  const { settings, input, sealed, lastModel, summary } = request;
  const asker = createAsker(settings, {
    ...from,
    context: summary === undefined ? context : unheard(context),
    input,
    sealed,
    lastModel,
  });
  await asker.open();
  const tools = withoutSecrets(await offered(request, from), context);
  const callable = tools.filter(({ blocked }) => blocked === undefined);
  const reply = await asker.ask(request, callable);
  if (reply.kind === "failed") return reply;
  const turn = hidden(reply.turn, tools, context);
  const output = turnToJson({
    text: turn.text,
    finishReason: turn.finishReason,
    ...tallyOf(reply),
    ...resolveCalls(turn, tools),
    ...blockedOf(tools),
    ...(summary === undefined ? {} : {
      text: boundedSummary(turn.text, settings),
      summary,
      // Who only summarises has nothing to call.
      content: [],
      toolCalls: [],
    }),
  });
  return { kind: "completed", output, isHidden: true };
}

/** The journal keeps why, for who did not watch. */
function blockedOf(
  tools: readonly AgentTool[],
): { readonly blockedTools?: readonly string[] } {
  const reasons = tools.flatMap(({ blocked }) => blocked ?? []);
  return reasons.length === 0 ? {} : { blockedTools: reasons };
}

/** What a summary says is no answer to anyone who listens. */
function unheard(context: ActivityContext): ActivityContext {
  return {
    ...context,
    emit(delta) {
      if (delta.type !== "TEXT_DELTA") context.emit(delta);
    },
  };
}

/** All that the model may call. */
async function offered(
  { servers, subAgents, skills, toolFilters, workspace }: ModelRequest,
  { host, hub, context, scene }: {
    readonly host: Host;
    readonly hub: ToolHub;
    readonly context: ActivityContext;
    readonly scene: TrustScene;
  },
): Promise<readonly AgentTool[]> {
  const listed = await hub.tools(servers, context);
  const own = listed.map(toolOfServer);
  const taken = new Set(own.map(({ name }) => name));
  const builtIn = toolsOfWorkspace(workspace, taken, host.platform.os);
  const agents = subAgents.map((it) => toolOfSubAgent(it, taken));
  const isSeen = (tool: AgentTool): boolean =>
    toolFilters.every((globs) => letsToolThrough(globs, tool));
  // What no model is told of is not used, and so not pinned.
  const names = new Set(own.filter(isSeen).map(({ name }) => name));
  const told = listed.filter(({ name }) => names.has(name));
  const blocked = await blockedTools(told, scene);
  const seen = [...own, ...builtIn, ...agents].filter(isSeen).map((tool) => {
    const reason = blocked.get(tool.name);
    return reason === undefined ? tool : { ...tool, blocked: reason };
  });
  // Who is given skills may load them, however few tools it is given.
  return [...seen, ...toolsOfSkills(skills, taken)];
}

/** The answer without what is secret; one of a cassette may have it, too. */
function hidden(
  turn: ModelTurn,
  tools: readonly AgentTool[],
  { secrets }: ActivityContext,
): ModelTurn {
  if (secrets === undefined) return turn;
  const toolNames = tools.map(({ name }) => name);
  return hideInTurn(turn, { hide: secrets.hide, toolNames });
}

/** A server may describe its tools with what it was given. */
function withoutSecrets(
  tools: readonly AgentTool[],
  { secrets }: ActivityContext,
): readonly AgentTool[] {
  if (secrets === undefined) return tools;
  return tools.map((tool) => ({
    ...tool,
    description: secrets.hide(tool.description),
    inputSchema: mapMembers(tool.inputSchema, { text: secrets.hide }),
  }));
}

function skillCall(
  request: SkillRequest,
  { context, skills }: {
    readonly context: ActivityContext;
    readonly skills: SkillSource;
  },
): Promise<ActivityOutcome> {
  const result = callSkill(request, skills);
  const { hide = (text: string) => text } = context.secrets ?? {};
  const output = toolToJson({ ...result, text: hide(result.text) });
  return Promise.resolve({ kind: "completed", output, isHidden: true });
}

async function toolCall(
  request: ToolRequest,
  from: {
    readonly context: ActivityContext;
    readonly timeoutMs: number;
    readonly hub: ToolHub;
    readonly scene: TrustScene;
  },
): Promise<ActivityOutcome> {
  const { context, hub, timeoutMs, scene } = from;
  const { server, tool, sealMark: mark } = request;
  const { open } = await openReferences(request.arguments, {
    mark,
    secrets: context.secrets,
  });
  const given = open(request.arguments);
  const result = await hub.call({
    server,
    tool,
    arguments: isJsonObject(given) ? given : {},
    idempotencyKey: context.idempotencyKey,
    timeoutMs,
    check: (it) => refuseChanged(it, server, scene),
    onProgress: (line) =>
      context.emit({ type: "OUTPUT_DELTA", text: `${line}\n` }),
  }, context);
  const { hide = (text: string) => text } = context.secrets ?? {};
  const { text, isError } = result;
  const output = toolToJson({ text: hide(text), isError });
  return { kind: "completed", output, isHidden: true };
}
