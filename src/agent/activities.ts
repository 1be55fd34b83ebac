/**
 * The effects of an agent: a model turn and a tool call.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Host } from "../host/host.ts";
import type { Activity } from "../model/durable.ts";

/** The activities with what ends the tool servers that they started. */
export interface AgentActivities {
  /** `model` and `tool`, to be plugged into the engine. */
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
}

/** Makes the activities of agents. */
export function createAgentActivities(
  options: AgentActivitiesOptions,
): AgentActivities {
  throw new StigmerError(
    "UNIMPLEMENTED",
    `Cannot run agents on ${options.host.platform.os} yet`,
  );
}
