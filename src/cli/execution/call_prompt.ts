/**
 * Asks a person at a terminal about one tool call, by one key.
 *
 * @module
 */

import type { ApprovalOutcome } from "../../model/approval.ts";
import { visibleLine } from "../../model/hidden_text.ts";
import { readEdited } from "../agent/edited_line.ts";
import { KeyReader } from "../agent/keys.ts";
import type { Context } from "../context.ts";
import type { AskedCall } from "./asked_calls.ts";
import { fit } from "../width.ts";
import { wrap } from "../wrap.ts";
import { callDetail, callGlance } from "./call_words.ts";

/**
 * How long nothing that is typed counts: it was meant for something else, by
 * whoever did not see the question yet.
 */
export const UNSEEN_MS = 250;
/** How often a question is asked again after a key that means nothing. */
const AGAIN_MAX = 20;
/** Columns of a tool's name in a question, at the most. */
const NAME_WIDTH_MAX = 40;
const ANSWERS =
  "(a)pprove, (A)lways in this session, (r)eject with a reason, " +
  "(s)kip and go on, ";
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
  | "gone"
  | "nothing";

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
  nothing: "press a letter",
};

/**
 * Shows a call and asks what becomes of it.
 *
 * @param options.others How many more calls wait.
 * @param options.signal Aborted when it is not asked any more.
 */
export async function askAboutCall(
  context: Context,
  call: AskedCall,
  { others, signal }: {
    readonly others: number;
    readonly signal: AbortSignal;
  },
): Promise<Said> {
  const { io } = context;
  const look = { style: io.err, columns: io.columns };
  const glance = callGlance({ ...call, others }, look);
  io.alert(glance.text);
  const { name } = call;
  const { isWhole } = glance;
  let pressed = await pressedAt(context, { name, isWhole }, signal);
  if (pressed === "view") {
    io.alert(callDetail(call, look));
    pressed = await pressedAt(context, { name, isWhole: true }, signal);
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

/** What is asked about. */
interface Asking {
  readonly name: string;
  readonly isWhole: boolean;
}

/** Asks for a key, and shows what it stands for; again where it is none. */
async function pressedAt(
  context: Context,
  asking: Asking,
  signal: AbortSignal,
): Promise<Exclude<Pressed, "nothing">> {
  const { io, host: { terminal } } = context;
  const name = fit(visibleLine(asking.name), NAME_WIDTH_MAX);
  const answers = `${ANSWERS}${asking.isWhole ? "" : VIEW}${LATER}`;
  const question = wrap(`Make this call of ${name}?\n${answers}`, io.columns);
  for (let i = 1;; i++) {
    const shown = io.err.bold(`${question} `);
    const isLast = i === AGAIN_MAX;
    const pressed = await pressedKey(
      context,
      { ...asking, shown, isLast },
      signal,
    );
    terminal.write("stderr", `${SHOWN[pressed]}\n`);
    if (pressed !== "nothing") return pressed;
  }
}

/** One time that it is asked. */
interface Asked extends Asking {
  /** The question as it is shown. */
  readonly shown: string;
  readonly isLast: boolean;
}

async function pressedKey(
  { host: { terminal, clock } }: Context,
  { isWhole, shown, isLast }: Asked,
  signal: AbortSignal,
): Promise<Pressed> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  const keys = new KeyReader();
  return await terminal.withKeys(async (read): Promise<Pressed> => {
    // From here on, so that Ctrl-C at the question is always an answer to it.
    terminal.write("stderr", shown);
    const shownMs = clock.monotonic();
    while (!signal.aborted) {
      const typed = await Promise.race([read(), aborted]);
      if (signal.aborted) break;
      if (typed === undefined) return "left";
      keys.push(typed);
      const isUnseen = clock.monotonic() - shownMs < UNSEEN_MS;
      let isNothing = false;
      for (let key = keys.next(); key !== undefined; key = keys.next()) {
        if (key.kind === "interrupt" || key.kind === "end") return "left";
        // What is pasted, or typed ahead, is no answer.
        if (key.kind === "paste" || isUnseen) continue;
        const pressed = key.kind === "text" ? KEYS.get(key.text) : undefined;
        const isKey = pressed !== undefined && !(pressed === "view" && isWhole);
        if (isKey) return pressed;
        isNothing = true;
      }
      if (isNothing && !isLast) return "nothing";
    }
    return "gone";
  }).finally(() => signal.removeEventListener("abort", onAbort));
}

async function askReason(context: Context, signal: AbortSignal): Promise<Said> {
  const { terminal } = context.host;
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
