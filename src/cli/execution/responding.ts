/**
 * Answers what executions ask people.
 *
 * @module
 */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { RespondExecutionResponse } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { printable, showOne } from "../view.ts";
import { getExecution } from "./follow.ts";
import { parseValue, readInput } from "./input.ts";
import { type Question, questionsOf } from "./questions.ts";
import { EXECUTION_VIEW, idOf, phaseOf } from "./resource.ts";

/** How long a worker has to take an answer before something is said. */
const TAKE_MS = 1000;

/** What was typed. */
export interface RespondOptions {
  readonly id: string;
  readonly task: string | undefined;
  readonly outcome: string | undefined;
  readonly data: string | undefined;
  readonly comment: string | undefined;
}

interface Given {
  readonly outcome: string;
  readonly data: Json | undefined;
}

/** Answers a question, and asks for the answer where that was not given. */
export async function respondToExecution(
  context: Context,
  options: RespondOptions,
): Promise<Ending> {
  const { id, task = "", comment = "" } = options;
  const data = await readData(context, options.data);
  await using backend = await openFor(context);
  const { client } = backend;
  const { outcome = "" } = options;
  const isAsked = outcome === "" && data === undefined &&
    context.io.interactive;
  const given = isAsked
    ? await askFor(context, client, { id, task })
    : { outcome, data };
  if (given === undefined) {
    context.io.alert("Nothing was answered");
    return "CANCELLED";
  }
  const answer = await client.respondExecution({
    id,
    task,
    outcome: given.outcome,
    comment,
    ...(given.data === undefined
      ? {}
      // The protobuf library asks for JSON that it may change, but does not.
      : { data: fromJson(ValueSchema, given.data as JsonValue) }),
  }, { signal: context.signal });
  await showAnswer(context, client, { answer, outcome: given.outcome });
  return "ok";
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

/** Shows a question and asks a person; `undefined` when there is no answer. */
async function askFor(
  context: Context,
  client: BackendClient,
  of: { readonly id: string; readonly task: string },
): Promise<Given | undefined> {
  const execution = await getExecution(client, of.id, context.signal);
  const question = questionMeant(questionsOf(execution), of.task);
  // The backend says best why there is nothing to answer, or too much.
  if (question === undefined) return { outcome: "", data: undefined };
  const { io } = context;
  const { prompt, outcomes, schema } = question.human;
  io.alert(printable(prompt));
  const outcome = await askOutcome(context, outcomes);
  if (outcome === undefined) return undefined;
  if (schema === undefined) return { outcome, data: undefined };
  io.alert(io.err.dim(`Data that fits ${JSON.stringify(schema)}`));
  const text = await io.ask("Data as JSON: ");
  if (text === undefined) return undefined;
  const data = text.trim() === ""
    ? undefined
    : parseValue(text, (number) => `The data cannot hold ${number}`);
  return { outcome, data };
}

function questionMeant(
  questions: readonly Question[],
  task: string,
): Question | undefined {
  const meant = questions.filter((it) =>
    task === "" || it.path === task || it.name === task
  );
  return meant.length === 1 ? meant[0] : undefined;
}

/** Asks for an outcome by its name or its number. */
async function askOutcome(
  { io }: Context,
  outcomes: readonly string[],
): Promise<string | undefined> {
  outcomes.forEach((it, i) => io.alert(`  ${i + 1}) ${printable(it)}`));
  const text = (await io.ask("Answer: "))?.trim();
  if (text === undefined || outcomes.includes(text)) return text;
  return /^\d+$/.test(text) ? outcomes[Number(text) - 1] ?? text : text;
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
async function noteUntaken(
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
      "No worker has taken it yet, it is kept. Start one with " +
        `"stigmer worker", or go on here: stigmer execution resume ${id}`,
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
