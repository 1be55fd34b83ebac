/**
 * Follows an execution for a call until it ends, or waits for a person whom
 * nobody asks here.
 *
 * @module
 */

import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../backend/get_execution.ts";
import type { BackendClient } from "../backend/open.ts";
import type { CallProgress } from "./progress.ts";
import { type Question, questionsOf } from "./questions.ts";
import { hasEnded } from "./result.ts";

/** How often the watch says that it still stands. */
const HEARTBEAT_SECONDS = 1n;
/** Beats without an event after which what runs is looked at for questions. */
const QUIET_BEATS = 3;
/** Beats between two signs of life to whoever called. */
const SIGN_BEATS = 10;

/** Puts questions to whoever called. */
export interface Desk {
  /**
   * Takes all questions that are open now.
   *
   * @returns Whether somebody is being asked; `false` once nobody answers.
   */
  take(questions: readonly Question[]): boolean;
}

/** How the following came to its end. */
export type Followed =
  | { readonly kind: "ended"; readonly execution: Execution }
  /** It goes on, and nobody follows it any more. */
  | { readonly kind: "left"; readonly execution: Execution }
  | {
    readonly kind: "asks";
    readonly execution: Execution;
    readonly questions: readonly Question[];
  };

/** Follows an execution. */
export async function followExecution(
  client: BackendClient,
  options: {
    readonly id: string;
    /** Only events past this one are told; default all. */
    readonly afterSequence?: number;
    readonly desk: Desk;
    readonly progress: CallProgress;
    readonly signal: AbortSignal;
  },
): Promise<Followed> {
  const { desk, id, progress, signal } = options;
  let quietBeats = 0;
  const responses = client.watchExecution({
    id,
    afterSequence: options.afterSequence ?? 0,
    heartbeat: { seconds: HEARTBEAT_SECONDS, nanos: 0 },
  }, { signal });
  for await (const { event } of responses) {
    if (event !== undefined) {
      progress.take(event);
      quietBeats = 0;
      continue;
    }
    quietBeats += 1;
    if (quietBeats % SIGN_BEATS === 0) progress.beat();
    const isQuiet = quietBeats % QUIET_BEATS === 0;
    if (quietBeats !== 1 && !isQuiet) continue;
    const execution = await getExecution(client, id, signal);
    const questions = questionsOf(execution);
    // What else it does may be done while a person thinks.
    const waits = isQuiet || execution.status?.phase === Phase.WAITING;
    if (!desk.take(questions) && questions.length > 0 && waits) {
      return { kind: "asks", execution, questions };
    }
  }
  const execution = await getExecution(client, id, signal);
  return { kind: hasEnded(execution) ? "ended" : "left", execution };
}
