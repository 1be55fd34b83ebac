/**
 * What a command says: data to stdout, talk to stderr.
 *
 * @module
 */

import type { Env, Host } from "../host/host.ts";
import type { OutputFormat } from "./globals.ts";
import type { Settings } from "./settings.ts";
import { writeStdout } from "./stdout.ts";
import { printable } from "./printable.ts";
import { isColored, type Style, styleOf } from "./style.ts";

/** The standard streams as commands use them. */
export interface Io {
  readonly format: OutputFormat;
  readonly quiet: boolean;
  /** How text on stdout is dressed. */
  readonly out: Style;
  /** How text on stderr is dressed. */
  readonly err: Style;
  /** Whether stdout is a terminal, where text may appear piece by piece. */
  readonly piecemeal: boolean;
  /** Whether stderr is a terminal, where a line may be drawn over. */
  readonly live: boolean;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** Columns of stdout, or `undefined` when it is no terminal. */
  readonly columns: number | undefined;
  /** Writes a line of data. */
  data(text: string): void;
  /** Writes data as it is. */
  raw(data: string | Uint8Array<ArrayBuffer>): void;
  /** Writes a line of talk, unless it shall be quiet. */
  note(text: string): void;
  /** Writes a line that matters also when it shall be quiet. */
  alert(text: string): void;
  /** Warns. */
  warn(text: string): void;
  /** Asks for a line; `undefined` at the end of the input. */
  ask(question: string): Promise<string | undefined>;
  /** Asks for a line that is not shown; `undefined` at its end or at Ctrl-C. */
  askHidden(
    question: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/** Makes the streams of a command. */
export function createIo(host: Host, settings: Settings): Io {
  const { terminal } = host;
  const shows = (stream: "stdout" | "stderr"): boolean =>
    !settings.noTty && terminal.isTerminal(stream);
  const styleFor = (stream: "stdout" | "stderr"): Style =>
    styleOf(isColored({
      ...settings.color,
      terminal: shows(stream),
      env: host.env,
    }));
  const err = styleFor("stderr");
  const alert = (text: string): void => {
    terminal.write("stderr", `${text}\n`);
  };
  return {
    format: settings.output,
    quiet: settings.quiet,
    out: styleFor("stdout"),
    err,
    piecemeal: shows("stdout"),
    live: shows("stderr") && canDraw(host.env),
    interactive: !settings.noInput && terminal.isTerminal("stdin") &&
      terminal.isTerminal("stderr"),
    columns: shows("stdout") ? terminal.columns() : undefined,
    data: (text) =>
      writeStdout(host, `${shows("stdout") ? withoutC1(text) : text}\n`),
    raw: (data) => writeStdout(host, data),
    note(text) {
      if (!settings.quiet) alert(text);
    },
    alert,
    warn: (text) => alert(`${err.yellow("Warning:")} ${printable(text)}`),
    ask: async (question) => await ask(host, await fitted(host, question)),
    askHidden: async (question, signal) =>
      await askHidden(host, {
        question: await fitted(host, question),
        signal,
      }),
  };
}

/**
 * Writes control characters as JSON may write them, too: it leaves those beyond
 * ASCII as they are, of which a terminal takes one for the begin of an order.
 */
function withoutC1(text: string): string {
  return text.replaceAll(
    /[\x7f-\x9f]/g,
    (it) => `\\u00${it.charCodeAt(0).toString(16)}`,
  );
}

/**
 * Whether a terminal may be drawn on: a log of continuous integration keeps
 * each frame, even where it says that it is a terminal.
 */
function canDraw(env: Env): boolean {
  const ci = (env.get("CI") ?? "").toLowerCase();
  return env.get("TERM") !== "dumb" && ["", "0", "false"].includes(ci);
}

/** Breaks a question between words; what is typed follows its last blank. */
async function fitted({ terminal }: Host, question: string): Promise<string> {
  const { wrap } = await import("./wrap.ts");
  const text = question.trimEnd();
  const blank = question.slice(text.length);
  return wrap(text, terminal.columns()) + blank;
}

/** Asks for a line; Ctrl-C and the end of the input answer nothing. */
async function ask(host: Host, question: string): Promise<string | undefined> {
  const { terminal } = host;
  const { promise: interrupted, resolve } = Promise.withResolvers<undefined>();
  // Before the question is there, so that Ctrl-C is always an answer to it.
  const remove = terminal.onInterrupt(() => resolve(undefined));
  terminal.write("stderr", question);
  try {
    const line = await Promise.race([terminal.readLine(), interrupted]);
    // Nobody pressed Enter: what follows needs a line of its own.
    if (line === undefined) terminal.write("stderr", "\n");
    return line;
  } finally {
    remove();
  }
}

/** Asks for a line that is not shown; the echo is on again when it ends. */
async function askHidden(
  { terminal }: Host,
  { question, signal }: {
    readonly question: string;
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  const interrupted = new AbortController();
  const remove = terminal.onInterrupt(() => interrupted.abort());
  try {
    return await terminal.readHiddenLine(
      question,
      AbortSignal.any([signal, interrupted.signal]),
    );
  } finally {
    remove();
  }
}
