/**
 * What the calls of a journal call: an entry of a call names the tool, the
 * turn before it says with what.
 *
 * @module
 */

import {
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { answeredPath } from "../../model/answer.ts";
import { callText } from "../../model/call_text.ts";
import { pointerTo } from "../../model/diagnostic.ts";
import { isJsonObject, type Json, member } from "../../model/json.ts";
import { jsonOf } from "./progress.ts";

/** Knows the calls of the turn that a journal has come to. */
export interface JournalCalls {
  /** Takes the next entry; gives what is called, empty where nothing is. */
  take(event: ExecutionEvent): string;
}

const TURN_REGEXP = /^\/turn\/\d+$/;
const CALL_REGEXP = /^\/turn\/\d+\/tool\//;

/** Makes what knows no call yet. */
export function createJournalCalls(): JournalCalls {
  let calls = new Map<string, string>();
  return {
    take(event) {
      const { type, path, name } = event;
      if (type === Type.TASK_COMPLETED && TURN_REGEXP.test(path)) {
        calls = callsOf(event);
      }
      // The answer of a person stands under no path.
      const answered = type === Type.SIGNAL_RECEIVED ? answeredPath(name) : "";
      if (answered !== "") return calls.get(answered) ?? answered;
      if (!CALL_REGEXP.test(path)) return "";
      const begins = type === Type.TASK_STARTED || type === Type.CHILD_STARTED;
      return (begins ? calls.get(path) : undefined) ?? name;
    },
  };
}

function callsOf(event: ExecutionEvent): Map<string, string> {
  const data = jsonOf(event);
  const calls = isJsonObject(data) ? member(data, "toolCalls") : undefined;
  return new Map(
    (Array.isArray(calls) ? calls : []).flatMap((call: Json) => {
      if (!isJsonObject(call)) return [];
      const [id, name] = [member(call, "id"), member(call, "name")];
      const args = member(call, "arguments");
      if (typeof id !== "string" || typeof name !== "string") return [];
      const path = pointerTo(`${event.path}/tool`, id);
      return [[path, callText(name, isJsonObject(args) ? args : {})] as const];
    }),
  );
}
