/**
 * Asks a person at a terminal about one tool call, by one key.
 *
 * @module
 */

import type { ApprovalOutcome } from "../../model/approval.ts";
import { readEdited } from "../agent/edited_line.ts";
import { KeyReader } from "../agent/keys.ts";
import type { Context } from "../context.ts";
import type { AskedCall } from "./asked_calls.ts";
import { wrap } from "../wrap.ts";
import { callDetail, callGlance } from "./call_words.ts";

/**
 * How long nothing that is typed counts: it was meant for something else, by
 * whoever did not see the question yet.
 */
const UNSEEN_MS = 250;
const QUESTION = "Make this call? (a)pprove, (A)lways, (r)eject, (s)kip, ";
const VIEW = "(v)iew all, ";
const LATER = "(d) leave it waiting";
const REASON = "Why? (Enter for no reason) ";

/** What came of a question. */
export type Said =
  | {
    readonly kind: "answer";
    readonly outcome: ApprovalOutcome;
    readonly always: boolean;
    readonly reason: string;
  }
  /** It is left waiting. */
  | { readonly kind: "later" }
  /** Ctrl-C, or nothing more can be typed. */
  | { readonly kind: "left" }
  /** It is not asked any more. */
  | { readonly kind: "gone" };

type Pressed =
  | ApprovalOutcome
  | "always"
  | "view"
  | "later"
  | "left"
  | "gone";

const KEYS: ReadonlyMap<string, Pressed> = new Map([
  ["a", "approve"],
  ["y", "approve"],
  ["A", "always"],
  ["r", "reject"],
  ["n", "reject"],
  ["s", "skip"],
  ["v", "view"],
  ["d", "later"],
]);

/** What is shown of a key that was pressed. */
const SHOWN: Readonly<Record<Pressed, string>> = {
  approve: "approve",
  always: "always",
  reject: "reject",
  skip: "skip",
  view: "all of it",
  later: "left waiting",
  left: "left waiting",
  gone: "not asked any more",
};

/**
 * Shows a call and asks what becomes of it.
 *
 * @param signal Aborted when it is not asked any more.
 */
export async function askAboutCall(
  context: Context,
  call: AskedCall,
  signal: AbortSignal,
): Promise<Said> {
  const { io } = context;
  const look = { style: io.err, columns: io.columns };
  const glance = callGlance(call, look);
  io.alert(glance.text);
  let pressed = await pressedAt(context, glance, signal);
  if (pressed === "view") {
    io.alert(callDetail(call, look));
    pressed = await pressedAt(context, { isWhole: true }, signal);
  }
  switch (pressed) {
    case "approve":
    case "skip":
      return { kind: "answer", outcome: pressed, always: false, reason: "" };
    case "always":
      return { kind: "answer", outcome: "approve", always: true, reason: "" };
    case "reject":
      return await askReason(context, signal);
    case "later":
    case "left":
    case "gone":
      return { kind: pressed };
    // It is no key where all is shown.
    case "view":
      return { kind: "later" };
  }
}

/** Asks for a key, and shows what it stands for. */
async function pressedAt(
  context: Context,
  { isWhole }: { readonly isWhole: boolean },
  signal: AbortSignal,
): Promise<Pressed> {
  const { io, host: { terminal } } = context;
  const question = `${QUESTION}${isWhole ? "" : VIEW}${LATER}`;
  const wrapped = wrap(question, io.columns);
  terminal.write("stderr", io.err.bold(`${wrapped} `));
  const pressed = await pressedKey(context, { isWhole }, signal);
  terminal.write("stderr", `${SHOWN[pressed]}\n`);
  return pressed;
}

async function pressedKey(
  { host: { terminal, clock } }: Context,
  { isWhole }: { readonly isWhole: boolean },
  signal: AbortSignal,
): Promise<Pressed> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  const shownMs = clock.monotonic();
  const keys = new KeyReader();
  return await terminal.withKeys(async (read): Promise<Pressed> => {
    while (!signal.aborted) {
      const typed = await Promise.race([read(), aborted]);
      if (signal.aborted) break;
      if (typed === undefined) return "left";
      keys.push(typed);
      const isUnseen = clock.monotonic() - shownMs < UNSEEN_MS;
      for (let key = keys.next(); key !== undefined; key = keys.next()) {
        if (key.kind === "interrupt" || key.kind === "end") return "left";
        // What is pasted, or typed ahead, is no answer.
        if (key.kind !== "text" || isUnseen) continue;
        const pressed = KEYS.get(key.text);
        if (pressed === undefined) continue;
        if (pressed !== "view" || !isWhole) return pressed;
      }
    }
    return "gone";
  }).finally(() => signal.removeEventListener("abort", onAbort));
}

async function askReason(context: Context, signal: AbortSignal): Promise<Said> {
  const { io, host: { terminal } } = context;
  if (!io.live) return rejected(await io.ask(REASON));
  const read = await readEdited(terminal, {
    keys: new KeyReader(),
    history: [],
    prompt: REASON,
    promptWidth: REASON.length,
    further: "",
    signal,
  });
  if (read.kind === "line") return rejected(read.line ?? "");
  terminal.write("stderr", "\n");
  return signal.aborted ? { kind: "gone" } : { kind: "left" };
}

function rejected(reason: string | undefined): Said {
  return reason === undefined ? { kind: "left" } : {
    kind: "answer",
    outcome: "reject",
    always: false,
    reason: reason.trim(),
  };
}
