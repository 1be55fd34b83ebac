/**
 * Answers what a task asks of a person.
 *
 * The answer is a signal that the task's path names. The first one counts: of
 * two that come at once, one is told that it was late.
 *
 * @module
 */

import type { RespondExecutionRequest } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type AnswerProblem, answerProblem } from "../engine/answer.ts";
import { answerSignal } from "../model/answer.ts";
import { ALWAYS, isApprovalData } from "../model/approval.ts";
import type { HumanRequest } from "../model/durable.ts";
import {
  failedPrecondition,
  invalidArgument,
  StigmerError,
} from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { Json } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { shellWord } from "../model/shell_word.ts";
import { requestAnswer } from "../store/answers.ts";
import type { RequestOptions } from "../store/requests.ts";
import type { ServiceDeps } from "./deps.ts";
import { journalNow } from "./journal_now.ts";
import { answererOf, childOf, lastAnswer, outcomeOf } from "./last_answer.ts";
import { jsonOfValue } from "./proto_json.ts";
import { foldNow, openQuestions, type Question } from "./questions.ts";
import { recorded } from "./signals.ts";
import { lastingAnswer } from "./tool_grants.ts";

/** Bytes of an answer at the most. */
const ANSWER_SIZE_BYTES_MAX = 1024 * 1024;

/** What was answered. */
export interface Responded {
  /** The execution whose task it was. */
  readonly executionId: string;
  readonly path: string;
}

/**
 * Answers a task of an execution, or of the child that it waits for.
 *
 * @throws {StigmerError} As the contract says.
 */
export async function respond(
  deps: ServiceDeps,
  record: ExecutionRecord,
  options: {
    readonly request: RespondExecutionRequest;
    readonly asked: RequestOptions;
    readonly signal: AbortSignal;
  },
): Promise<Responded> {
  const { request, asked, signal } = options;
  const question = await questionMeant(deps, record, request.task);
  const { task } = question;
  const executionId = question.record.id;
  const name = answerSignal(task.path, task.attempts);
  const { database } = deps.store;
  const payload = answerOf(deps, question, request);
  const lasting = lastingAnswer(database, question, {
    answer: payload,
    identity: deps.identity,
    nowMs: asked.nowMs,
  });
  const receipt = requestAnswer(database, executionId, {
    ...asked,
    name,
    payload,
    afterSequence: question.sequence,
    ...(lasting === undefined ? {} : { alongside: () => lasting.keep() }),
  });
  if (receipt.kind === "late") throw answered(question, receipt.payload);
  const sequence = await recorded(deps, receipt, signal);
  try {
    refuseUntaken(deps, question, { sequence, name });
  } catch (error) {
    lasting?.takeBack();
    throw error;
  }
  return { executionId, path: task.path };
}

/** The question that is meant: the one that is named, or the only one. */
async function questionMeant(
  deps: ServiceDeps,
  record: ExecutionRecord,
  task: string,
): Promise<Question> {
  const open = await openQuestions(deps, record);
  if (task === "") {
    const [first] = open;
    if (first === undefined) throw await nothingAsked(deps, record);
    if (open.length > 1) throw severalAsked(record, open);
    return first;
  }
  const own = open.filter((it) => names(it, task));
  const meant = own.length > 0
    ? own
    : open.filter((it) => it.via.some((via) => isCalled(via, task)));
  const [first] = meant;
  if (first === undefined) throw await notAsking(deps, record, { task, open });
  // A path in the execution itself is meant before one in a child of it.
  const here = meant.filter((it) => it.record.id === record.id);
  const [only] = here;
  if (here.length === 1 && only !== undefined) return only;
  if (meant.length > 1) throw severalAsked(record, meant);
  return first;
}

function names(question: Question, task: string): boolean {
  return isCalled(question.task, task);
}

function isCalled(
  { path, name }: { readonly path: string; readonly name: string },
  task: string,
): boolean {
  return path === task || name === task;
}

/** The answer as the journal keeps it, and as the task gives it on. */
function answerOf(
  deps: ServiceDeps,
  { human, task }: Question,
  request: RespondExecutionRequest,
): Json {
  const { outcome, comment } = request;
  const given = {
    ...(outcome === "" ? {} : { outcome }),
    ...(request.data === undefined ? {} : {
      data: jsonOfValue(request.data, { absent: null, what: "the data" }),
    }),
  };
  const problem = answerProblem(human, given) ?? approvalProblem(human, given);
  if (problem !== undefined) {
    throw invalidArgument(
      `Cannot answer task "${task.name}": ${problem.reason}`,
      problem.hint === undefined ? {} : { hints: [problem.hint] },
    );
  }
  const answer = {
    ...given,
    ...(comment === "" ? {} : { comment }),
    respondedBy: deps.identity,
    respondedAt: new Date(deps.host.clock.now()).toISOString(),
  };
  const sizeBytes = new TextEncoder().encode(JSON.stringify(answer)).length;
  if (sizeBytes <= ANSWER_SIZE_BYTES_MAX) return answer;
  throw invalidArgument(
    `Cannot answer task "${task.name}": the answer has ${sizeBytes} bytes, ` +
      `${ANSWER_SIZE_BYTES_MAX} are allowed`,
  );
}

/** What comes with the answer to a call is said of the tool, if anything is. */
function approvalProblem(
  { toolCall }: HumanRequest,
  { data }: { readonly data?: Json },
): AnswerProblem | undefined {
  if (toolCall === undefined || data === undefined) return undefined;
  if (isApprovalData(data)) return undefined;
  return {
    reason: "the data can only say that it goes for all later calls",
    hint: `That is ${JSON.stringify(ALWAYS)}`,
  };
}

/** Refuses an answer that came when the task had stopped to wait for it. */
function refuseUntaken(
  deps: ServiceDeps,
  question: Question,
  { sequence, name }: { readonly sequence: number; readonly name: string },
): void {
  const { machine, task, record } = question;
  const later = journalNow(deps.store.database, record.id, {
    afterSequence: question.sequence,
  });
  for (const event of later) {
    if (event.sequence >= sequence) {
      const still = machine.tasks().find((it) => it.path === task.path);
      const waits = still?.human !== undefined &&
        still.attempts === task.attempts;
      if (event.name === name && waits) return;
      break;
    }
    machine.apply(event);
  }
  throw failedPrecondition(
    `Cannot answer task "${task.name}" of execution "${record.id}": it waits ` +
      "for no answer any more",
    { hints: [`stigmer execution get ${record.id}`] },
  );
}

function answered({ record, task }: Question, payload: Json): StigmerError {
  return failedPrecondition(
    `Cannot answer task "${task.name}" of execution "${record.id}": it was ` +
      `answered ${inWords(payload)}`,
  );
}

/** `"approve" by local-user at 2026-01-31T08:00:00.000Z`. */
function inWords(payload: Json): string {
  return [outcomeOf(payload), answererOf(payload)].filter((it) => it !== "")
    .join(" ");
}

async function nothingAsked(
  deps: ServiceDeps,
  record: ExecutionRecord,
): Promise<StigmerError> {
  return failedPrecondition(
    `Cannot answer execution "${record.id}": ` +
      whyNothing(record.phase, await lastAnswer(deps, record)),
  );
}

/** Why something asks nothing: who comes late is told who was earlier. */
function whyNothing(phase: string, last: Json | undefined): string {
  if (last === undefined) return `it asks nothing, it is ${phase}`;
  return `it asks nothing any more, it is ${phase}; ` +
    `the last answer was ${outcomeOf(last) || "given"} ${answererOf(last)}`;
}

function severalAsked(
  record: ExecutionRecord,
  open: readonly Question[],
): StigmerError {
  return failedPrecondition(
    `Cannot answer execution "${record.id}": ${open.length} tasks wait for ` +
      "an answer, name one",
    { hints: open.map(commandFor) },
  );
}

/** The command that answers a question. */
function commandFor({ record: { id }, task, human }: Question): string {
  const verb = human.toolCall === undefined ? "respond" : "approve";
  return `stigmer execution ${verb} ${id} ${shellWord(task.path)}`;
}

/** Why a task that was named takes no answer. */
async function notAsking(
  deps: ServiceDeps,
  record: ExecutionRecord,
  { task, open }: {
    readonly task: string;
    readonly open: readonly Question[];
  },
): Promise<StigmerError> {
  const folded = await foldNow(deps, record);
  const known = folded?.machine.tasks().findLast((it) => isCalled(it, task));
  if (known === undefined) {
    return new StigmerError(
      "NOT_FOUND",
      `Cannot find task "${task}" in execution "${record.id}"`,
      hintsFor(task, open),
    );
  }
  const name = answerSignal(known.path, known.attempts);
  const given = journalNow(deps.store.database, record.id)
    .find((it) => it.name === name);
  const child = childOf(deps, known);
  const last = child && await lastAnswer(deps, child);
  return failedPrecondition(
    `Cannot answer task "${task}" of execution "${record.id}": ` +
      (given === undefined
        ? whyNothing(known.phase, last)
        : `it was answered ${inWords(given.data)}`),
  );
}

function hintsFor(
  task: string,
  open: readonly Question[],
): { readonly hints: readonly string[] } {
  const { hint } = didYouMean(task, open.map((it) => it.task.name));
  return { hints: hint === undefined ? [] : [hint] };
}
