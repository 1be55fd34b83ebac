/**
 * Shows a person what an execution asks, and asks for the answer.
 *
 * @module
 */

import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import type { Json } from "../../model/json.ts";
import type { Context } from "../context.ts";
import { suggestion } from "../parse.ts";
import { printable } from "../view.ts";
import { parseValue } from "./input.ts";
import { type Question, questionsOf } from "./questions.ts";

/** Executions that run each other, looked through for what asks. */
const DEPTH_MAX = 10;
/** How often the same thing is asked for. */
const TRIES_MAX = 10;

/** What was answered. */
export interface Given {
  readonly outcome: string;
  readonly data: Json | undefined;
  readonly comment: string;
}

/** A question, and the execution that asks it. */
export interface Asked {
  readonly id: string;
  readonly question: Question;
}

/**
 * Finds the one question that is meant, in the execution itself or in the one
 * that it waits for.
 *
 * @returns `undefined` when there is none, or more than one.
 */
export async function findQuestion(
  client: BackendClient,
  of: { readonly id: string; readonly task: string },
  signal: AbortSignal,
): Promise<Asked | undefined> {
  let { id, task } = of;
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const questions = questionsOf(await getExecution(client, id, signal));
    const meant = questions.filter((it) =>
      task === "" || it.path === task || it.name === task
    );
    const [question] = meant;
    if (question === undefined || meant.length > 1) return undefined;
    if (question.childId === "") return { id, question };
    id = question.childId;
    task = "";
  }
  return undefined;
}

/** Says what is asked. */
export function showQuestion(
  { io }: Pick<Context, "io">,
  { question }: Asked,
  hint = "",
): void {
  const { prompt, outcomes } = question.human;
  io.alert(io.err.bold(printable(prompt).trimEnd()));
  outcomes.forEach((it, i) => io.alert(`  ${i + 1}) ${printable(it)}`));
  if (hint !== "") io.alert(io.err.dim(hint));
}

/**
 * Asks for an answer.
 *
 * @param comment What was typed already.
 * @returns `undefined` when there is none.
 */
export async function askAnswer(
  { io }: Context,
  { question }: Asked,
  comment: string | undefined,
): Promise<Given | undefined> {
  const { outcomes, schema } = question.human;
  const outcome = await askOutcome({ io }, outcomes);
  if (outcome === undefined) return undefined;
  let data: Json | undefined;
  if (schema !== undefined) {
    io.alert(io.err.dim(`Data that fits ${JSON.stringify(schema)}`));
    const text = await io.ask("Data as JSON: ");
    if (text === undefined) return undefined;
    data = text.trim() === ""
      ? undefined
      : parseValue(text, (number) => `The data cannot hold ${number}`);
  }
  if (comment !== undefined) return { outcome, data, comment };
  const remark = await io.ask("Comment (Enter for none): ");
  if (remark === undefined) return undefined;
  return { outcome, data, comment: remark.trim() };
}

/** Asks for an outcome by its name or its number, until it is one. */
async function askOutcome(
  { io }: Pick<Context, "io">,
  outcomes: readonly string[],
): Promise<string | undefined> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const text = (await io.ask("Answer: "))?.trim();
    if (text === undefined || outcomes.includes(text)) return text;
    const counted = /^\d+$/.test(text) ? outcomes[Number(text) - 1] : undefined;
    if (counted !== undefined) return counted;
    if (outcomes.length === 0 && text !== "") return text;
    io.alert(wrongOutcome(text, outcomes));
  }
  return undefined;
}

function wrongOutcome(text: string, outcomes: readonly string[]): string {
  if (outcomes.length === 0) return "An answer has a word at the least";
  const choices = outcomes.map((it) => `"${printable(it)}"`).join(", ");
  const { hints = [] } = suggestion(text, outcomes);
  return [
    `"${printable(text)}" is not an outcome, choose one of ${choices}`,
    ...hints.map(printable),
  ].join("\n");
}

/**
 * Asks until the answer is taken; one that does not fit is asked for again.
 *
 * @returns `undefined` when nothing was answered.
 */
export async function answerByAsking<T>(
  context: Context,
  asked: Asked,
  options: {
    readonly comment: string | undefined;
    /** What else there is to know for who answers. */
    readonly hint?: string;
    send(given: Given): Promise<T>;
  },
): Promise<{ readonly answer: T; readonly given: Given } | undefined> {
  showQuestion(context, asked, options.hint);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    try {
      const given = await askAnswer(context, asked, options.comment);
      if (given === undefined) return undefined;
      return { answer: await options.send(given), given };
    } catch (error) {
      if (!(error instanceof StigmerError)) throw error;
      if (error.code !== "INVALID_ARGUMENT") throw error;
      context.io.alert([error.message, ...error.hints].join("\n"));
    }
  }
  return undefined;
}
