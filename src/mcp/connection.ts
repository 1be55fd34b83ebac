/**
 * One live connection to a tool server.
 *
 * @module
 */

import type { Client, RequestOptions } from "@modelcontextprotocol/client";
import { StigmerError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { callResultSchema, type Elicit, newClient } from "./client.ts";
import {
  answerOf,
  inTime,
  isForgotten,
  isRefusal,
  isTimeout,
  isWithoutHandshake,
  lateness,
  MODERN_VERSION,
} from "./failure.ts";
import {
  listPrompts,
  listResources,
  listTools,
  type ServerPrompt,
  type ServerResource,
} from "./listing.ts";
import { type Link, type LinkScope, openLink } from "./open_link.ts";
import { progressTeller } from "./progress.ts";
import { type ToolResult, toolResult } from "./result.ts";
import type { ToolServer } from "./server.ts";
import { errorWords } from "./shown_line.ts";
import type { ServerTool } from "./server_tool.ts";
import { within } from "./within.ts";

/** Where a tool may find what makes a repeated call the same call. */
export const IDEMPOTENCY_META = "stigmer.ai/idempotency-key";
/** Wall time of one call at the most, however often it tells of progress. */
export const CALL_TOTAL_MS_MAX: number = 30 * 60_000;
/** How long requests beside one whose session is forgotten may take. */
const FORGOTTEN_MS_MAX = 1000;
/** Lines of what a server logs that are kept for the error of a call. */
const LOG_LINES_KEPT = 5;

/** A tool call. */
export interface ConnectionCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** How long it may say nothing: each progress begins it anew. */
  readonly timeoutMs: number;
  /** Wall time at the most; default {@linkcode CALL_TOTAL_MS_MAX}. */
  readonly totalMs?: number;
  /** Is told how far it has come, a line at a time. */
  readonly onProgress?: (line: string) => void;
}

/** What a server says of itself. */
export interface ServerAbout {
  /** What it calls itself, with its version. */
  readonly name: string;
  readonly instructions: string;
  readonly protocolVersion: string;
}

/** A live connection to a tool server. */
export interface Connection {
  /** Whether it is over, by a crash or by {@linkcode close}. */
  readonly closed: boolean;
  /** Whether the server has forgotten us: it is to be met anew. */
  readonly hasExpired: boolean;
  readonly about: ServerAbout;
  /** As they were listed last. */
  readonly tools: readonly ServerTool[];
  /** Whether the server said since that they are others now. */
  readonly hasChangedTools: boolean;
  /** Lists the tools anew. */
  relist(signal: AbortSignal): Promise<void>;
  /** Lists what else it offers. */
  offers(signal: AbortSignal): Promise<ServerOffers>;
  /** Calls a tool; throws a `StigmerError` when there is no answer. */
  call(call: ConnectionCall): Promise<ToolResult>;
  /** Ends the server with all that it started. */
  close(): Promise<void>;
}

/** What a server offers besides tools. */
export interface ServerOffers {
  readonly resources: readonly ServerResource[];
  readonly prompts: readonly ServerPrompt[];
}

/** What a server is started with. */
export interface ConnectScope extends LinkScope {
  readonly startTimeoutMs: number;
  /** Answers what the server asks the person; absent means that nobody does. */
  readonly elicit?: Elicit;
  /** Is told each line that the server logs. */
  readonly onLog?: (line: string) => void;
}

/** Starts or reaches a server and lists its tools. */
export async function connect(
  server: ToolServer,
  scope: ConnectScope,
): Promise<Connection> {
  try {
    return await new LiveConnection(server, scope).start();
  } catch (error) {
    scope.signal.throwIfAborted();
    const isOurs = error instanceof StigmerError;
    throw new StigmerError(
      isOurs ? error.code : "UNAVAILABLE",
      `Cannot start tool server "${server.name}": ${
        errorWords(error, hiderOf(scope))
      }`,
      { hints: isOurs ? error.hints : [], cause: error },
    );
  }
}

class LiveConnection implements Connection {
  readonly #server: ToolServer;
  readonly #scope: ConnectScope;
  #client: Client | undefined;
  #link: Link | undefined;
  #tools: readonly ServerTool[] = [];
  /** How often the server said that its tools have changed. */
  #changes = 0;
  /** How many of those were before the tools were listed last. */
  #listedChanges = 0;
  /** Requests under way. */
  readonly #asked = new Set<Promise<unknown>>();
  #closed = false;
  /** The request that told that the server has forgotten us. */
  #forgottenBy: unknown;
  /** Why it was ended from here, for the calls that are in flight then. */
  #ended: string | undefined;
  #logged: string[] = [];

  constructor(server: ToolServer, scope: ConnectScope) {
    this.#server = server;
    this.#scope = scope;
  }

  async start(): Promise<this> {
    try {
      await this.#meet();
      await this.#list(this.#scope.signal);
    } catch (error) {
      const why = await this.#trouble(error);
      await this.close();
      if (error instanceof StigmerError) throw error;
      throw new StigmerError("UNAVAILABLE", why, { cause: error });
    }
    return this;
  }

  /** Says what is wrong, of a server that has ended how it did. */
  async #trouble(error: unknown): Promise<string> {
    // What is ours says so itself, with stderr where there is any.
    if (error instanceof StigmerError) return error.message;
    const { startTimeoutMs: timeoutMs } = this.#scope;
    const words = await isTimeout(error)
      ? lateness(error, { timeoutMs })
      : errorWords(error, hiderOf(this.#scope));
    return this.#link?.trouble(words) ?? words;
  }

  /** Shakes hands; with a server that knows of no handshake, without. */
  async #meet(): Promise<void> {
    try {
      await this.#open({});
    } catch (error) {
      if (!await isWithoutHandshake(error)) throw error;
      await this.#leave();
      await this.#open({
        versionNegotiation: { mode: { pin: MODERN_VERSION } },
      });
    }
  }

  async #open(
    versions: NonNullable<Parameters<typeof newClient>[0]["versions"]>,
  ): Promise<void> {
    const link = await openLink(this.#server, this.#scope);
    this.#link = link;
    const client = await newClient({
      versions,
      ...(link.roots === undefined ? {} : { roots: link.roots }),
      ...(this.#scope.elicit === undefined
        ? {}
        : { elicit: this.#scope.elicit }),
      onToolsChanged: () => this.#changes++,
      hide: hiderOf(this.#scope),
      onLog: (line) => this.#log(line),
    });
    this.#client = client;
    await client.connect(link.transport, {
      signal: this.#scope.signal,
      timeout: this.#scope.startTimeoutMs,
    });
    const previous = client.onclose;
    client.onclose = () => {
      this.#closed = true;
      previous?.();
    };
  }

  #log(line: string): void {
    this.#logged = [...this.#logged, line].slice(-LOG_LINES_KEPT);
    this.#scope.onLog?.(line);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get hasExpired(): boolean {
    return this.#link?.hasExpired ?? false;
  }

  get tools(): readonly ServerTool[] {
    return this.#tools;
  }

  get hasChangedTools(): boolean {
    return this.#listedChanges !== this.#changes;
  }

  get about(): ServerAbout {
    const { name = "", version = "" } = this.#client?.getServerVersion() ?? {};
    return {
      name: `${name} ${version}`.trim(),
      instructions: this.#client?.getInstructions() ?? "",
      protocolVersion: this.#client?.getNegotiatedProtocolVersion() ?? "",
    };
  }

  async relist(signal: AbortSignal): Promise<void> {
    try {
      await this.#list(signal);
    } catch (error) {
      signal.throwIfAborted();
      const why = await this.#trouble(error);
      await this.#closeOver(error);
      throw new StigmerError(
        "UNAVAILABLE",
        `Cannot list the tools of tool server "${this.#server.name}" anew: ` +
          why,
        { cause: error },
      );
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    // What changes while it is listed is listed once more.
    const changes = this.#changes;
    this.#tools = await this.#listed(
      signal,
      (options) => listTools(this.#live, options),
    );
    this.#listedChanges = changes;
  }

  async offers(signal: AbortSignal): Promise<ServerOffers> {
    return await this.#listed(signal, async (options) => {
      const resources = await listResources(this.#live, options);
      return { resources, prompts: await listPrompts(this.#live, options) };
    });
  }

  /** All pages together have the time of a start. */
  #listed<T>(
    signal: AbortSignal,
    list: (options: RequestOptions) => Promise<T>,
  ): Promise<T> {
    const { host: { clock }, startTimeoutMs: totalMs } = this.#scope;
    return this.#noted(inTime(
      (signal) => list({ signal, timeout: totalMs }),
      { clock, signal, totalMs },
    ));
  }

  get #live(): Client {
    if (this.#client !== undefined) return this.#client;
    throw new StigmerError("UNAVAILABLE", "it is not connected");
  }

  async call(call: ConnectionCall): Promise<ToolResult> {
    const { onProgress = () => {}, totalMs = CALL_TOTAL_MS_MAX } = call;
    // It was told of while this call was being looked at.
    if (this.#forgottenBy !== undefined) {
      throw await this.#broken(this.#forgottenBy, call);
    }
    const { clock } = this.#scope.host;
    const request = {
      method: "tools/call",
      params: {
        name: call.tool,
        arguments: { ...call.arguments },
        _meta: { [IDEMPOTENCY_META]: call.idempotencyKey },
      },
    } as const;
    try {
      const schema = await callResultSchema();
      const asked = (signal: AbortSignal) =>
        this.#live.request(request, schema, {
          signal,
          timeout: call.timeoutMs,
          resetTimeoutOnProgress: true,
          onprogress: progressTeller(onProgress, hiderOf(this.#scope)),
        });
      const limits = { clock, signal: call.signal, totalMs };
      return toolResult(await this.#noted(inTime(asked, limits)));
    } catch (error) {
      call.signal.throwIfAborted();
      const answered = await answerOf(error);
      if (answered !== undefined) return answered;
      if (isRefusal(error)) throw this.#refused(error, call);
      throw await this.#broken(error, call);
    }
  }

  /** Says why a call was not made; other calls may be. */
  #refused(error: StigmerError, { tool }: ConnectionCall): StigmerError {
    return new StigmerError(
      error.code,
      `Cannot call "${tool}" of tool server "${this.#server.name}": ` +
        error.message,
      { hints: error.hints, cause: error },
    );
  }

  /** Ends the connection over a call without an answer, and says why. */
  async #broken(error: unknown, call: ConnectionCall): Promise<StigmerError> {
    const isLate = await isTimeout(error);
    const why = isLate
      ? lateness(error, call)
      : this.#ended ?? await this.#trouble(error);
    // A server that hangs would hang again, with all that waits for it.
    this.#ended ??= isLate
      ? `it was ended because call "${call.tool}" timed out`
      : undefined;
    await this.#closeOver(error);
    const logged = this.#logged.length === 0
      ? ""
      : `; it logged:\n${this.#logged.join("\n")}`;
    return new StigmerError(
      isLate ? "DEADLINE_EXCEEDED" : "UNAVAILABLE",
      `Cannot call "${call.tool}" of tool server "${this.#server.name}": ` +
        `${why}${logged}`,
      { cause: error },
    );
  }

  #noted<T>(asking: Promise<T>): Promise<T> {
    this.#asked.add(asking);
    return asking.finally(() => this.#asked.delete(asking));
  }

  /**
   * Ends the connection over a request. Where the server knows nothing of it,
   * those beside hear so by themselves: they were not made, and can be.
   */
  async #closeOver(error: unknown): Promise<void> {
    this.#closed = true;
    if (this.hasExpired && await isForgotten(error)) {
      this.#forgottenBy ??= error;
      const { clock } = this.#scope.host;
      await within(clock, Promise.allSettled(this.#asked), FORGOTTEN_MS_MAX);
    }
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#link?.end();
    await closeFully(this.#client, this.#link?.transport);
  }
}

function hiderOf({ secrets }: LinkScope): (text: string) => string {
  return secrets?.hide ?? ((text) => text);
}

/** Closes a client; the transport in any case, which waits for its child. */
export async function closeFully(
  client: Client | undefined,
  transport: Link["transport"] | undefined,
): Promise<void> {
  await client?.close().catch(() => {});
  await transport?.close().catch(() => {});
}
