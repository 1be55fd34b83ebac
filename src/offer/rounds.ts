/**
 * Questions that go with a result, and come back with a second call: how the
 * protocol asks people since 2026.
 *
 * @module
 */

import type {
  ElicitResult,
  InputRequiredResult,
} from "@modelcontextprotocol/server";
import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Answer,
  answerOf,
  formOf,
  type Question,
  questionKey,
} from "./questions.ts";
import { idOf } from "./result.ts";

/** Questions of one round at the most; the others are asked in the next. */
const QUESTIONS_MAX = 16;

/** What a client brings back with the answers. */
export interface AskedBefore {
  /** The execution. */
  readonly id: string;
  /** Which question is `q0`, `q1` … */
  readonly keys: readonly string[];
}

/** Makes the result that asks. */
export async function askedResult(
  { execution, questions }: {
    readonly execution: Execution;
    readonly questions: readonly Question[];
  },
  mint: (asked: AskedBefore) => Promise<string>,
): Promise<InputRequiredResult> {
  const { inputRequired } = await import("@modelcontextprotocol/server");
  const asked = questions.slice(0, QUESTIONS_MAX);
  return inputRequired({
    inputRequests: Object.fromEntries(
      asked.map((it, index) => [
        `q${index}`,
        inputRequired.elicit(formOf(it)),
      ]),
    ),
    requestState: await mint({
      id: idOf(execution),
      keys: asked.map(questionKey),
    }),
  });
}

/** Matches what came back with the questions that are still open. */
export function answersOf(
  { keys }: AskedBefore,
  { questions, responses }: {
    readonly questions: readonly Question[];
    readonly responses: Readonly<Record<string, unknown>>;
  },
): {
  readonly answered: readonly {
    readonly question: Question;
    readonly answer: Answer;
  }[];
  /** Whether the person did not want to answer one of them. */
  readonly isLeft: boolean;
} {
  const byKey = new Map(questions.map((it) => [questionKey(it), it]));
  const answered: { readonly question: Question; readonly answer: Answer }[] =
    [];
  let isLeft = false;
  keys.forEach((key, index) => {
    const question = byKey.get(key);
    if (question === undefined) return;
    const result = resultOf(responses[`q${index}`]);
    const answer = answerOf(question, result);
    if (answer === undefined) isLeft = true;
    else answered.push({ question, answer });
  });
  return { answered, isLeft };
}

/** What is no answer counts as none: the client was to ask, and did not. */
function resultOf(response: unknown): ElicitResult {
  if (typeof response !== "object" || response === null) {
    return { action: "cancel" };
  }
  const action: unknown = Reflect.get(response, "action");
  if (action === "decline") return { action };
  if (action !== "accept") return { action: "cancel" };
  const content: unknown = Reflect.get(response, "content");
  return typeof content === "object" && content !== null
    // Its fields are looked at one by one by who reads them.
    ? { action, content: content as NonNullable<ElicitResult["content"]> }
    : { action };
}
