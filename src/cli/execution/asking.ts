/**
 * Says how to answer a run that waits for a person, to whoever follows it.
 *
 * @module
 */

import {
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { isAnswerWait } from "../../model/answer.ts";
import { isJsonObject, member } from "../../model/json.ts";
import type { Context } from "../context.ts";
import { jsonOf } from "./progress.ts";
import { questionsOf, questionText } from "./questions.ts";

/** How long nothing happens until a run is looked at that is at work. */
const QUIET_MS = 1000;

/** Looks after a run that may ask. */
export interface QuestionNotice extends Disposable {
  /** Takes an event of the run. */
  take(event: ExecutionEvent): void;
}

/** Shows each question of a run once, with the command that answers it. */
export function noteQuestions(
  context: Context,
  client: BackendClient,
  options: {
    readonly id: string;
    /** Whether Ctrl-C cancels the run. */
    readonly owned: boolean;
    readonly beforeNote: () => void;
    readonly signal: AbortSignal;
  },
): QuestionNotice {
  const { io } = context;
  const { id, owned, signal } = options;
  const told = new Set<string>();
  const look = async (): Promise<void> => {
    const { execution } = await client.getExecution({ id }, { signal });
    if (execution === undefined || signal.aborted) return;
    for (const question of questionsOf(execution)) {
      // What becomes of calls is asked, or told, by others.
      if (question.human.toolCall !== undefined) continue;
      const key = `${question.attempt} ${question.path}`;
      if (told.has(key)) continue;
      if (told.size === 0 && owned) {
        options.beforeNote();
        io.note(io.err.dim("Ctrl-C twice leaves it waiting; it is kept"));
      }
      told.add(key);
      options.beforeNote();
      io.note(questionText(question, io.err));
    }
  };
  let stop = (): void => {};
  // Whoever follows the run is told of any error by the following.
  const lookQuietly = (): void => void look().catch(() => {});
  return {
    take(event) {
      stop();
      if (io.quiet || !id.startsWith("wex-")) return;
      if (asksPerson(event)) return lookQuietly();
      // A branch may ask while another one is at work: no event says so.
      stop = context.host.clock.timer(QUIET_MS, lookQuietly);
    },
    [Symbol.dispose]() {
      stop();
    },
  };
}

/** Whether a run has left off its work for the answer of a person. */
function asksPerson(event: ExecutionEvent): boolean {
  if (event.type !== Type.EXECUTION_WAITING) return false;
  const data = jsonOf(event);
  const text = isJsonObject(data) ? member(data, "waitingFor") : data;
  return typeof text === "string" && isAnswerWait(text);
}
