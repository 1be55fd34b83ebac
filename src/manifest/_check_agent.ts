/**
 * Checks what the author of an agent writes.
 *
 * @module
 */

import type { Duration } from "@bufbuild/protobuf/wkt";
import type {
  AgentLimits,
  AgentSpec,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { checkModel } from "./_check_model.ts";
import { checkDeclarations, checkDescription, error } from "./_check_rules.ts";
import { checkSchema } from "./_check_schema.ts";
import {
  checkSecretArguments,
  checkToolServers,
} from "./_check_tool_servers.ts";
import { byteLength, byteWords } from "./_limits.ts";

/** Characters of an agent's instructions at the least. */
const INSTRUCTIONS_LENGTH_MIN = 10;
/** Bytes of an agent's instructions at the most. */
const INSTRUCTIONS_SIZE_BYTES_MAX: number = 256 * 1024;
/** Model turns that an agent may ask for. */
const TURNS_MAX = 10_000;
/** Tool calls of one turn that an agent may ask for. */
const TOOL_CALLS_PER_TURN_MAX = 1000;
/** Days of wall time that an agent may ask for. */
const TIMEOUT_DAYS_MAX = 30;

const SECONDS_A_DAY = 86_400;

/** Checks the spec of an agent. */
export function checkAgent(spec: AgentSpec): Diagnostic[] {
  return [
    ...checkDescription(spec.description),
    ...checkInstructions(spec.instructions),
    ...(spec.model ? checkModel(spec.model) : []),
    ...checkToolServers(spec.mcpServers),
    ...checkSecretArguments(spec),
    ...checkDeclarations(spec.env),
    ...(spec.limits ? checkLimits(spec.limits) : []),
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

function checkLimits(limits: AgentLimits): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (limits.maxTurns > TURNS_MAX) {
    const message =
      `An agent may take ${TURNS_MAX} turns, this asks for ${limits.maxTurns}`;
    found.push(error("/spec/limits/maxTurns", message));
  }
  if (limits.maxToolCallsPerTurn > TOOL_CALLS_PER_TURN_MAX) {
    const message =
      `A turn may make ${TOOL_CALLS_PER_TURN_MAX} tool calls, this asks for ${limits.maxToolCallsPerTurn}`;
    found.push(error("/spec/limits/maxToolCallsPerTurn", message));
  }
  const { timeout } = limits;
  if (timeout === undefined) return found;
  return [...found, ...checkTimeout(timeout, "/spec/limits/timeout")];
}

/** Checks the wall time that an agent may take at the most. */
export function checkTimeout(timeout: Duration, pointer: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seconds = Number(timeout.seconds) + timeout.nanos / 1e9;
  if (seconds < 0) found.push(error(pointer, "A timeout cannot be negative"));
  if (seconds > TIMEOUT_DAYS_MAX * SECONDS_A_DAY) {
    const message =
      `A timeout may be ${TIMEOUT_DAYS_MAX} days long, this is longer`;
    found.push(error(pointer, message));
  }
  return found;
}
