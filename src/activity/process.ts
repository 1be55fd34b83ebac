/**
 * A process that a task runs: fed, read, bounded in what it writes, and ended
 * with all that it started.
 *
 * Commands, scripts and containers are all run by it. The child leads a
 * process group of its own, and is ended with its group: when it is aborted,
 * and when this process dies. Only one that nobody waits for stays.
 *
 * @module
 */

import type { ChildProcess, Host, SpawnOptions } from "../host/host.ts";
import { withPlainPermissions } from "../host/missing_permission.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import { type FailureKind, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import type { ProcessReturn } from "./process_input.ts";

/** How long a child may take to end after it was asked to. */
const KILL_GRACE_MS = 400;
/** How long what a child started may hold its pipes open after it ended. */
const DRAIN_GRACE_MS = 500;
/**
 * Characters of the error output that a failure shows: programs say what went
 * wrong first or last.
 */
const EXCERPT_LENGTH_MAX = 600;
const EXCERPT_HEAD_LENGTH = 200;
/** Bytes of each output at the most; JSON may double some of them. */
const OUTPUT_SIZE_BYTES_MAX: number = VALUE_SIZE_BYTES_MAX / 4;
/** Runs what nobody waits for and nobody reads. */
const LET_GO = 'exec "$@" </dev/null >/dev/null 2>&1';
/** The same, and removes a folder afterwards, whoever is still there then. */
const LET_GO_AND_REMOVE =
  'd=$1; shift; "$@" </dev/null >/dev/null 2>&1; rm -rf -- "$d"';

/** What a process needs of the machine. */
export type ProcessHost = Pick<
  Host,
  "clock" | "env" | "files" | "platform" | "processes"
>;

/** A process to run. */
export interface ProcessRequest {
  /** What it is, in the middle of a sentence: `command "make"`. */
  readonly what: string;
  readonly spawn: Omit<SpawnOptions, "group" | "tied">;
  readonly stdin: string | undefined;
  readonly await: boolean;
  readonly return: ProcessReturn;
  /** A folder to remove after the end of one that nobody waits for. */
  readonly removeAfter?: string;
  /** Says what an exit code means that is not the program's own. */
  readonly explain?: (code: number) => string | undefined;
}

/** How a child ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended for writing too much. */
  readonly flooded: boolean;
}

/** Runs a process and gives what its task asks to return. */
export async function runProcess(
  host: ProcessHost,
  request: ProcessRequest,
  context: ActivityContext,
): Promise<ActivityOutcome> {
  context.signal.throwIfAborted();
  try {
    if (!request.await) {
      letGo(host, request);
      return { kind: "completed", output: null };
    }
    const ended = await runToEnd(host, request, context);
    return outcomeOf({ ...request, hide: context.secrets?.hide }, ended);
  } catch (error) {
    context.signal.throwIfAborted();
    const why = withPlainPermissions(messageOf(error));
    return failed("runtime", `Cannot run ${request.what}: ${why}`);
  }
}

/** Starts a process, feeds it, reads what it writes, and waits for its end. */
export async function runToEnd(
  host: Pick<Host, "clock" | "processes">,
  request: Pick<ProcessRequest, "spawn" | "stdin">,
  context: Pick<ActivityContext, "signal" | "emit">,
): Promise<Ended> {
  // It runs again after a crash, and must not be there twice then.
  const child = host.processes.spawn({
    ...request.spawn,
    group: true,
    tied: true,
  });
  const stopKill = killOnAbort(host, child, context.signal);
  let flooded = false;
  const flood = (): void => {
    flooded = true;
    child.kill("SIGKILL");
  };
  const stdout = collect(child.stdout, { context, flood, name: "stdout" });
  const stderr = collect(child.stderr, { context, flood, name: "stderr" });
  const stdin = feed(child, request.stdin);
  try {
    const { code } = await child.status;
    // What it started in the background may still hold its pipes open.
    const stop = host.clock.timer(DRAIN_GRACE_MS, () => {
      stdout.end();
      stderr.end();
      stdin.end();
    });
    const texts = await Promise.all([stdout.text, stderr.text]);
    await stdin.ended;
    stop();
    return { code, stdout: texts[0], stderr: texts[1], flooded };
  } finally {
    stopKill();
  }
}

/** Starts a child and leaves it to itself. */
export function letGo(
  host: ProcessHost,
  request: Pick<ProcessRequest, "spawn" | "removeAfter">,
): void {
  const { removeAfter } = request;
  const child = host.processes.spawn({
    ...unread(host, request),
    group: true,
    tied: false,
  });
  const ignore = (): undefined => undefined;
  void child.stdin.close().catch(ignore);
  void child.stdout.cancel().catch(ignore);
  void child.stderr.cancel().catch(ignore);
  // Without a shell this process is the only one that can tidy up.
  const mustTidy = removeAfter !== undefined && isWindows(host);
  void child.status.then(() => {
    if (mustTidy) void host.files.remove(removeAfter).catch(ignore);
  }, ignore);
}

/** Nobody reads what a child writes that nobody waits for. */
function unread(
  host: ProcessHost,
  { spawn, removeAfter }: Pick<ProcessRequest, "spawn" | "removeAfter">,
): SpawnOptions {
  if (isWindows(host)) return spawn;
  const script = removeAfter === undefined
    ? ["-c", LET_GO, "sh"]
    : ["-c", LET_GO_AND_REMOVE, "sh", removeAfter];
  return {
    ...spawn,
    command: "/bin/sh",
    args: [...script, spawn.command, ...spawn.args],
  };
}

/** Says whether this machine has no POSIX shell. */
export function isWindows({ platform }: Pick<Host, "platform">): boolean {
  return platform.os === "windows";
}

/** Ends the child and all it started once aborted: politely, then surely. */
function killOnAbort(
  host: Pick<Host, "clock">,
  child: ChildProcess,
  signal: AbortSignal,
): () => void {
  let stopTimer: (() => void) | undefined;
  const kill = (): void => {
    child.kill("SIGTERM");
    stopTimer = host.clock.timer(KILL_GRACE_MS, () => child.kill("SIGKILL"));
  };
  if (signal.aborted) kill();
  else signal.addEventListener("abort", kill, { once: true });
  return () => {
    signal.removeEventListener("abort", kill);
    stopTimer?.();
    // The leader is gone; what it left behind in its group goes too.
    if (signal.aborted) child.kill("SIGKILL");
  };
}

/** Writes what a child is given, until it ends or nobody reads it any more. */
function feed(
  child: ChildProcess,
  stdin: string | undefined,
): { readonly ended: Promise<void>; readonly end: () => void } {
  const writer = child.stdin.getWriter();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const write = async (): Promise<void> => {
    if (stdin !== undefined) {
      await writer.write(new TextEncoder().encode(stdin));
    }
    await writer.close();
  };
  // A child need not read what it is given.
  write().then(end, () => end());
  return { ended, end };
}

/** Reads a stream to its end, streaming it on, up to a bound. */
function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  options: {
    readonly context: Pick<ActivityContext, "emit">;
    readonly flood: () => void;
    readonly name: string;
  },
): { readonly text: Promise<string>; readonly end: () => void } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  const take = (piece: string): void => {
    if (piece === "") return;
    text += piece;
    options.context.emit({
      type: "OUTPUT_DELTA",
      text: piece,
      stream: options.name,
    });
  };
  const read = async (): Promise<string> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      sizeBytes += value.length;
      if (sizeBytes > OUTPUT_SIZE_BYTES_MAX) {
        options.flood();
        await reader.cancel().catch(() => undefined);
        return text;
      }
      take(decoder.decode(value, { stream: true }));
    }
    take(decoder.decode());
    return text;
  };
  return {
    text: read(),
    end: () => void reader.cancel().catch(() => undefined),
  };
}

/** What a task asks to return of a process that ended. */
function outcomeOf(
  request: Pick<ProcessRequest, "what" | "return" | "explain"> & {
    readonly hide: ((text: string) => string) | undefined;
  },
  ended: Ended,
): ActivityOutcome {
  const { code, stdout, stderr } = ended;
  const subject = capital(request.what);
  if (ended.flooded) {
    return failed(
      "runtime",
      `${subject} wrote more than ${OUTPUT_SIZE_BYTES_MAX} bytes`,
    );
  }
  const reason = request.explain?.(code);
  if (reason !== undefined) {
    return failed(
      "runtime",
      `Cannot run ${request.what}: ${reason}${excerptOf(ended, request.hide)}`,
    );
  }
  switch (request.return) {
    case "code":
      return completed(code);
    case "all":
      return completed({ code, stdout, stderr });
  }
  if (code !== 0) {
    return failed(
      "runtime",
      `${subject} exited with ${code}${excerptOf(ended, request.hide)}`,
    );
  }
  switch (request.return) {
    case "stdout":
      return completed(stdout);
    case "stderr":
      return completed(stderr);
    case "none":
      return completed(null);
  }
}

/**
 * What a process wrote before it failed, for its error. What is secret in it is
 * hidden before it is cut: half of it would be known as none.
 */
function excerptOf(
  { stderr, stdout }: Ended,
  hide: ((text: string) => string) | undefined,
): string {
  const written = stderr.trim() === "" ? stdout : stderr;
  const text = (hide?.(written) ?? written).trim();
  if (text === "") return "";
  if (text.length <= EXCERPT_LENGTH_MAX) return `: ${text}`;
  const tailLength = EXCERPT_LENGTH_MAX - EXCERPT_HEAD_LENGTH;
  return `: ${text.slice(0, EXCERPT_HEAD_LENGTH)}…${text.slice(-tailLength)}`;
}

/** The outcome of an effect that failed. */
export function failed(kind: FailureKind, detail: string): ActivityOutcome {
  return { kind: "failed", failure: failureOf(kind, detail) };
}

function completed(output: Json): ActivityOutcome {
  return { kind: "completed", output };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
