/**
 * Approves, rejects and skips tool calls that wait for a person.
 *
 * @module
 */

import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { getExecution } from "../../backend/get_execution.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { BackendClient } from "../../backend/open.ts";
import type { ApprovalOutcome } from "../../model/approval.ts";
import { failedPrecondition, StigmerError } from "../../model/error.ts";
import { shellWord } from "../../model/shell_word.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { suggestion } from "../parse.ts";
import { printable, showOne } from "../view.ts";
import { type AskedCall, type AskedOf, askedOf } from "./asked_calls.ts";
import { callLine } from "./call_words.ts";
import { EXECUTION_VIEW } from "./resource.ts";
import { noteUntaken } from "./responding.ts";
import { executionIdOf } from "./last.ts";

/** Calls that are answered by one command at the most. */
const CALLS_MAX = 1000;

/** What was typed. */
export interface AnswerOptions {
  readonly id: string;
  /** The tool's name, or the path of the call; absent for the only one. */
  readonly call: string | undefined;
  readonly always: boolean;
  readonly all: boolean;
  readonly reason: string | undefined;
}

/** What a person says to a call. */
export interface CallAnswer {
  readonly outcome: ApprovalOutcome;
  readonly always: boolean;
  readonly reason: string;
}

/** Answers the calls that are meant. */
export async function answerCalls(
  context: Context,
  outcome: ApprovalOutcome,
  asked: AnswerOptions,
): Promise<Ending> {
  await using backend = await openFor(context);
  const { client } = backend;
  const id = await executionIdOf(client, asked.id, context.signal);
  const options = { ...asked, id };
  const { always, reason = "" } = options;
  const answer = { outcome, always, reason };
  const answered: AskedCall[] = [];
  for (const call of await callsMeant(context, client, { outcome, options })) {
    try {
      await answerCall(context, client, call, answer);
      answered.push(call);
    } catch (error) {
      const isOver = error instanceof StigmerError &&
        error.code === "FAILED_PRECONDITION";
      if (!isOver || answered.length === 0) throw error;
      // One answer for always goes for others, too, that waited.
      if (always && answered.some((it) => isSameTool(it, call))) {
        answered.push(call);
      } else context.io.alert(printable(error.message));
    }
  }
  await show(context, client, { id, answered, answer });
  return "ok";
}

/** Whether an answer for always to one call goes for another one. */
function isSameTool(one: AskedCall, other: AskedCall): boolean {
  return one.id === other.id && one.toolCall.tool === other.toolCall.tool &&
    one.toolCall.server === other.toolCall.server;
}

/** Sends the answer to a call. */
export async function answerCall(
  { signal }: Context,
  client: BackendClient,
  { id, path }: AskedCall,
  { outcome, always, reason }: CallAnswer,
): Promise<void> {
  try {
    await client.respondExecution({
      id,
      task: path,
      outcome,
      comment: reason,
      ...(always ? { data: fromJson(ValueSchema, { always: true }) } : {}),
    }, { signal });
  } catch (thrown) {
    throw toStigmerError(thrown);
  }
}

async function callsMeant(
  context: Context,
  client: BackendClient,
  of: { readonly outcome: ApprovalOutcome; readonly options: AnswerOptions },
): Promise<readonly AskedCall[]> {
  const { outcome, options: { id, call, all } } = of;
  const { signal } = context;
  const execution = await getExecution(client, id, signal);
  const asked = await askedOf(client, execution, signal);
  const named = asked.calls.filter((it) =>
    call === undefined || isIt(it, call)
  );
  // A task that waits for others means all that is asked under it.
  const meant = named.length > 0
    ? named
    : asked.calls.filter(({ via }) => call !== undefined && via.includes(call));
  if (meant.length === 0) {
    throw await nothingMeant(context, client, { id, call, outcome, asked });
  }
  if (meant.length > 1 && !all) throw severalMeant(id, outcome, meant);
  return meant.slice(0, CALLS_MAX);
}

function isIt({ path, name, toolCall }: AskedCall, word: string): boolean {
  const { server, tool } = toolCall;
  return [path, name, tool, `${server}:${tool}`].includes(word);
}

/** Why there is nothing to answer: the backend knows what became of it. */
async function nothingMeant(
  { signal }: Context,
  client: BackendClient,
  of: {
    readonly id: string;
    readonly call: string | undefined;
    readonly outcome: ApprovalOutcome;
    readonly asked: AskedOf;
  },
): Promise<StigmerError> {
  const { id, call, outcome, asked } = of;
  if (asked.questions.length > 0 && asked.calls.length === 0) {
    return failedPrecondition(
      `Cannot ${outcome} a tool call of execution "${id}": what it asks is ` +
        "something else",
      { hints: [`stigmer execution respond ${id}`] },
    );
  }
  if (call !== undefined && asked.calls.length > 0) {
    const names = asked.calls.map(({ name }) => name);
    const { hints = [] } = suggestion(call, names);
    return new StigmerError(
      "NOT_FOUND",
      `Cannot find "${call}" among the calls that wait in execution "${id}"`,
      { hints: hints.length > 0 ? hints : asked.calls.map(callLine) },
    );
  }
  try {
    // Nothing waits, so that this can only say why.
    await client.respondExecution({ id, task: call ?? "", outcome }, {
      signal,
    });
  } catch (thrown) {
    return toStigmerError(thrown);
  }
  return failedPrecondition(`Execution "${id}" asked only just now, try again`);
}

function severalMeant(
  id: string,
  outcome: ApprovalOutcome,
  calls: readonly AskedCall[],
): StigmerError {
  return failedPrecondition(
    `Cannot ${outcome} a tool call of execution "${id}": ${calls.length} ` +
      "wait, name one or give --all",
    {
      hints: calls.map((it) =>
        `stigmer execution ${outcome} ${it.id} ${shellWord(it.path)}   # ${
          callLine(it)
        }`
      ),
    },
  );
}

async function show(
  context: Context,
  client: BackendClient,
  { id, answered, answer }: {
    readonly id: string;
    readonly answered: readonly AskedCall[];
    readonly answer: CallAnswer;
  },
): Promise<void> {
  const { io } = context;
  const execution = await getExecution(client, id, context.signal);
  if (io.format !== "table" && io.format !== "wide") {
    return await showOne(context, EXECUTION_VIEW, execution);
  }
  if (io.quiet) return;
  const word = `${answer.always ? "always " : ""}${answer.outcome}`;
  for (const call of answered) {
    const name = printable(call.name);
    io.data(`${call.id} got "${word}" for ${name} (${printable(call.path)})`);
  }
  await noteUntaken(context, client, execution);
}
