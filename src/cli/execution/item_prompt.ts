/**
 * Asks a person at a terminal about one thing that waits, for as long as it
 * does, and sends what was answered.
 *
 * @module
 */

import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import { importUnseen } from "../../model/unseen.ts";
import type { Context } from "../context.ts";
import { printable } from "../printable.ts";
import { answerCall } from "./approving.ts";
import type { Asked } from "./answer_prompt.ts";
import type { AskedCall } from "./asked_calls.ts";
import { askedOf } from "./asked_calls.ts";
import { type AskedItem, itemsOf, keyOf } from "./asked_items.ts";
import { askAboutCall } from "./call_prompt.ts";
import { phaseOf } from "./resource.ts";

/** How often it is looked whether something was answered elsewhere. */
const RECHECK_MS = 1000;

/** What came of asking. */
export type Outcome =
  /** Answered here; `always` for all later calls of a tool, too. */
  | { readonly kind: "taken"; readonly always: boolean }
  /** Somebody else was earlier. */
  | { readonly kind: "late" }
  /** This person may not, or cannot now. */
  | { readonly kind: "refused" }
  /** It is left waiting. */
  | { readonly kind: "later" }
  /** Ctrl-C, or nothing more can be typed. */
  | { readonly kind: "left" }
  /** It is not asked any more. */
  | { readonly kind: "gone" };

/** What is asked, and of which run. */
export interface ItemPrompt {
  /** The run that is followed. */
  readonly id: string;
  readonly item: AskedItem;
  /** How many more calls wait. */
  readonly others: number;
  readonly signal: AbortSignal;
  /** Is given what looks at once whether it waits still. */
  readonly onRecheck: (look: () => void) => void;
}

/** Asks about something for as long as it waits. */
export async function askWhileOpen(
  context: Context,
  client: BackendClient,
  of: ItemPrompt,
): Promise<Outcome> {
  const { id, item, signal } = of;
  const { clock } = context.host;
  const gone = new AbortController();
  const recheck = async (): Promise<void> => {
    const execution = await getExecution(client, id, signal);
    const asked = itemsOf(await askedOf(client, execution, signal));
    const isAsked = asked.some((it) => keyOf(it) === keyOf(item));
    if (!isAsked || phaseOf(execution) === "PAUSED") gone.abort();
  };
  let stop = (): void => {};
  const look = (): void => {
    stop();
    // Who cannot say whether it is, asks about it still.
    void recheck().catch(() => {}).then(() => {
      if (gone.signal.aborted || signal.aborted) return;
      stop();
      stop = clock.timer(RECHECK_MS, look);
    });
  };
  stop = clock.timer(RECHECK_MS, look);
  of.onRecheck(look);
  try {
    return await ask(context, client, {
      ...of,
      signal: AbortSignal.any([gone.signal, signal]),
    });
  } finally {
    gone.abort();
    stop();
  }
}

async function ask(
  context: Context,
  client: BackendClient,
  { item, others, signal }: ItemPrompt,
): Promise<Outcome> {
  switch (item.kind) {
    case "call":
      return await askCall(context, client, {
        call: item.call,
        others,
        signal,
      });
    case "question":
      return await askQuestion(context, client, { asked: item.asked, signal });
  }
}

async function askCall(
  context: Context,
  client: BackendClient,
  { call, others, signal }: {
    readonly call: AskedCall;
    readonly others: number;
    readonly signal: AbortSignal;
  },
): Promise<Outcome> {
  const said = await askAboutCall(context, call, { others, signal });
  if (said.kind !== "answer") return said;
  return await told(context, async () => {
    await answerCall(context, client, call, said);
    return { kind: "taken", always: said.always };
  });
}

/** Loads what asks questions, which few runs do. */
async function askQuestion(
  context: Context,
  client: BackendClient,
  of: { readonly asked: Asked; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { answerAtTerminal } = await importUnseen<
    typeof import("./question_prompt.ts")
  >("./question_prompt.ts", import.meta.url);
  return await told(context, () => answerAtTerminal(context, client, of));
}

/** Tells why an answer was not taken. */
async function told(
  context: Context,
  answer: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof StigmerError)) throw error;
    if (context.signal.aborted) return { kind: "refused" };
    context.io.alert(printable(error.message));
    return { kind: error.code === "FAILED_PRECONDITION" ? "late" : "refused" };
  }
}
