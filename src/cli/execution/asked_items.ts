/**
 * What waits for a person, one thing after another: tool calls and questions,
 * told apart for as long as they wait.
 *
 * @module
 */

import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { isAnswerWait } from "../../model/answer.ts";
import type { Asked } from "./answer_prompt.ts";
import type { AskedCall, AskedOf } from "./asked_calls.ts";
import { phaseOf } from "./resource.ts";

/** How soon a run may go on by itself, so that no answer is needed. */
const SOON_MS = 60_000;

/** Something that a person is asked. */
export type AskedItem =
  | { readonly kind: "call"; readonly call: AskedCall }
  | { readonly kind: "question"; readonly asked: Asked };

/** Lists all that is asked. */
export function itemsOf({ calls, questions }: AskedOf): readonly AskedItem[] {
  return [
    ...calls.map((call): AskedItem => ({ kind: "call", call })),
    ...questions.map((asked): AskedItem => ({ kind: "question", asked })),
  ];
}

/** Tells apart what is asked: each try of a task asks anew. */
export function keyOf(item: AskedItem): string {
  switch (item.kind) {
    case "call":
      return `${item.call.id} ${item.call.path}`;
    case "question": {
      const { id, question: { path, attempt } } = item.asked;
      return `${id} ${path} ${attempt}`;
    }
  }
}

/**
 * Whether a run goes on only when somebody answers. What a time limit of its
 * own ends within a moment needs nobody.
 */
export function waitsForPerson(execution: Execution, nowMs: number): boolean {
  const { waitingFor = "", dueAt } = execution.status ?? {};
  if (phaseOf(execution) !== "WAITING" || !isAnswerWait(waitingFor)) {
    return false;
  }
  return dueAt === undefined || timestampMs(dueAt) - nowMs > SOON_MS;
}
