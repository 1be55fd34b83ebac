/**
 * A machine of an agent with a journal that a test writes.
 *
 * @module
 */

import type {
  Command,
  Decision,
  EventType,
  JournalEvent,
  Machine,
} from "../model/durable.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createAgentMachine } from "./machine.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "./plan.ts";
import { type TurnOutput, turnToJson, type TurnToolCall } from "./turn.ts";

/** The plan of a run, where a test does not say. */
export const PLAN: AgentPlan = {
  name: "bot",
  instructions: "Be brief",
  model: { name: "script:x", baseUrl: "" },
  mcpServers: [{
    name: "s",
    enabledTools: [],
    transport: { kind: "catalog", args: [] },
  }],
  limits: {
    ...AGENT_LIMITS_DEFAULT,
    maxTurns: 5,
    maxToolCallsPerTurn: 3,
    timeoutMs: 10_000,
  },
  subAgents: [],
  skills: [],
  history: [],
  message: "hi",
  input: null,
};

/** A machine with a journal that a test writes. */
export class Run {
  readonly machine: Machine;
  readonly journal: JournalEvent[] = [];
  nowMs = 1_000_000;

  readonly #plan: AgentPlan;

  /** @param before The run whose journal it takes over; none for a new one. */
  constructor(plan: Partial<AgentPlan> = {}, before?: Run) {
    this.#plan = { ...(before === undefined ? PLAN : before.#plan), ...plan };
    this.machine = createAgentMachine(this.#plan, { executionId: "aex-1" });
    if (before !== undefined) {
      for (const event of before.journal) this.machine.apply(event);
      this.journal.push(...before.journal);
      return;
    }
    this.event("EXECUTION_CREATED", "", null);
    this.event("EXECUTION_STARTED", "", { epoch: 1 });
  }

  event(type: EventType, path: string, data: Json, name = "x"): void {
    const event = {
      sequence: this.journal.length + 1,
      timeMs: this.nowMs,
      type,
      path,
      name: path === "" ? "" : name,
      attempt: path === "" ? 0 : 1,
      data,
    };
    this.journal.push(event);
    this.machine.apply(event);
  }

  /** Lets a turn answer with text and calls. */
  turn(
    number: number,
    text: string,
    calls: readonly Partial<TurnToolCall>[] = [],
    rest: Partial<TurnOutput> = {},
  ): void {
    const path = `/turn/${number}`;
    this.event("TASK_STARTED", path, null);
    const toolCalls = calls.map((call, index): TurnToolCall => ({
      kind: "mcp",
      id: `c${index + 1}`,
      name: "s_t",
      server: "s",
      tool: "t",
      arguments: {},
      repeatable: false,
      effect: "read",
      ...call,
    }));
    this.event(
      "TASK_COMPLETED",
      path,
      turnToJson({
        model: "script:x",
        content: [{ type: "text", text }],
        text,
        finishReason: "stop",
        toolCalls,
        inputTokens: 10,
        outputTokens: 2,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        reasoningTokens: 0,
        ...rest,
      }),
    );
  }

  decide(): Decision {
    return this.machine.decide();
  }

  commands(): readonly Command[] {
    const decision = this.decide();
    if (decision.kind === "blocked") return decision.commands;
    throw new TypeError(`It ended: ${JSON.stringify(decision)}`);
  }

  paths(): string[] {
    return this.commands().map((it) => `${it.kind} ${it.path}`);
  }
}

/** What a command asks of its activity. */
export function inputOf(command: Command | undefined): JsonObject {
  if (command?.kind !== "run") throw new TypeError("It runs no activity");
  return JSON.parse(JSON.stringify(command.request.input));
}
