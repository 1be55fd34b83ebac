/**
 * Runs the real program on a terminal, as a person does.
 *
 * @module
 */

import type { Place } from "./program.ts";
import { PROGRAM_LINE } from "../stigmer_program.ts";

/** How long a program has to say something. */
const WAIT_MS = 30_000;
/** Presses of a key before the program has to have seen one. */
const PRESSES_MAX = 100;
const PRESS_MS = 50;

/** A program on a terminal. */
export interface OnTerminal {
  /** Resolves when the text was shown. */
  said(text: string): Promise<void>;
  type(text: string): Promise<void>;
  /** What was shown so far. */
  heard(): string;
  /** Takes the terminal away, as a window that is closed. */
  close(): void;
  /** All that was shown. */
  readonly ended: Promise<string>;
}

/** Runs the program on a terminal of its own, and `stty` after it. */
export function onTerminal(
  place: Pick<Place, "folder" | "home">,
  words: readonly string[],
  { env = {}, columns = 80 }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly columns?: number;
  } = {},
): OnTerminal {
  const command = [PROGRAM_LINE, ...words].join(" ");
  const child = new Deno.Command("script", {
    args: [
      "-qec",
      `stty cols ${columns}; ${command}; echo "code $?"; stty -a`,
      "/dev/null",
    ],
    cwd: place.folder,
    env: {
      STIGMER_HOME: place.home,
      STIGMER_KEY_SOURCE: "key-file",
      TERM: "xterm",
      SHELL: "/bin/sh",
      // Whoever runs the tests may want none, and may be a machine.
      NO_COLOR: "",
      CI: "",
      ...env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let heard = "";
  const waiting = new Set<() => void>();
  const ended = (async () => {
    for await (const it of child.stdout.pipeThrough(new TextDecoderStream())) {
      heard += it;
      for (const wake of waiting) wake();
    }
    await child.status;
    await writer.close().catch(() => {});
    return heard;
  })();
  return {
    ended,
    heard: () => heard,
    close: () => child.kill("SIGKILL"),
    type: (text) => writer.write(new TextEncoder().encode(text)),
    said(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => heard.includes(text) ? resolve() : undefined;
      const timer = setTimeout(
        () => reject(new Error(`Never said: ${heard}`)),
        WAIT_MS,
      );
      waiting.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(look);
      });
    },
  };
}

/** Presses a key until what it does is to be seen: what comes early is dropped. */
export async function press(
  program: OnTerminal,
  key: string,
  seen: string,
): Promise<void> {
  let isSeen = false;
  const said = program.said(seen).then(() => void (isSeen = true));
  for (let i = 0; i < PRESSES_MAX && !isSeen; i++) {
    await program.type(key);
    const { promise: pause, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PRESS_MS);
    await Promise.race([said, pause]);
    clearTimeout(timer);
  }
  await said;
}

/** Whether there is what makes a terminal. */
export const hasTerminal: boolean = Deno.build.os === "linux" &&
  ["/usr/bin/script", "/bin/script"].some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
