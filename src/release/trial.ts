/**
 * Starts a program that was just unpacked, before anything depends on it.
 *
 * @module
 */

import type { ChildProcess, Host } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";

/** How long it may take; the first start of a file is slow on some systems. */
const TRIAL_MS_MAX = 60_000;
/**
 * How often a start is tried while the file is still open for writing somewhere:
 * a child that this process starts meanwhile has a copy of every open file for
 * the moment until it becomes another program.
 */
const STARTS_MAX = 50;
const START_AGAIN_MS = 20;
const BUSY_REGEXP = /\(os error 26\)/;
/** Bytes of its answer that are looked at. */
const ANSWER_BYTES_MAX = 4096;

/**
 * Has an executable say its version.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it does not run here or says
 * another one.
 */
export async function tryExecutable(
  host: Pick<Host, "processes" | "clock">,
  of: { readonly path: string; readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const said = await answerOf(host, of.path, signal).catch((error) => {
    signal.throwIfAborted();
    throw doesNotRun(messageOf(error), error);
  });
  if (said.code !== 0) throw doesNotRun(`it ended with ${said.code}`);
  if (said.text.trim() !== of.version) {
    throw doesNotRun(`it is not version ${of.version}`);
  }
}

async function answerOf(
  { processes, clock }: Pick<Host, "processes" | "clock">,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly text: string }> {
  const child = await start({ processes, clock }, path, signal);
  const kill = (): void => child.kill("SIGKILL");
  const stop = clock.timer(TRIAL_MS_MAX, kill);
  signal.addEventListener("abort", kill, { once: true });
  try {
    const [{ code }, text] = await Promise.all([
      child.status,
      headOf(child.stdout),
      child.stderr.cancel(),
      child.stdin.close().catch(() => {}),
    ]);
    signal.throwIfAborted();
    return { code, text };
  } finally {
    stop();
    signal.removeEventListener("abort", kill);
  }
}

async function start(
  { processes, clock }: Pick<Host, "processes" | "clock">,
  path: string,
  signal: AbortSignal,
): Promise<ChildProcess> {
  const env = processes.baseEnv();
  for (let left = STARTS_MAX;; left--) {
    try {
      return processes.spawn({ command: path, args: ["version"], env });
    } catch (error) {
      if (left === 0 || !BUSY_REGEXP.test(messageOf(error))) throw error;
    }
    await clock.sleep(START_AGAIN_MS, signal);
  }
}

async function headOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    if (text.length < ANSWER_BYTES_MAX) {
      text += decoder.decode(chunk, { stream: true });
    }
  }
  return text;
}

function doesNotRun(why: string, cause?: unknown): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `The new program does not run on this machine: ${why}`,
    { hints: ["Nothing was changed: the one that was there stays"], cause },
  );
}
