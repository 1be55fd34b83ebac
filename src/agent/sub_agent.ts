/**
 * Sub-agents as tools: what the model sees of them, the child execution that a
 * call commands, and what the model is told of how it ended.
 *
 * @module
 */

import { qualifiedName } from "../mcp/names.ts";
import type { ChildLimits, ChildReport, ChildRequest } from "../model/child.ts";
import type { Command } from "../model/durable.ts";
import { failureFromJson } from "../model/failure.ts";
import { failureText } from "../model/failure_text.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { usageFromJson } from "../model/usage.ts";
import type { PlannedSubAgent } from "./plan.ts";
import { sealedValuesIn } from "./sealing.ts";
import type { AgentTool } from "./tool.ts";
import type { TurnToolCall } from "./turn.ts";

/** What sub-agents are grouped under, as tools are under their server. */
export const AGENT_SERVER = "agent";

const INPUT_SCHEMA = {
  type: "object",
  properties: {
    message: {
      type: "string",
      description: "What to do, in full: it sees nothing of this conversation",
    },
    input: { type: "object", description: "Data that it works on" },
  },
  required: ["message"],
};

/**
 * Makes the tool that hands work to a sub-agent. A call is not repeated after
 * a crash and need not be: its child goes on.
 *
 * @param taken The names of tools so far; the new one is added.
 */
export function toolOfSubAgent(
  { name, description }: Pick<PlannedSubAgent, "name" | "description">,
  taken: Set<string>,
): AgentTool {
  return {
    kind: "agent",
    name: qualifiedName(AGENT_SERVER, name, taken),
    description: description || `Hands work to the agent "${name}"`,
    inputSchema: INPUT_SCHEMA,
    repeatable: false,
    // What the agent itself calls is judged there.
    effect: "read",
    server: AGENT_SERVER,
    tool: name,
  };
}

/** Says why a call of a sub-agent cannot be made, or `undefined`. */
export function subAgentProblem(call: TurnToolCall): string | undefined {
  const message = member(call.arguments, "message");
  const input = member(call.arguments, "input") ?? null;
  if (typeof message !== "string" || message.trim() === "") {
    return `"${call.name}" needs a "message" that says what to do, as a text`;
  }
  return input === null || isJsonObject(input)
    ? undefined
    : `The "input" of "${call.name}" must be an object`;
}

/** Gives the command that starts a sub-agent, or waits for it again. */
export function childCommand(
  call: TurnToolCall,
  scene: {
    readonly path: string;
    readonly subAgents: readonly PlannedSubAgent[];
    /** What the child may spend. */
    readonly limits: ChildLimits;
    /** The run's own mark; empty where nothing can be a sealed reference. */
    readonly sealMark: string;
  },
): Extract<Command, { kind: "child" }> {
  const { path, subAgents, limits, sealMark } = scene;
  const message = String(member(call.arguments, "message") ?? "");
  const input = member(call.arguments, "input") ?? {};
  const subAgent = subAgents.find(({ name }) => name === call.tool);
  const sealed = sealedValuesIn([message, input], sealMark);
  const request: ChildRequest = {
    kind: "Agent",
    resource: subAgent?.agent ?? "",
    subAgent: call.tool,
    message,
    input,
    limits,
    reported: true,
    ...(sealed.size === 0 ? {} : { sealed }),
  };
  return { kind: "child", path, name: call.name, attempt: 1, request };
}

/** What the model is told of a child that ended. */
export function toldOfChild(
  report: ChildReport,
): { readonly text: string; readonly isError: boolean } {
  const { phase, output = null, failure } = report;
  if (phase === "COMPLETED") {
    const text = typeof output === "string" ? output : JSON.stringify(output);
    return { text, isError: false };
  }
  const why = failureText(failure);
  const word = phase === "CANCELLED" ? "was cancelled" : "failed";
  // "Cancelled: Enough" says twice that it was.
  const detail = phase === "CANCELLED"
    ? why.replace(/^Cancelled(?:: |$)/, "")
    : why;
  const text = `The sub-agent ${word}${detail === "" ? "" : `: ${detail}`}`;
  return { text, isError: true };
}

/** Reads how a child ended, as the journal has it. */
export function reportFromJson(json: Json): ChildReport {
  const object = isJsonObject(json) ? json : {};
  const phase = member(object, "phase");
  const failure = member(object, "failure");
  return {
    executionId: String(member(object, "executionId") ?? ""),
    phase: phase === "COMPLETED" || phase === "CANCELLED" ? phase : "FAILED",
    output: member(object, "output") ?? null,
    usage: usageFromJson(member(object, "usage")),
    ...(failure === undefined ? {} : { failure: failureFromJson(failure) }),
  };
}
