/**
 * HTTP to one server: how requests go out, and which answers come through.
 *
 * A request goes out whole, so that a connection that died in the pool is
 * replaced without anybody noticing. It follows no redirect.
 *
 * @module
 */

import type { ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn } from "@connectrpc/connect/protocol";
import type { Host, HttpClient } from "../host/host.ts";
import { VERSION } from "../model/version.ts";
import { refusedAnswer, VERSION_HEADER } from "./cloud_answer.ts";
import { silentServer, unreachable } from "./cloud_errors.ts";

/** How a server is spoken to. */
export interface CloudHttpOptions {
  readonly host: Host;
  readonly http: HttpClient;
  /** The endpoint as people write it. */
  readonly endpoint: string;
  readonly token?: string;
  readonly connectTimeoutMs: number;
  /** Called with each answer of the server, with its release if it says so. */
  readonly onAnswer: (version: string | undefined) => void;
}

/** How long a call waits before it asks whether anybody is there at all. */
const PROBE_AFTER_MS = 1_000;

/** Makes what sends the requests of a transport. */
export function createCloudHttp(options: CloudHttpOptions): UniversalClientFn {
  const { endpoint, token, onAnswer } = options;
  return async ({ url, method, header, body, signal }) => {
    header.set(VERSION_HEADER, VERSION);
    if (token !== undefined) header.set("authorization", `Bearer ${token}`);
    const response = await answerOf(options, {
      url,
      method,
      headers: header,
      body: await whole(body),
      signal: signal ?? NEVER,
    });
    const { status, headers } = response;
    const version = headers.get(VERSION_HEADER) ?? undefined;
    const refused = refusedAnswer(endpoint, response);
    if (refused === undefined || version !== undefined) onAnswer(version);
    if (refused === undefined) {
      return {
        status,
        header: unpacked(headers),
        body: piecesOf(response),
        trailer: new Headers(),
      };
    }
    await response.body?.cancel();
    throw refused;
  };
}

const NEVER: AbortSignal = new AbortController().signal;

/** The pieces of a body; who leaves cancels what is to come. */
async function* piecesOf(
  { body }: Response,
): AsyncGenerator<Uint8Array, void, void> {
  if (body === null) return;
  for await (const piece of body) yield piece;
}

/** A request is one piece, or two where its length goes before it. */
async function whole(
  body: AsyncIterable<Uint8Array> | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  if (body === undefined) return new Uint8Array();
  for await (const piece of body) pieces.push(new Uint8Array(piece));
  const [first = new Uint8Array(), ...rest] = pieces;
  return rest.length === 0 ? first : await new Blob(pieces).bytes();
}

/**
 * `fetch` unpacks a body and leaves the headers that say it is packed, which
 * would have it unpacked once more.
 */
function unpacked(headers: Headers): Headers {
  if (!headers.has("content-encoding")) return headers;
  const rest = new Headers(headers);
  rest.delete("content-encoding");
  rest.delete("content-length");
  return rest;
}

/** A request as it goes out. */
interface WholeRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/**
 * Waits for the head of an answer. While it does not come, one connection
 * beside it finds out whether the address can be reached: `fetch` alone would
 * wait for minutes where packets vanish.
 */
async function answerOf(
  options: CloudHttpOptions,
  { url, signal, ...request }: WholeRequest,
): Promise<Response> {
  const { host, http, endpoint, connectTimeoutMs } = options;
  const silent = new AbortController();
  const answered = new AbortController();
  const stop = host.clock.timer(
    Math.min(PROBE_AFTER_MS, connectTimeoutMs / 2),
    () => {
      probe(options, url, answered.signal).then((failure) => {
        if (failure !== undefined) silent.abort(failure);
      });
    },
  );
  try {
    return await http.fetch(
      new Request(url, {
        ...request,
        signal: AbortSignal.any([signal, silent.signal]),
        redirect: "manual",
      }),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    throw silent.signal.aborted
      ? silent.signal.reason
      : unreachable(endpoint, error);
  } finally {
    stop();
    answered.abort();
  }
}

/** Says whether an address can be reached, unless the answer is there first. */
async function probe(
  options: CloudHttpOptions,
  url: string,
  answered: AbortSignal,
): Promise<ConnectError | undefined> {
  const { host, http, endpoint, connectTimeoutMs } = options;
  const late = new AbortController();
  const waitedMs = Math.min(PROBE_AFTER_MS, connectTimeoutMs / 2);
  const stop = host.clock.timer(
    connectTimeoutMs - waitedMs,
    () => late.abort(),
  );
  try {
    await http.reach(url, AbortSignal.any([answered, late.signal]));
    return undefined;
  } catch {
    // What else is wrong with the address, the request itself says best.
    return late.signal.aborted
      ? silentServer(endpoint, connectTimeoutMs)
      : undefined;
  } finally {
    stop();
  }
}
