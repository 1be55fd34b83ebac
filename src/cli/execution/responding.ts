/**
 * Answers what executions ask people.
 *
 * @module
 */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { RespondExecutionResponse } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { toStigmerError } from "../../backend/errors.ts";
import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor, serverOf } from "../context.ts";
import { printable, showOne } from "../view.ts";
import {
  answerByAsking,
  type Asked,
  findQuestion,
  type Given,
} from "./answer_prompt.ts";
import { parseValue, readInput } from "./input.ts";
import { EXECUTION_VIEW, idOf, phaseOf } from "./resource.ts";
import { executionIdOf } from "./last.ts";

/** How long a worker has to take an answer before something is said. */
const TAKE_MS = 1000;
/** How often, and how far apart, a question is looked for. */
const LOOKS_MAX = 20;
const LOOK_MS = 50;

/** What was typed. */
export interface RespondOptions {
  readonly id: string;
  readonly task: string | undefined;
  readonly outcome: string | undefined;
  readonly data: string | undefined;
  readonly comment: string | undefined;
}

/** Answers a question, and asks for the answer where that was not given. */
export async function respondToExecution(
  context: Context,
  options: RespondOptions,
): Promise<Ending> {
  const data = await readData(context, options.data);
  await using backend = await openFor(context);
  const { client } = backend;
  const id = await executionIdOf(client, options.id, context.signal);
  return await respondWith(context, client, { ...options, id, data });
}

/** Answers a question through a client. */
export async function respondWith(
  context: Context,
  client: BackendClient,
  options: Omit<RespondOptions, "data"> & { readonly data: Json | undefined },
): Promise<Ending> {
  const { id, task = "", outcome = "", data, comment } = options;
  const isAsked = outcome === "" && data === undefined &&
    context.io.interactive;
  const given = { outcome, data, comment: comment ?? "" };
  const answerNow = (): Promise<RespondExecutionResponse> =>
    sendAnswer(context, client, { id, task, given });
  const found = isAsked
    ? await findOrAnswer(context, client, { id, task, answerNow })
    : { answer: await answerNow() };
  if ("answer" in found) {
    await showAnswer(context, client, { answer: found.answer, outcome });
    return "ok";
  }
  const { asked } = found;
  // What was shown is answered, and never what asks by then: each visit of a
  // task has a path of its own.
  const { question } = asked;
  const shown = { id: asked.id, task: question.path };
  const answered = await answerByAsking(context, asked, {
    comment,
    send: (given) => sendAnswer(context, client, { ...shown, given }),
  });
  if (answered === undefined) {
    context.io.alert("Nothing was answered");
    return "CANCELLED";
  }
  await showAnswer(context, client, {
    answer: answered.answer,
    outcome: answered.given.outcome,
  });
  return "ok";
}

/**
 * Finds the question that is meant. When there is none, or more than one, the
 * backend says best why: it gets the answer as it is.
 */
async function findOrAnswer(
  context: Context,
  client: BackendClient,
  of: {
    readonly id: string;
    readonly task: string;
    answerNow(): Promise<RespondExecutionResponse>;
  },
): Promise<
  { readonly asked: Asked } | { readonly answer: RespondExecutionResponse }
> {
  for (let look = 1;; look++) {
    const asked = await findQuestion(client, of, context.signal);
    if (asked !== undefined) return { asked };
    try {
      return { answer: await of.answerNow() };
    } catch (error) {
      // It misses an outcome: something asks, which was at work for a moment.
      const isThere = error instanceof StigmerError &&
        error.code === "INVALID_ARGUMENT";
      if (!isThere || look === LOOKS_MAX) throw error;
    }
    await context.host.clock.sleep(LOOK_MS, context.signal);
  }
}

/** Sends an answer as it was given. */
export async function sendAnswer(
  { signal }: Context,
  client: BackendClient,
  { id, task, given }: {
    readonly id: string;
    readonly task: string;
    readonly given: Given;
  },
): Promise<RespondExecutionResponse> {
  const { outcome, comment } = given;
  try {
    return await client.respondExecution({
      id,
      task,
      outcome,
      comment,
      ...(given.data === undefined
        ? {}
        // The protobuf library asks for JSON that it may change, but does not.
        : { data: fromJson(ValueSchema, given.data as JsonValue) }),
    }, { signal });
  } catch (thrown) {
    throw toStigmerError(thrown);
  }
}

/** Reads `--data`: JSON or a text, `@` and a file, or `-` for standard input. */
async function readData(
  { host }: Context,
  text: string | undefined,
): Promise<Json | undefined> {
  if (text === undefined) return undefined;
  if (text === "-" || text.startsWith("@")) {
    const inputFile = text === "-" ? "-" : text.slice(1);
    return await readInput(host, { input: [], inputFile });
  }
  return parseValue(text, (number) => `Option "--data" cannot be "${number}"`);
}

async function showAnswer(
  context: Context,
  client: BackendClient,
  { answer, outcome }: {
    readonly answer: RespondExecutionResponse;
    readonly outcome: string;
  },
): Promise<void> {
  const { io } = context;
  const { execution, path } = answer;
  if (execution === undefined) {
    throw new StigmerError("INTERNAL", "The backend answered no execution");
  }
  if (io.format !== "table" && io.format !== "wide") {
    return await showOne(context, EXECUTION_VIEW, execution);
  }
  if (io.quiet) return;
  const what = outcome === "" ? "an answer" : `"${printable(outcome)}"`;
  io.data(`${idOf(execution)} got ${what} for ${printable(path)}`);
  await noteUntaken(context, client, execution);
}

/** Says when nobody goes on with the execution. */
export async function noteUntaken(
  context: Context,
  client: BackendClient,
  execution: Execution,
): Promise<void> {
  const id = idOf(execution);
  if (phaseOf(execution) === "PAUSED") {
    context.io.note(`It is PAUSED, go on with: stigmer execution resume ${id}`);
  } else if (
    phaseOf(execution) === "WAITING" &&
    !await isTakenSoon(context, client, execution)
  ) {
    context.io.note(
      await serverOf(context) === undefined
        ? "No worker has taken it yet, it is kept. Start one with " +
          `"stigmer worker", or go on here: stigmer execution resume ${id}`
        : "The server has not taken it yet, it is kept",
    );
  }
}

/** Whether anything happens to an execution within a moment. */
async function isTakenSoon(
  context: Context,
  client: BackendClient,
  execution: Execution,
): Promise<boolean> {
  const waited = new AbortController();
  const stop = context.host.clock.timer(TAKE_MS, () => waited.abort());
  const signal = AbortSignal.any([waited.signal, context.signal]);
  const afterSequence = execution.status?.lastSequence ?? 0;
  const id = idOf(execution);
  try {
    for await (
      const _ of client.watchExecution({ id, afterSequence }, { signal })
    ) return true;
  } catch (error) {
    if (!waited.signal.aborted) throw error;
  } finally {
    stop();
  }
  return false;
}
