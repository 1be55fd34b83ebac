/**
 * What is typed in a chat: messages from a terminal, or lines from a pipe.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { MessageDraft } from "./message_draft.ts";

const PROMPT = "> ";
const PROMPT_WITHIN = "… ";

/** What came from whoever types. */
export type Typed =
  | { readonly kind: "message"; readonly text: string }
  /** Nothing more comes. */
  | { readonly kind: "end" }
  /** Left by Ctrl-C, twice, or from outside. */
  | { readonly kind: "left" };

/** Reads one message after another. */
export interface ChatLines {
  next(): Promise<Typed>;
}

/** Makes what reads messages, as a person types them or a pipe has them. */
export function createChatLines(context: Context): ChatLines {
  return context.io.interactive ? typedLines(context) : pipedLines(context);
}

function pipedLines({ host }: Context): ChatLines {
  return {
    async next() {
      for (;;) {
        const line = await host.terminal.readLine();
        if (line === undefined) return { kind: "end" };
        if (line.trim() !== "") return { kind: "message", text: line };
      }
    },
  };
}

type Heard =
  | { readonly kind: "line"; readonly line: string | undefined }
  | { readonly kind: "SIGINT" | "SIGTERM" };

function typedLines({ host, io }: Context): ChatLines {
  const { terminal } = host;
  // A read goes on when someone interrupts: the next prompt waits for it.
  let reading: Promise<string | undefined> | undefined;

  async function hear(prompt: string): Promise<Heard> {
    const { promise: interrupted, resolve } = Promise.withResolvers<Heard>();
    const remove = terminal.onInterrupt((kind) => resolve({ kind }));
    try {
      terminal.write("stderr", io.err.bold(prompt));
      reading ??= terminal.readLine();
      const heard = await Promise.race([
        interrupted,
        reading.then((line): Heard => ({ kind: "line", line })),
      ]);
      if (heard.kind === "line") reading = undefined;
      return heard;
    } finally {
      remove();
    }
  }

  return {
    async next() {
      let draft = new MessageDraft();
      let wasInterrupted = false;
      for (;;) {
        const heard = await hear(draft.isOpen ? PROMPT_WITHIN : PROMPT);
        if (heard.kind === "line") {
          wasInterrupted = false;
          if (heard.line === undefined) {
            // Nobody pressed Enter.
            terminal.write("stderr", "\n");
            return { kind: "end" };
          }
          const text = draft.take(heard.line);
          if (text === undefined) continue;
          if (text.trim() !== "") return { kind: "message", text };
        } else {
          terminal.write("stderr", "\n");
          if (heard.kind === "SIGTERM" || wasInterrupted) {
            return { kind: "left" };
          }
          wasInterrupted = !draft.isOpen;
          if (wasInterrupted) io.note("Ctrl-C again, Ctrl-D or /exit leave");
        }
        draft = new MessageDraft();
      }
    },
  };
}
