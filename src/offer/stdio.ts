/**
 * Serves one client over stdin and stdout, a message a line. Nothing else may
 * write to stdout then.
 *
 * It stands apart from the SDK's own because a client that ends its input
 * still gets the answers that need no execution, and because large lines are
 * read in linear time.
 *
 * @module
 */

import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import type { Host } from "../host/host.ts";
import { readLines } from "../mcp/lines.ts";
import { isNestedTooDeeply } from "../mcp/nesting.ts";
import { LINE_SIZE_BYTES_MAX } from "../mcp/stdio.ts";
import { messageOf } from "../model/error.ts";
import type { Line } from "./call.ts";
import type { Offer } from "./server.ts";

/** How long answers may take that a client does not wait for with its input. */
const LAST_ANSWERS_MS_MAX = 5000;
/** How often it is looked whether they are all there. */
const LAST_ANSWERS_LOOK_MS = 10;
const PARSE_ERROR = -32700;
/** What takes as long as executions do: it ends with the client. */
const LONG_METHODS: ReadonlySet<unknown> = new Set([
  "tools/call",
  "subscriptions/listen",
]);

/**
 * Serves until the client ends its input, or the signal is aborted: what its
 * calls began is cancelled then, but for what waits for a person.
 *
 * @param options.onError Told of what the protocol has no answer for.
 */
export async function serveStdio(
  offer: Offer,
  { host, onError, signal }: {
    readonly host: Pick<Host, "clock" | "terminal">;
    readonly onError: (error: Error) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { serveStdio } = await import("@modelcontextprotocol/server/stdio");
  const lines = new Set<Line>();
  const subscriptions = new Set<() => void>();
  const transport = new StdioTransport(host, {
    signal,
    onEnding() {
      for (const line of lines) line.isClosing = true;
    },
  });
  const handle = serveStdio(async ({ era }) => {
    const { line, server } = await offer.newServer({ era });
    lines.add(line);
    subscriptions.add(offer.changes.subscribe(() => {
      void server.sendToolListChanged().catch(() => {});
    }));
    return server;
  }, { transport, onerror: onError });
  await transport.ended;
  for (const unsubscribe of subscriptions) unsubscribe();
  await handle.close();
  await offer.settled();
}

/** The standard streams of this process as a transport. */
class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;

  /** Resolves when nothing comes any more. */
  readonly ended: Promise<void>;
  readonly #end: () => void;
  readonly #clock: Host["clock"];
  readonly #input: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #onEnding: () => void;
  /** Requests that are answered soon, and are not yet. */
  readonly #pending = new Set<unknown>();
  #isClosed = false;

  constructor(
    { clock, terminal }: Pick<Host, "clock" | "terminal">,
    { onEnding, signal }: {
      readonly onEnding: () => void;
      readonly signal: AbortSignal;
    },
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { input, output } = terminal.pipes();
    this.ended = promise;
    this.#end = resolve;
    this.#clock = clock;
    this.#input = input;
    this.#writer = output.getWriter();
    this.#onEnding = onEnding;
    signal.addEventListener("abort", () => void this.close(), { once: true });
    if (signal.aborted) void this.close();
  }

  start(): Promise<void> {
    void this.#read();
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#write(message);
    } catch {
      // Whoever does not read any more is gone.
      await this.close();
    } finally {
      if (
        "id" in message && !("method" in message) && message.id !== undefined
      ) {
        this.#pending.delete(message.id);
      }
    }
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    this.#onEnding();
    this.onclose?.();
    this.#end();
    return Promise.resolve();
  }

  async #read(): Promise<void> {
    const limit = { lineSizeBytesMax: LINE_SIZE_BYTES_MAX };
    try {
      for await (const line of readLines(this.#input, limit)) {
        if (this.#isClosed) return;
        if (line.trim() !== "") await this.#take(line);
      }
    } catch (error) {
      this.onerror?.(new Error(`Cannot read stdin: ${messageOf(error)}`));
    }
    await this.#lastAnswers();
    await this.close();
  }

  async #take(line: string): Promise<void> {
    const message = isNestedTooDeeply(line) ? undefined : parsed(line);
    if (message === undefined) {
      await this.#write({
        jsonrpc: "2.0",
        id: null,
        error: {
          code: PARSE_ERROR,
          message: "Cannot read a line as a message",
        },
      });
      return;
    }
    const request = "method" in message && "id" in message
      ? message
      : undefined;
    if (request !== undefined && !LONG_METHODS.has(request.method)) {
      this.#pending.add(request.id);
    }
    this.onmessage?.(message);
  }

  async #write(message: JSONRPCMessage | object): Promise<void> {
    const line = `${JSON.stringify(message)}\n`;
    await this.#writer.write(new TextEncoder().encode(line));
  }

  /** A client may write all it has to say, end its input, and then listen. */
  async #lastAnswers(): Promise<void> {
    const endMs = this.#clock.monotonic() + LAST_ANSWERS_MS_MAX;
    while (this.#pending.size > 0 && this.#clock.monotonic() < endMs) {
      if (this.#isClosed) return;
      await this.#clock.sleep(LAST_ANSWERS_LOOK_MS);
    }
  }
}

function parsed(line: string): JSONRPCMessage | undefined {
  try {
    const message: unknown = JSON.parse(line);
    const isMessage = typeof message === "object" && message !== null &&
      Reflect.get(message, "jsonrpc") === "2.0";
    // What it is made of is checked by what takes it.
    return isMessage ? message as JSONRPCMessage : undefined;
  } catch {
    return undefined;
  }
}
