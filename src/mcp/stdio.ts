/**
 * The stdio transport: a tool server as a child process.
 *
 * It stands apart from the SDK's own because it must end what it started,
 * with all that the child started in turn, and read large lines in linear
 * time.
 *
 * @module
 */

import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import type { ChildProcess, Host, SpawnOptions } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import { isNestedTooDeeply, NESTING_MAX } from "./nesting.ts";
import { readableMessage } from "./no_answer.ts";
import { readLines } from "./lines.ts";
import { within } from "./within.ts";

/** Bytes of one message of a server at the most. */
export const LINE_SIZE_BYTES_MAX: number = 64 * 1024 * 1024;
/** Characters of a server's stderr that an error shows. */
const STDERR_LENGTH_MAX = 4000;
/**
 * Characters of it that are kept: what is hidden in them is hidden before they
 * are cut, and may itself be long.
 */
const STDERR_KEPT_MAX: number = 128 * 1024;
/** Lines that are no messages, after which a server counts as broken. */
const GARBAGE_LINES_MAX = 100;
/** The last of them, which are kept. */
const GARBAGE_LINES_KEPT = 5;
/** Characters of one that an error shows the beginning of. */
const GARBAGE_SHOWN_MAX: number = 256 * 1024;
const GARBAGE_LENGTH_MAX = 200;
/** How long a server may take to end once its stdin is, before SIGTERM. */
const STDIN_GRACE_MS = 300;
/** How long a server may take to end after SIGTERM, before SIGKILL. */
const END_GRACE_MS = 2000;
/**
 * How long output is still read from pipes after their process ended, and
 * once more after its group did.
 */
const DRAIN_MS_MAX = 500;

/** What a server is started with besides its command. */
export interface StdioOptions {
  /** Hides what no error may show. */
  readonly hide?: (text: string) => string;
}

/** A tool server as a child process, to be given to the SDK's client. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;

  readonly #host: Host;
  readonly #spawn: SpawnOptions;
  readonly #hide: (text: string) => string;
  #child: ChildProcess | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #stderr = "";
  #isStderrCut = false;
  #garbage: string[] = [];
  #garbageCount = 0;
  #end = "";
  /** Whether the child and its group are gone: its id may be another's. */
  #over = false;

  constructor(
    host: Host,
    spawn: SpawnOptions,
    { hide = (text) => text }: StdioOptions = {},
  ) {
    this.#host = host;
    this.#hide = hide;
    this.#spawn = { ...spawn, group: true, tied: true, reaped: true };
  }

  start(): Promise<void> {
    try {
      this.#child = this.#host.processes.spawn(this.#spawn);
    } catch (error) {
      return Promise.reject(
        new StigmerError(
          "UNAVAILABLE",
          `"${this.#spawn.command}" cannot be started: ${messageOf(error)}`,
          { cause: error },
        ),
      );
    }
    this.#writer = this.#child.stdin.getWriter();
    this.#ended = this.#attend(this.#child);
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
    if (this.#writer === undefined || this.#closing !== undefined) {
      throw new StigmerError("UNAVAILABLE", this.trouble());
    }
    try {
      await this.#writer.write(bytes);
    } catch (error) {
      // The pipe broke because the server is ending: how, it says in a moment.
      await within(this.#host.clock, this.#ended, END_GRACE_MS);
      throw new StigmerError("UNAVAILABLE", this.trouble(), { cause: error });
    }
  }

  /** Ends the child with all that it started; resolves once it is gone. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  /** Whether the server ended, for whichever reason. */
  get hasEnded(): boolean {
    return this.#end !== "";
  }

  /** Says in words how the server stands, for errors: of one that goes on, that. */
  trouble(otherwise = "it did not answer"): string {
    const parts = [this.#end || otherwise];
    const line = this.#garbage.at(0);
    if (line !== undefined) {
      parts.push(`it wrote ${line}, which is no message`);
    }
    const stderr = this.#hide(this.#stderrLines()).slice(-STDERR_LENGTH_MAX)
      .trim();
    if (stderr !== "") parts.push(`its stderr ends in:\n${stderr}`);
    return parts.join("; ");
  }

  /** Follows the child from its start to its end. */
  async #attend(child: ChildProcess): Promise<void> {
    const { clock } = this.#host;
    const letGo = new AbortController();
    const reading = this.#read(child, letGo.signal);
    const draining = this.#drain(child, letGo.signal);
    const { code, signal } = await child.status;
    this.#end ||= signal === undefined
      ? `it ended with exit code ${code}`
      : `it ended by ${signal}`;
    // Whoever it left behind in its group holds the pipes open.
    const both = Promise.allSettled([reading, draining]);
    await within(clock, both, DRAIN_MS_MAX);
    child.kill("SIGKILL");
    this.#over = true;
    // Whoever left the group as well can only be left alone.
    if (!await within(clock, both, DRAIN_MS_MAX)) letGo.abort();
    await both;
    await this.#writer?.close().catch(() => {});
    this.onclose?.();
  }

  async #read(child: ChildProcess, signal: AbortSignal): Promise<void> {
    try {
      const options = { lineSizeBytesMax: LINE_SIZE_BYTES_MAX };
      for await (
        const line of readLines(until(child.stdout, signal), options)
      ) {
        this.#take(line);
      }
    } catch (error) {
      this.#end ||= messageOf(error);
      if (!this.#over) child.kill("SIGKILL");
    }
  }

  #take(line: string): void {
    if (line.trim() === "") return;
    if (isNestedTooDeeply(line)) {
      throw new StigmerError(
        "RESOURCE_EXHAUSTED",
        `it wrote JSON that is nested more than ${NESTING_MAX} levels deep`,
      );
    }
    const message = parseMessage(line);
    if (message !== undefined) {
      return this.onmessage?.(readableMessage(message));
    }
    this.#garbage = [...this.#garbage, this.#shown(line)]
      .slice(-GARBAGE_LINES_KEPT);
    if (++this.#garbageCount >= GARBAGE_LINES_MAX) {
      throw new StigmerError(
        "UNAVAILABLE",
        `it wrote ${GARBAGE_LINES_MAX} lines that are no messages`,
      );
    }
  }

  /** The beginning of a line; one that is too long to hide in is counted. */
  #shown(line: string): string {
    return line.length > GARBAGE_SHOWN_MAX
      ? `a line of ${line.length} characters`
      : JSON.stringify(this.#hide(line).slice(0, GARBAGE_LENGTH_MAX));
  }

  /** What is kept of stderr, without a line that has lost its beginning. */
  #stderrLines(): string {
    return this.#isStderrCut
      ? this.#stderr.slice(this.#stderr.indexOf("\n") + 1 || Infinity)
      : this.#stderr;
  }

  async #drain(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of until(child.stderr, signal)) {
      const text = decoder.decode(chunk, { stream: true });
      const all = this.#stderr + text;
      this.#isStderrCut ||= all.length > STDERR_KEPT_MAX;
      this.#stderr = all.slice(-STDERR_KEPT_MAX);
    }
  }

  async #shutDown(): Promise<void> {
    const child = this.#child;
    if (child === undefined || this.#over) return await this.#ended;
    const { clock } = this.#host;
    // Closing stdin asks it to end; a blocked pipe must not hold us up.
    this.#writer?.close().catch(() => {});
    if (await within(clock, this.#ended, STDIN_GRACE_MS)) return;
    if (!this.#over) child.kill("SIGTERM");
    if (await within(clock, this.#ended, END_GRACE_MS)) return;
    if (!this.#over) child.kill("SIGKILL");
    await this.#ended;
  }
}

/** The pieces of a stream that can be left while one is waited for. */
async function* until(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const reader = stream.getReader();
  const leave = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", leave, { once: true });
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}

function parseMessage(line: string): JSONRPCMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isMessage = typeof value === "object" && value !== null &&
      "jsonrpc" in value && value.jsonrpc === "2.0";
    return isMessage ? value as JSONRPCMessage : undefined;
  } catch {
    return undefined;
  }
}
