/**
 * Asks the question of a task where its run is followed, line by line: what is
 * typed before it can be read is no answer, and one that is answered elsewhere
 * is asked no more.
 *
 * @module
 */

import type { BackendClient } from "../../backend/open.ts";
import type { Terminal } from "../../host/host.ts";
import { readEdited } from "../agent/edited_line.ts";
import { KeyReader } from "../agent/keys.ts";
import type { Context } from "../context.ts";
import { widthOf } from "../width.ts";
import { wrap, wrapping } from "../wrap.ts";
import { answerByAsking, type Asked } from "./answer_prompt.ts";
import { UNSEEN_MS } from "./call_prompt.ts";
import type { Outcome } from "./item_prompt.ts";
import { sendAnswer } from "./responding.ts";

const LEAVE = "Ctrl-C leaves it waiting";

/** Shows a question, asks for the answer, and sends it. */
export async function answerAtTerminal(
  context: Context,
  client: BackendClient,
  { asked, signal }: { readonly asked: Asked; readonly signal: AbortSignal },
): Promise<Outcome> {
  const io = wrapping(context.io);
  const { id, question: { path } } = asked;
  const terminal = attentive(context);
  const lines = {
    ...io,
    ask: (text: string) => askLine(terminal, { text, io, signal }),
  };
  const answered = await answerByAsking({ ...context, io: lines }, asked, {
    comment: undefined,
    hint: LEAVE,
    send: (given) => sendAnswer(context, client, { id, task: path, given }),
  });
  if (answered !== undefined) return { kind: "taken", always: false };
  if (!signal.aborted) return { kind: "left" };
  io.alert("It is not asked any more");
  return { kind: "gone" };
}

/** Asks for a line; `undefined` at Ctrl-C, at its end, or when it is no use. */
async function askLine(
  terminal: Pick<Terminal, "withKeys" | "write" | "columns" | "rows">,
  { text, io, signal }: {
    readonly text: string;
    readonly io: Context["io"];
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  // Only what stands in the last line is drawn over.
  const lines = wrap(text.trimEnd(), io.columns).split("\n");
  const prompt = `${lines.pop() ?? ""} `;
  for (const it of lines) io.alert(it);
  const read = await readEdited(terminal, {
    keys: new KeyReader(),
    history: [],
    prompt,
    promptWidth: widthOf(prompt),
    further: "",
    signal,
  });
  if (read.kind === "line" && read.line !== undefined) return read.line;
  // Nobody pressed Enter: what follows needs a line of its own.
  terminal.write("stderr", "\n");
  return undefined;
}

const INTERRUPT = 3;
const END = 4;

/** The terminal, without what was typed before the question could be read. */
function attentive(
  { host: { clock, terminal } }: Context,
): Pick<Terminal, "withKeys" | "write" | "columns" | "rows"> {
  let askedMs: number | undefined;
  return {
    write: terminal.write,
    columns: terminal.columns,
    rows: terminal.rows,
    withKeys: (work) =>
      terminal.withKeys((read) => {
        askedMs ??= clock.monotonic();
        const untilMs = askedMs + UNSEEN_MS;
        return work(async () => {
          const typed = await read();
          if (typed === undefined || clock.monotonic() >= untilMs) return typed;
          // Whoever wants to leave means it at any time.
          return typed.filter((it) => it === INTERRUPT || it === END);
        });
      }),
  };
}
