/**
 * Tells whoever called a tool what its execution does: as progress where that
 * was asked for, and as log messages.
 *
 * @module
 */

import type { ServerContext } from "@modelcontextprotocol/server";
import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { failureText } from "../model/failure_text.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";

/** Characters of one message at the most. */
const MESSAGE_LENGTH_MAX = 500;

/** Tells of one call. */
export interface CallProgress {
  /** Takes an event of the execution. */
  take(event: ExecutionEvent): void;
  /** Says that it is still under way, so that nobody gives it up for dead. */
  beat(): void;
}

/** Makes what tells of a call. */
export function createProgress(
  { mcpReq }: Pick<ServerContext, "mcpReq">,
  { tool, era }: { readonly tool: string; readonly era: "legacy" | "modern" },
): CallProgress {
  const token = mcpReq._meta?.progressToken;
  let progress = 0;
  let last = "Pending";
  // Whoever is gone needs no telling: the call itself learns of it.
  const tell = (message: string): void => {
    if (token === undefined) return;
    progress += 1;
    void mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken: token, progress, message },
    }).catch(() => {});
  };
  return {
    take(event) {
      const text = textOf(event)?.slice(0, MESSAGE_LENGTH_MAX).toWellFormed();
      if (text === undefined) return;
      last = text;
      tell(text);
      // Later revisions of the protocol have no log messages that were not
      // asked for with the call.
      if (era === "legacy") {
        void mcpReq.log(levelOf(event), text, tool).catch(() => {});
      }
    },
    beat: () => tell(last),
  };
}

function levelOf({ type }: ExecutionEvent): "info" | "warning" {
  return type === Type.TASK_FAILED || type === Type.TASK_RETRYING
    ? "warning"
    : "info";
}

/** Says what happened; `undefined` for what nobody waits to hear. */
function textOf(event: ExecutionEvent): string | undefined {
  const { error, name, type } = event;
  switch (type) {
    case Type.EXECUTION_STARTED:
      return "Running";
    case Type.EXECUTION_WAITING:
      return `Waiting${waitText(event)}`;
    case Type.EXECUTION_PAUSED:
      return "Paused";
    case Type.EXECUTION_RESUMED:
      return "Resumed";
    case Type.TASK_STARTED:
    case Type.CHILD_STARTED:
      return `${name} started`;
    case Type.TIMER_SET:
      return `${name} waits`;
    case Type.TASK_COMPLETED:
      return `${name} done`;
    case Type.TASK_FAILED:
      return `${name} failed: ${failureText(error)}`;
    case Type.TASK_RETRYING:
      return `${name} failed, trying again: ${failureText(error)}`;
    default:
      return undefined;
  }
}

function waitText({ data }: ExecutionEvent): string {
  const json: Json | undefined = data === undefined
    ? undefined
    : toJson(ValueSchema, data);
  const text = isJsonObject(json) ? member(json, "waitingFor") : json;
  return typeof text === "string" && text !== "" ? ` for ${text}` : "";
}
