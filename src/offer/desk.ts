/**
 * Puts the questions of an execution to the person before the client, one
 * after the other, while the call is under way.
 *
 * Only clients of the handshake can be asked then; those of later revisions
 * take what is asked with the result, and call again with the answers.
 *
 * @module
 */

import type {
  ElicitRequestFormParams,
  ElicitResult,
} from "@modelcontextprotocol/server";
import type { BackendClient } from "../backend/open.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { Desk } from "./follow.ts";
import {
  type Answer,
  answerOf,
  formOf,
  type Question,
  questionKey,
} from "./questions.ts";
import { respondTo } from "./respond.ts";

/** How often one question is asked whose answers are not taken. */
const ASKED_MAX = 5;

/** Shows a form to the person; aborting takes it away. */
export type Elicit = (
  form: ElicitRequestFormParams,
  signal: AbortSignal,
) => Promise<ElicitResult>;

/** Nobody can be asked: every question stays open. */
export const NO_DESK: Desk = { take: () => false };

/** Makes the desk of a call. */
export function openDesk(
  client: BackendClient,
  { elicit, signal }: { readonly elicit: Elicit; readonly signal: AbortSignal },
): Desk {
  /** Questions that the person does not want to answer here. */
  const left = new Set<string>();
  const asked = new Map<string, number>();
  let active:
    | { readonly key: string; readonly stop: AbortController }
    | undefined;
  const ask = async (question: Question, note: string): Promise<void> => {
    const key = questionKey(question);
    const stop = new AbortController();
    active = { key, stop };
    const count = (asked.get(key) ?? 0) + 1;
    asked.set(key, count);
    let retry: string | undefined;
    try {
      const form = formOf(question);
      const result = await elicit(
        note === "" ? form : { ...form, message: `${note}\n${form.message}` },
        AbortSignal.any([signal, stop.signal]),
      );
      const answer: Answer | undefined = answerOf(question, result);
      if (answer === undefined) left.add(key);
      else await respondTo(client, question, answer);
    } catch (error) {
      const { code, message } = toStigmerError(error);
      if (code === "INVALID_ARGUMENT" && count < ASKED_MAX) retry = message;
      // A question that was answered elsewhere is gone at the next look.
      else if (!stop.signal.aborted && code !== "FAILED_PRECONDITION") {
        left.add(key);
      }
    } finally {
      active = undefined;
    }
    if (retry !== undefined) await ask(question, retry);
  };
  return {
    take(questions) {
      const keys = new Set(questions.map(questionKey));
      if (active !== undefined) {
        if (keys.has(active.key)) return true;
        active.stop.abort();
        return true;
      }
      const next = questions.find((it) => !left.has(questionKey(it)));
      if (next === undefined) return false;
      void ask(next, "");
      return true;
    },
  };
}
