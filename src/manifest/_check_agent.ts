/**
 * Checks what the author of an agent writes.
 *
 * @module
 */

import type { AgentSpec } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { checkLimits } from "./_check_limits.ts";
import { checkModel } from "./_check_model.ts";
import { checkDeclarations, checkDescription, error } from "./_check_rules.ts";
import { checkPermissions } from "./_check_permissions.ts";
import { checkSchema } from "./_check_schema.ts";
import { checkSkills } from "./_check_skills.ts";
import {
  checkSecretArguments,
  checkToolServers,
} from "./_check_tool_servers.ts";
import { checkSubAgents } from "./_check_sub_agents.ts";
import { checkWorkspace } from "./_check_workspace.ts";
import { byteLength, byteWords } from "./_limits.ts";

/** Characters of an agent's instructions at the least. */
const INSTRUCTIONS_LENGTH_MIN = 10;
/** Bytes of an agent's instructions at the most. */
const INSTRUCTIONS_SIZE_BYTES_MAX: number = 256 * 1024;

/** Checks the spec of an agent. */
export function checkAgent(spec: AgentSpec): Diagnostic[] {
  return [
    ...checkAlone(spec),
    ...checkWorkspace(spec),
    ...checkPermissions(spec),
    // One that names another agent has the instructions of that.
    ...checkSubAgents(
      spec,
      (sub) =>
        checkAlone(sub, {
          needsInstructions: false,
          inherited: spec.model?.name,
        }),
    ),
  ];
}

/** Checks what an agent and a sub-agent have in common. */
function checkAlone(
  spec: AgentSpec,
  { needsInstructions = true, inherited }: {
    readonly needsInstructions?: boolean;
    /** The model that a sub-agent takes over. */
    readonly inherited?: string | undefined;
  } = {},
): Diagnostic[] {
  const { instructions } = spec;
  return [
    ...checkDescription(spec.description),
    ...(needsInstructions || instructions !== ""
      ? checkInstructions(instructions)
      : []),
    ...(spec.model ? checkModel(spec.model, { inherited }) : []),
    ...checkToolServers(spec.mcpServers),
    ...checkSecretArguments(spec),
    ...checkDeclarations(spec.env),
    ...checkSkills(spec.skills, "/spec/skills"),
    ...(spec.limits ? checkLimits(spec.limits, "/spec/limits") : []),
    ...(spec.outputSchema
      ? checkSchema(spec.outputSchema, "/spec/outputSchema")
      : []),
  ];
}

function checkInstructions(instructions: string): Diagnostic[] {
  const pointer = "/spec/instructions";
  if (instructions === "") {
    const message = "Agent has no instructions, add spec.instructions";
    return [error(pointer, message)];
  }
  // A few units tell enough: every character has two at the most.
  const start = instructions.trim().slice(0, 2 * INSTRUCTIONS_LENGTH_MIN);
  const length = Array.from(start).length;
  if (length < INSTRUCTIONS_LENGTH_MIN) {
    const message =
      `Instructions need ${INSTRUCTIONS_LENGTH_MIN} characters at least, these have ${length}`;
    return [error(pointer, message)];
  }
  if (byteLength(instructions) <= INSTRUCTIONS_SIZE_BYTES_MAX) return [];
  const size = byteWords(INSTRUCTIONS_SIZE_BYTES_MAX);
  return [error(pointer, `Instructions may be ${size} long, these are longer`)];
}
