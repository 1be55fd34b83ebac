/**
 * Runs a program to its end, for a model: what it writes is streamed on, and
 * its beginning and end are kept.
 *
 * It leads a process group of its own, which ends with it, with its time, with
 * the call and with us; so does what left the group, where it can be found.
 *
 * @module
 */

import type { ChildProcess, Host, SpawnOptions } from "../host/host.ts";
import type { ActivityContext } from "../model/durable.ts";

/** Characters of each output that are kept of its beginning, and of its end. */
const HEAD_LENGTH_MAX = 8000;
const TAIL_LENGTH_MAX = 22_000;
/** Characters of output that are streamed on. */
const STREAMED_LENGTH_MAX: number = 1024 * 1024;
/** How long a program may take to end after it was asked to. */
const KILL_GRACE_MS = 400;
/** How long what it started may hold its pipes open after it ended. */
const DRAIN_GRACE_MS = 500;

/** How a program ended. */
export interface EndedProgram {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended because its time was over. */
  readonly isLate: boolean;
}

/** Runs a program; rejects with the signal's reason when it is aborted. */
export async function runProgram(
  host: Pick<Host, "clock" | "processes">,
  { spawn, timeoutMs }: {
    readonly spawn: SpawnOptions;
    readonly timeoutMs: number;
  },
  { signal, emit }: Pick<ActivityContext, "signal" | "emit">,
): Promise<EndedProgram> {
  const { clock } = host;
  signal.throwIfAborted();
  const child = host.processes.spawn({
    ...spawn,
    group: true,
    tied: true,
    reaped: true,
  });
  child.stdin.close().catch(() => undefined);
  const stdout = collect(child.stdout, { emit, name: "stdout" });
  const stderr = collect(child.stderr, { emit, name: "stderr" });
  let isLate = false;
  const kill = killer(clock, child);
  const stopTimer = clock.timer(timeoutMs, () => {
    isLate = true;
    kill.now();
  });
  signal.addEventListener("abort", kill.now, { once: true });
  if (signal.aborted) kill.now();
  try {
    const { code } = await child.status;
    // What it left behind in its group goes too, and lets go of its pipes.
    child.kill("SIGKILL");
    const stop = clock.timer(DRAIN_GRACE_MS, () => {
      stdout.end();
      stderr.end();
    });
    const texts = await Promise.all([stdout.text, stderr.text]);
    stop();
    signal.throwIfAborted();
    return { code, stdout: texts[0], stderr: texts[1], isLate };
  } finally {
    stopTimer();
    kill.stop();
    signal.removeEventListener("abort", kill.now);
  }
}

/** Ends a child: politely, then surely. */
function killer(
  clock: Host["clock"],
  child: ChildProcess,
): { readonly now: () => void; readonly stop: () => void } {
  let stop: (() => void) | undefined;
  return {
    now: () => {
      child.kill("SIGTERM");
      stop ??= clock.timer(KILL_GRACE_MS, () => child.kill("SIGKILL"));
    },
    stop: () => stop?.(),
  };
}

/** Reads a stream to its end; the middle of what is long is let go. */
function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { emit, name }: {
    readonly emit: ActivityContext["emit"];
    readonly name: string;
  },
): { readonly text: Promise<string>; readonly end: () => void } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const kept = new HeadAndTail();
  let streamed = 0;
  const take = (text: string): void => {
    if (text === "") return;
    kept.add(text);
    if (streamed >= STREAMED_LENGTH_MAX) return;
    streamed += text.length;
    emit({ type: "OUTPUT_DELTA", text, stream: name });
  };
  const read = async (): Promise<string> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      take(decoder.decode(value, { stream: true }));
    }
    take(decoder.decode());
    return kept.text();
  };
  return {
    text: read().catch(() => kept.text()),
    end: () => void reader.cancel().catch(() => undefined),
  };
}

/** The beginning and the end of a text that comes in pieces. */
export class HeadAndTail {
  #head = "";
  #tail = "";
  #lost = 0;

  add(text: string): void {
    const room = HEAD_LENGTH_MAX - this.#head.length;
    this.#head += text.slice(0, room);
    const rest = this.#tail + text.slice(room);
    // Cut now and then, not at each piece.
    if (rest.length <= 2 * TAIL_LENGTH_MAX) {
      this.#tail = rest;
      return;
    }
    this.#lost += rest.length - TAIL_LENGTH_MAX;
    this.#tail = rest.slice(-TAIL_LENGTH_MAX);
  }

  text(): string {
    const tail = this.#tail.slice(-TAIL_LENGTH_MAX);
    const lost = this.#lost + this.#tail.length - tail.length;
    return lost === 0
      ? this.#head + tail
      : `${this.#head}\n[… ${lost} characters left out …]\n${tail}`;
  }
}
