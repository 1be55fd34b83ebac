/**
 * The `shell` activity: runs a command of the host's shell.
 *
 * The child gets a bare environment and what the task gives it, leads a
 * process group of its own, and is ended with all it started: when it is
 * aborted, and when this process dies. Only one that nobody waits for stays.
 *
 * @module
 */

import type { ChildProcess, Host } from "../host/host.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import { failureOf } from "../model/failure.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";

/** How long a child may take to end after it was asked to. */
const KILL_GRACE_MS = 400;
/** How long what a child started may hold its output open after it ended. */
const DRAIN_GRACE_MS = 500;
/** Characters of the error output that a failure shows. */
const EXCERPT_LENGTH_MAX = 500;
/** Bytes of each output at the most; JSON may double some of them. */
const OUTPUT_SIZE_BYTES_MAX: number = VALUE_SIZE_BYTES_MAX / 4;

type Return = "stdout" | "stderr" | "code" | "all" | "none";

/** What the machine resolved. */
interface ShellInput {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly await: boolean;
  readonly return: Return;
}

/** How a child ended. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended for writing too much. */
  readonly flooded: boolean;
}

/** Makes the activity. */
export function createShellActivity(
  { host }: { readonly host: Pick<Host, "clock" | "processes" | "platform"> },
): Activity {
  return async (json, context) => {
    const input = parseInput(json);
    try {
      const child = spawn(host, input, context);
      if (!input.await) {
        letGo(child);
        return { kind: "completed", output: null };
      }
      return outcomeOf(input, await finish(host, child, { input, context }));
    } catch (error) {
      return failed(
        "runtime",
        `Cannot run command ${quoted(input.command)}: ${messageOf(error)}`,
      );
    }
  };
}

function spawn(
  host: Pick<Host, "processes" | "platform">,
  input: ShellInput,
  context: ActivityContext,
): ChildProcess {
  const windows = host.platform.os === "windows";
  // Nobody reads what a child writes that nobody waits for.
  const command = input.await || windows
    ? input.command
    : `exec </dev/null >/dev/null 2>&1\n${input.command}`;
  return host.processes.spawn({
    command: windows ? "cmd.exe" : "/bin/sh",
    args: windows
      ? ["/d", "/s", "/c", command, ...input.args]
      : ["-c", command, "sh", ...input.args],
    env: { ...host.processes.baseEnv(), ...input.environment },
    cwd: context.workingDirectory,
    group: true,
    // It runs again after a crash, and must not be there twice then.
    tied: input.await,
  });
}

/** Leaves a child to itself. */
function letGo(child: ChildProcess): void {
  const ignore = (): undefined => undefined;
  void child.stdin.close().catch(ignore);
  void child.stdout.cancel().catch(ignore);
  void child.stderr.cancel().catch(ignore);
  void child.status.catch(ignore);
}

/** Feeds a child, reads what it writes, and waits for its end. */
async function finish(
  host: Pick<Host, "clock">,
  child: ChildProcess,
  options: { readonly input: ShellInput; readonly context: ActivityContext },
): Promise<Ended> {
  const { input, context } = options;
  const stopKill = killOnAbort(host, child, context.signal);
  let flooded = false;
  const flood = (): void => {
    flooded = true;
    child.kill("SIGKILL");
  };
  const stdout = collect(child.stdout, { context, flood });
  const stderr = collect(child.stderr, { context, flood });
  const fed = feed(child, input.stdin);
  try {
    const { code } = await child.status;
    // What it started in the background may still hold its output open.
    const stop = host.clock.timer(DRAIN_GRACE_MS, () => {
      stdout.end();
      stderr.end();
    });
    const texts = await Promise.all([stdout.text, stderr.text]);
    stop();
    await fed;
    return { code, stdout: texts[0], stderr: texts[1], flooded };
  } finally {
    stopKill();
  }
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
    // The shell is gone; what it left behind in its group goes too.
    if (signal.aborted) child.kill("SIGKILL");
  };
}

async function feed(
  child: ChildProcess,
  stdin: string | undefined,
): Promise<void> {
  try {
    if (stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      writer.releaseLock();
    }
    await child.stdin.close();
  } catch {
    // A child need not read what it is given.
  }
}

/** Reads a stream to its end, streaming it on, up to a bound. */
function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  options: { readonly context: ActivityContext; readonly flood: () => void },
): { readonly text: Promise<string>; readonly end: () => void } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  const take = (piece: string): void => {
    if (piece === "") return;
    text += piece;
    options.context.emit({ type: "OUTPUT_DELTA", text: piece });
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

function outcomeOf(input: ShellInput, ended: Ended): ActivityOutcome {
  const { code, stdout, stderr } = ended;
  if (ended.flooded) {
    return failed(
      "runtime",
      `Command ${quoted(input.command)} wrote more than ` +
        `${OUTPUT_SIZE_BYTES_MAX} bytes`,
    );
  }
  switch (input.return) {
    case "code":
      return { kind: "completed", output: code };
    case "all":
      return { kind: "completed", output: { code, stdout, stderr } };
  }
  if (code !== 0) {
    return failed(
      "runtime",
      `Command ${quoted(input.command)} exited with ${code}${tail(ended)}`,
    );
  }
  switch (input.return) {
    case "stdout":
      return { kind: "completed", output: stdout };
    case "stderr":
      return { kind: "completed", output: stderr };
    case "none":
      return { kind: "completed", output: null };
  }
}

function tail({ stderr, stdout }: Ended): string {
  const text = (stderr.trim() === "" ? stdout : stderr).trim();
  if (text === "") return "";
  return text.length <= EXCERPT_LENGTH_MAX
    ? `: ${text}`
    : `: …${text.slice(-EXCERPT_LENGTH_MAX)}`;
}

function quoted(command: string): string {
  const line = command.trim().split("\n")[0] ?? "";
  return line.length > 80 ? `"${line.slice(0, 80)}…"` : `"${line}"`;
}

function failed(
  kind: Parameters<typeof failureOf>[0],
  detail: string,
): ActivityOutcome {
  return { kind: "failed", failure: failureOf(kind, detail) };
}

function parseInput(json: Json): ShellInput {
  const input = isJsonObject(json) ? json : {};
  const stdin = member(input, "stdin");
  return {
    command: String(member(input, "command") ?? ""),
    args: parseArguments(member(input, "arguments")),
    stdin: stdin === undefined || stdin === null ? undefined : asText(stdin),
    environment: parseEnvironment(member(input, "environment")),
    await: member(input, "await") !== false,
    return: parseReturn(member(input, "return")),
  };
}

/** A list as it is; an object as `name=value`, or `name` for null. */
function parseArguments(json: Json | undefined): string[] {
  if (isJsonArray(json)) return json.map(asText);
  if (!isJsonObject(json)) return [];
  return Object.entries(json).map(([name, value]) =>
    value === null ? name : `${name}=${asText(value)}`
  );
}

function parseEnvironment(json: Json | undefined): Record<string, string> {
  const object: JsonObject = isJsonObject(json) ? json : {};
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null)
      .map(([name, value]) => [name, asText(value)]),
  );
}

function parseReturn(json: Json | undefined): Return {
  switch (json) {
    case "stderr":
    case "code":
    case "all":
    case "none":
      return json;
    default:
      return "stdout";
  }
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
