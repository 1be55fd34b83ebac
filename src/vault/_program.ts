/**
 * Runs the program of a keychain: what is secret goes in by stdin and comes
 * out by stdout, never by an argument, and a program that waits for a person
 * is ended after a time.
 *
 * @module
 */

import type { ChildProcess, Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";

/** What a program may say; a key has 64 bytes, a secret up to 64 KiB. */
const OUTPUT_BYTES_MAX = 1024 * 1024;

/** What to run. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
}

/** What a program did. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @throws {StigmerError} UNAVAILABLE when it cannot be started, says too much
 * or is not through in time.
 */
export async function runProgram(
  host: Pick<Host, "processes" | "clock">,
  program: Program,
): Promise<ProgramResult> {
  const child = start(host, program);
  const ended = new AbortController();
  // All that it says is waited for, also when it is ended: nothing of it
  // stays behind.
  const end = (error: StigmerError): void => {
    ended.abort(error);
    child.kill("SIGKILL");
  };
  const stop = host.clock.timer(
    program.timeoutMs,
    () => end(tooLate(program)),
  );
  try {
    const options = { signal: ended.signal, tooMuch: () => end(tooMuch()) };
    const [stdout, stderr, { code }] = await Promise.all([
      textOf(child.stdout, options),
      textOf(child.stderr, options),
      child.status,
      feed(child, program.stdin),
    ]);
    ended.signal.throwIfAborted();
    return { code, stdout, stderr };
  } finally {
    stop();
  }
}

function start(
  host: Pick<Host, "processes">,
  { command, args, env }: Program,
): ChildProcess {
  try {
    return host.processes.spawn({ command, args, env, group: true });
  } catch (cause) {
    throw new StigmerError("UNAVAILABLE", `"${command}" cannot be started`, {
      cause,
    });
  }
}

function tooLate({ command, timeoutMs }: Program): StigmerError {
  return new StigmerError(
    "UNAVAILABLE",
    `"${command}" gave no answer within ${timeoutMs / 1000} s, it may be ` +
      "waiting for a password: unlock the keychain and try again",
  );
}

function tooMuch(): StigmerError {
  return new StigmerError(
    "UNAVAILABLE",
    `the keychain's program says more than ${OUTPUT_BYTES_MAX} bytes`,
  );
}

async function feed(child: ChildProcess, text = ""): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // A program that reads no further has its reason, which its end tells.
  }
}

async function textOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  options: { readonly signal: AbortSignal; readonly tooMuch: () => void },
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const reader = stream.getReader();
  // What it started may hold the pipe open after it was ended.
  const abort = (): void => void reader.cancel().catch(() => {});
  options.signal.addEventListener("abort", abort, { once: true });
  let text = "";
  let sizeBytes = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text + decoder.decode();
      sizeBytes += value.length;
      if (sizeBytes > OUTPUT_BYTES_MAX) options.tooMuch();
      else text += decoder.decode(value, { stream: true });
    }
  } finally {
    options.signal.removeEventListener("abort", abort);
  }
}
