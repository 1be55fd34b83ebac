/**
 * Answers gRPC itself on a listener of its own: it needs trailers, which come
 * after a body. Connect and gRPC-Web are answered there as well.
 *
 * @module
 */

import type {
  Host,
  Http2Request,
  Http2Response,
  HttpServer,
  ServeHttpOptions,
} from "../host/host.ts";
import { VERSION } from "../model/version.ts";
import { timelyBody } from "./body.ts";
import type { Call, Calls, Peer } from "./calls.ts";
import { isGrpc, refuseGrpcMethod } from "./grpc_refusal.ts";
import type { RpcHandler } from "./handle.ts";
import type { ServerLimits } from "./limits.ts";
import { REQUEST_ID_HEADER } from "./request_id.ts";

/** What a failed call says in words. */
const MESSAGE_TRAILER = "grpc-message";
/** What a failed call says besides, packed. */
const DETAILS_TRAILER = "grpc-status-details-bin";
/**
 * Letters of both: HTTP/2 breaks a call off whose trailers are over 64 KiB, and
 * one letter of a message may become nine.
 */
const MESSAGE_LENGTH_MAX = 2 * 1024;
const DETAILS_LENGTH_MAX = 32 * 1024;

/** Where and how gRPC is answered. */
export interface GrpcOptions {
  readonly host: Pick<Host, "clock" | "network">;
  readonly listener: ServeHttpOptions & {
    /** Whether who comes there needs no token. */
    readonly open: boolean;
  };
  readonly limits: ServerLimits;
  readonly calls: Calls;
  readonly rpc: RpcHandler;
}

/** Starts to listen for gRPC. */
export function listenGrpc(options: GrpcOptions): Promise<HttpServer> {
  const { open, ...where } = options.listener;
  const { kind } = where.address;
  return options.host.network.serveHttp2(
    where,
    async (request, { address, completed }) => {
      const peer = { address, kind, open };
      return stamped(await answer(options, request, { peer, completed }));
    },
  );
}

async function answer(
  options: GrpcOptions,
  request: Http2Request,
  { peer, completed }: {
    readonly peer: Peer;
    readonly completed: Promise<void>;
  },
): Promise<Http2Response> {
  const { headers } = request;
  const [path = ""] = request.path.split("?", 1);
  const method = options.rpc.methodAt(path);
  if (method === undefined) {
    return isGrpc(request) ? refuseGrpcMethod(path) : { status: 404 };
  }
  const call = await options.calls.open({ method, headers, peer });
  try {
    const response = await answerCall(options, request, {
      call,
      isLasting: method.methodKind === "bidi_streaming",
    });
    const end = (): void => call.end(response.status);
    completed.then(end, end);
    return response;
  } catch (error) {
    call.end(500);
    throw error;
  }
}

async function answerCall(
  { host, limits, rpc }: GrpcOptions,
  request: Http2Request,
  { call, isLasting }: {
    readonly call: Call;
    /** Whether the request may go on as long as its answer. */
    readonly isLasting: boolean;
  },
): Promise<Http2Response> {
  const { clock } = host;
  const { status, header = new Headers(), body, trailer } = await rpc.answer({
    httpVersion: "2",
    // Only the path counts; the authority may be anything.
    url: `http://localhost${request.path}`,
    method: request.method,
    header: request.headers,
    body: isLasting
      ? request.body
      : timelyBody(request.body, { clock, limits }),
    signal: request.signal,
  }, call);
  header.set(REQUEST_ID_HEADER, call.requestId);
  if (body === undefined || trailer === undefined) {
    return { status, headers: header, ...(body === undefined ? {} : { body }) };
  }
  return {
    status,
    headers: header,
    body: followed(body, () => {
      spellMessage(trailer);
      boundDetails(trailer);
    }),
    trailers: trailer,
  };
}

async function* followed(
  body: AsyncIterable<Uint8Array>,
  then: () => void,
): AsyncGenerator<Uint8Array> {
  yield* body;
  then();
}

/**
 * Encodes of an error's message only what must be: the client of Node.js does
 * not decode what else can be encoded, and would show "%3A".
 */
function spellMessage(trailer: Headers): void {
  const message = trailer.get(MESSAGE_TRAILER);
  if (message === null) return;
  const text = decodeURIComponent(message);
  const shown = text.length <= MESSAGE_LENGTH_MAX
    ? text
    : `${text.slice(0, MESSAGE_LENGTH_MAX - 1).toWellFormed()}…`;
  trailer.set(MESSAGE_TRAILER, encodeURI(shown));
}

/** Without them code and message still arrive. */
function boundDetails(trailer: Headers): void {
  const { length } = trailer.get(DETAILS_TRAILER) ?? "";
  if (length > DETAILS_LENGTH_MAX) trailer.delete(DETAILS_TRAILER);
}

function stamped(response: Http2Response): Http2Response {
  const headers = response.headers ?? new Headers();
  headers.set("stigmer-version", VERSION);
  return { ...response, headers };
}
