/**
 * How a tool call ended, as the journal tells it.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import { type Failure, failureFromJson, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { ModelUsage } from "../model/usage.ts";
import { REPEATED_CALL_TYPE } from "./limit.ts";
import { reportFromJson, toldOfChild } from "./sub_agent.ts";
import { skippedFromJson, toolFromJson, type TurnToolCall } from "./turn.ts";

/** How a tool call ended, as the model is told. */
export interface CallResult {
  readonly text: string;
  readonly isError: boolean;
  /** Whether it was not carried out because it had been made too often. */
  readonly isRefusedRepeat?: boolean;
  /** Whether it was not carried out because a person skipped it. */
  readonly isSkipped?: boolean;
  /** What model turns of its own used; of a call that has some. */
  readonly usage?: ModelUsage;
}

/** Reads how a call ended, by the event of its end. */
export function callResult(
  call: TurnToolCall,
  event: JournalEvent,
): CallResult {
  if (event.type !== "TASK_COMPLETED") {
    const { type, detail } = failureOfEvent(event);
    return {
      text: detail,
      isError: true,
      ...(type === REPEATED_CALL_TYPE ? { isRefusedRepeat: true } : {}),
    };
  }
  const skipped = skippedFromJson(event.data);
  if (skipped !== undefined) {
    return { text: skipped, isError: false, isSkipped: true };
  }
  switch (call.kind) {
    case "mcp":
    case "skill":
    case "workspace":
      return toolFromJson(event.data);
    case "agent": {
      const report = reportFromJson(event.data);
      return { ...toldOfChild(report), usage: report.usage };
    }
  }
}

/** Reads why a task of a run did not complete. */
export function failureOfEvent(event: JournalEvent): Failure {
  if (event.type === "TASK_FAILED") return failureFromJson(event.data);
  return failureOf("runtime", cancelledText(event.data));
}

function cancelledText(data: Json): string {
  return typeof data === "string" && data !== ""
    ? `It was cancelled: ${data}`
    : "It was cancelled";
}
