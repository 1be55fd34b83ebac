/**
 * The messages of a channel, one after another: over HTTP as server-sent
 * events, lines of JSON, or one answer; over a WebSocket as they come.
 *
 * @module
 */

import type { Host, Socket } from "../host/host.ts";
import { withPlainPermissions } from "../host/missing_permission.ts";
import { innermostCause, StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import {
  contentOf,
  excerpt,
  mediaType,
  readBounded,
  statusLine,
} from "./_answer.ts";
import { type Channel, located } from "./_asyncapi_document.ts";
import { Fault, fault } from "./_fault.ts";
import { linesOf, serverEvents } from "./_stream.ts";
import type { Authorizer } from "./authorize.ts";

const ACCEPT =
  "text/event-stream, application/x-ndjson, application/json;q=0.9, */*;q=0.5";
const LINES: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
]);
/** Of a server, or of what stands before it, that will be there again. */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504]);
/** How often a broken stream is opened again without a message in between. */
const REOPENED_MAX = 5;
const REOPEN_DELAY_MS = 1000;
const REOPEN_DELAY_MS_MIN = 100;
const REOPEN_DELAY_MS_MAX = 60_000;

/** Where a stream stands: enough to go on after the last message. */
export interface Cursor {
  /** Messages that came. */
  readonly count: number;
  /** The id that the server gave last, if it gives any. */
  readonly id: string;
}

/** A message with where the stream stands after it. */
export interface Received {
  readonly message: JsonObject;
  readonly cursor: Cursor;
}

/** What messages are read with. */
export interface SourceOptions {
  readonly host: Pick<Host, "clock" | "network">;
  readonly authorizer: Authorizer;
  readonly authentication: Json | undefined;
  readonly signal: AbortSignal;
}

/** Reads the messages of a channel after a cursor, until the server ends. */
export async function* messagesOf(
  channel: Channel,
  cursor: Cursor,
  options: SourceOptions,
): AsyncGenerator<Received> {
  let at = cursor;
  const came = (payload: Json, more: {
    readonly headers?: JsonObject;
    readonly id?: string;
  } = {}): Received => {
    at = { count: at.count + 1, id: more.id ?? "" };
    const message = messageOf(payload, more.headers ?? {}, channel);
    return { message, cursor: at };
  };
  if (channel.protocol === "ws") {
    for await (const payload of fromSocket(channel, options)) {
      yield came(payload);
    }
    return;
  }
  yield* fromHttp(channel, options, { cursor: () => at, came });
}

interface Keeping {
  readonly cursor: () => Cursor;
  readonly came: (
    payload: Json,
    more?: { readonly headers?: JsonObject; readonly id?: string },
  ) => Received;
}

async function* fromHttp(
  channel: Channel,
  options: SourceOptions,
  keeping: Keeping,
): AsyncGenerator<Received> {
  let retryMs: number | undefined;
  for (let tries = 0;; tries++) {
    const before = keeping.cursor().count;
    const opened = await open(channel, keeping.cursor(), options);
    if (opened.kind === "nothing") return;
    let why: unknown;
    if (opened.kind === "away") {
      why = opened.fault;
    } else if (mediaType(opened.response) !== "text/event-stream") {
      return yield* fromAnswer(opened.response, channel, keeping);
    } else {
      try {
        for await (const event of eventsOf(opened.response)) {
          retryMs = event.retryMs ?? retryMs;
          yield keeping.came(parsed(event.data), {
            headers: { id: event.id, event: event.event },
            id: event.id,
          });
        }
        // A server that wants its clients back says when.
        if (retryMs === undefined) return;
      } catch (error) {
        if (error instanceof Fault || options.signal.aborted) throw error;
        why = broken(channel, error);
      }
    }
    if (why === undefined || keeping.cursor().count > before) tries = 0;
    // Without ids it is not known what was missed.
    const isLost = keeping.cursor().id === "" || tries >= REOPENED_MAX;
    if (why !== undefined && isLost) throw why;
    await options.host.clock.sleep(reopenDelay(retryMs), options.signal);
  }
}

/** What a server wants, within what both sides can bear. */
function reopenDelay(retryMs: number = REOPEN_DELAY_MS): number {
  return Math.min(Math.max(retryMs, REOPEN_DELAY_MS_MIN), REOPEN_DELAY_MS_MAX);
}

function eventsOf(response: Response) {
  return serverEvents(response.body ?? new ReadableStream(), {
    lengthMax: VALUE_SIZE_BYTES_MAX,
  });
}

/** What became of asking for messages. */
type Opened =
  | { readonly kind: "open"; readonly response: Response }
  /** The server says that there are none, and will be none. */
  | { readonly kind: "nothing" }
  /** It cannot be reached, or not serve, for now. */
  | { readonly kind: "away"; readonly fault: Fault };

/** Asks for the messages. */
async function open(
  channel: Channel,
  cursor: Cursor,
  { authorizer, authentication, signal }: SourceOptions,
): Promise<Opened> {
  const request = new Request(channel.url, {
    method: channel.method,
    headers: {
      accept: ACCEPT,
      "cache-control": "no-store",
      ...(cursor.id === "" ? {} : { "last-event-id": cursor.id }),
    },
    signal,
  });
  const what = `Reading from ${channel.url}`;
  let response: Response;
  try {
    response = await authorizer.fetch(request, authentication);
  } catch (error) {
    if (error instanceof StigmerError || signal.aborted) throw error;
    const why = withPlainPermissions(innermostCause(error));
    const message = `${what} failed: ${why}`;
    return { kind: "away", fault: fault("communication", message) };
  }
  const { status } = response;
  if (response.ok && status !== 204) return { kind: "open", response };
  const bytes = await readBounded(response) ?? new Uint8Array();
  if (status === 204) return { kind: "nothing" };
  const refused = fault(
    "communication",
    `${what} failed: the server answered ${statusLine(response)}${
      excerpt(response, bytes)
    }`,
    { status },
  );
  if (AWAY.has(status)) return { kind: "away", fault: refused };
  throw refused;
}

/** One answer: a line, an item of an array or the whole is a message. */
async function* fromAnswer(
  response: Response,
  channel: Channel,
  { came, cursor }: Keeping,
): AsyncGenerator<Received> {
  if (LINES.has(mediaType(response))) {
    const options = { lengthMax: VALUE_SIZE_BYTES_MAX };
    const body = response.body ?? new ReadableStream();
    try {
      for await (const line of linesOf(body, options)) {
        if (line.trim() !== "") yield came(parsed(line));
      }
    } catch (error) {
      throw error instanceof Fault ? error : broken(channel, error);
    }
    return;
  }
  const bytes = await readBounded(response);
  if (bytes === undefined) {
    throw fault(
      "communication",
      `${channel.url} answered more than ${VALUE_SIZE_BYTES_MAX} bytes`,
    );
  }
  const content = contentOf(response, bytes);
  if (content === undefined) {
    throw fault(
      "communication",
      `${channel.url} answered with JSON that cannot be read${
        excerpt(response, bytes)
      }`,
    );
  }
  const items = isJsonArray(content) ? content : [content];
  // Whoever asks again gets the same answer from its beginning.
  for (const item of items.slice(cursor().count)) yield came(item);
}

async function* fromSocket(
  channel: Channel,
  { host, authorizer, authentication, signal }: SourceOptions,
): AsyncGenerator<Json> {
  const authorization = await authorizer.authorization(authentication, signal);
  const socket = await opened(host, channel, { authorization, signal });
  try {
    for await (const data of socket.messages) {
      yield typeof data === "string" ? parsed(data) : data.toBase64();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw broken(channel, error);
  } finally {
    await socket.close();
  }
}

/** Opens a WebSocket, and says in words why it cannot be. */
export async function opened(
  host: Pick<Host, "network">,
  { url }: Channel,
  { authorization, signal }: {
    readonly authorization:
      | { readonly scheme: string; readonly parameter: string }
      | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Socket> {
  try {
    return await host.network.openSocket(url, {
      signal,
      headers: authorization === undefined ? {} : {
        authorization: `${authorization.scheme} ${authorization.parameter}`,
      },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const why = withPlainPermissions(innermostCause(error));
    throw fault("communication", `Connecting to ${url} failed: ${why}`);
  }
}

/**
 * A message as tasks see it. A server of HTTP that passes messages on has only
 * the body to say what their headers are: one that looks like a message is it.
 */
function messageOf(
  item: Json,
  headers: JsonObject,
  { correlation }: Channel,
): JsonObject {
  const isWhole = isJsonObject(item) && Object.hasOwn(item, "payload") &&
    Object.keys(item).every((key) =>
      ["payload", "headers", "correlationId"].includes(key)
    );
  const own = isWhole ? member(item, "headers") : undefined;
  const message = {
    payload: isWhole ? member(item, "payload") ?? null : item,
    headers: isJsonObject(own) ? own : headers,
  };
  const correlationId = (isWhole ? member(item, "correlationId") : undefined) ??
    located(correlation, message);
  return correlationId === undefined ? message : { ...message, correlationId };
}

/** JSON where it is some, else the text. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function broken({ url }: Channel, error: unknown): Fault {
  return fault(
    "communication",
    `Reading from ${url} broke off: ${innermostCause(error)}`,
  );
}
