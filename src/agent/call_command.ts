/**
 * What the machine commands for a tool call, by the kind of the tool.
 *
 * @module
 */

import { toolServerToJson } from "../mcp/server.ts";
import type { ChildLimits } from "../model/child.ts";
import type { Command } from "../model/durable.ts";
import { type Failure, failureOf, failureToJson } from "../model/failure.ts";
import type { Ruling } from "./approval.ts";
import type { AgentPlan } from "./plan.ts";
import { toolRequestToJson } from "./request.ts";
import { skillCommand } from "./skill.ts";
import { childCommand, subAgentProblem } from "./sub_agent.ts";
import { skippedToJson, type TurnToolCall } from "./turn.ts";
import { workspaceCommand } from "./workspace_tool.ts";

/** What of a run a call is commanded with. */
export interface CallScene {
  readonly plan: AgentPlan;
  /** The path of the call. */
  readonly path: string;
  /** Wall time that is left to the run. */
  readonly leftMs: number;
  /** What a child may spend. */
  readonly left: ChildLimits;
  /** Why a call that was in flight at a crash must not run again. */
  readonly interruption: string | undefined;
  /** Why it is not carried out though it could be. */
  readonly refusal?: Failure | undefined;
  /** What rules and people say to it; absent where nobody holds it to rules. */
  readonly ruling?: Ruling | undefined;
}

/** Gives the command for a call: to carry it out, or to say why it cannot be. */
export function callCommand(call: TurnToolCall, scene: CallScene): Command {
  const task = { path: scene.path, name: call.name, attempt: 1 };
  const failure = failureBefore(call, scene);
  if (failure !== undefined) {
    const data = failureToJson(failure);
    return { kind: "record", type: "TASK_FAILED", ...task, data };
  }
  const { ruling } = scene;
  if (ruling?.kind === "skipped") {
    const data = skippedToJson(ruling.text);
    return { kind: "record", type: "TASK_COMPLETED", ...task, data };
  }
  const command = commandByKind(call, scene);
  return ruling === undefined ? command : { ...command, rule: ruling.rule };
}

/** Gives the command that carries a call out. */
function commandByKind(
  call: TurnToolCall,
  scene: CallScene,
): Extract<Command, { kind: "run" | "child" }> {
  switch (call.kind) {
    case "mcp":
      return serverCall(call, scene);
    case "agent":
      return childCommand(call, {
        path: scene.path,
        subAgents: scene.plan.subAgents,
        limits: scene.left,
        sealMark: scene.plan.sealMark ?? "",
      });
    case "skill":
      return skillCommand(call, {
        path: scene.path,
        leftMs: scene.leftMs,
        skills: scene.plan.skills,
      });
    case "workspace":
      return workspaceCommand(call, {
        path: scene.path,
        leftMs: scene.leftMs,
        plan: scene.plan,
      });
  }
}

/** Says why a call that was in flight at a crash must not run again. */
export function interruptedText(executionId: string): string {
  return `The call was interrupted by a crash of execution "${executionId}": ` +
    "whether it took effect is not known, check before you call it again";
}

/** Says why a call cannot be made at all, whatever rules say to it. */
export function problemOf(call: TurnToolCall): string | undefined {
  return call.problem ?? ownProblem(call);
}

/** Says why a call cannot or must not be carried out. */
function failureBefore(
  call: TurnToolCall,
  { refusal, interruption, ruling }: CallScene,
): Failure | undefined {
  if (refusal !== undefined) return refusal;
  const invalid = problemOf(call);
  if (invalid !== undefined) return failureOf("validation", invalid);
  if (ruling?.kind === "refused") return ruling.failure;
  if (interruption === undefined) return undefined;
  return failureOf("runtime", interruption);
}

/** What is wrong with the arguments, where nobody else finds it out. */
function ownProblem(call: TurnToolCall): string | undefined {
  switch (call.kind) {
    case "mcp":
    case "skill":
    case "workspace":
      return undefined;
    case "agent":
      return subAgentProblem(call);
  }
}

function serverCall(
  call: TurnToolCall,
  { plan, path, leftMs }: CallScene,
): Extract<Command, { kind: "run" }> {
  const server = plan.mcpServers.find((it) => it.name === call.server);
  const input = toolRequestToJson({
    server: server === undefined ? {} : toolServerToJson(server),
    tool: call.tool,
    arguments: call.arguments,
    sealMark: plan.sealMark ?? "",
  });
  return {
    kind: "run",
    path,
    name: call.name,
    attempt: 1,
    request: { activity: "tool", input, announced: true, timeoutMs: leftMs },
  };
}
