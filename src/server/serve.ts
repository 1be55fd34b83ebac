/**
 * Listens, and answers the contract and the other paths of a server over one
 * local backend.
 *
 * @module
 */

import type { DescMethod } from "@bufbuild/protobuf";
import {
  type UniversalServerResponse,
  universalServerResponseToFetch,
} from "@connectrpc/connect/protocol";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Caller } from "../backend/caller.ts";
import type { LocalBackend } from "../backend/local.ts";
import type { Host, HttpServer, ServeHttpOptions } from "../host/host.ts";
import { VERSION } from "../model/version.ts";
import { unguarded } from "./authenticate.ts";
import { byRole } from "./authorize.ts";
import { bodyOf, joined } from "./body.ts";
import {
  type Authenticate,
  type Authorize,
  type Call,
  type Calls,
  createCalls,
  drainingError,
  type Peer,
} from "./calls.ts";
import { shownError } from "./errors.ts";
import { listenGrpc } from "./grpc.ts";
import { isGrpc, refuseGrpc } from "./grpc_refusal.ts";
import { addHealth } from "./grpc_health.ts";
import { createRpcHandler, type RpcHandler } from "./handle.ts";
import type { DeniedCall } from "./guard.ts";
import type { Hold } from "./holds.ts";
import { LIMITS_DEFAULT, type ServerLimits } from "./limits.ts";
import { createListeners } from "./listeners.ts";
import { type ServerLog, SILENT_LOG } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { problem, problemOf } from "./problem.ts";
import { UNARY_CACHE_CONTROL } from "./quick.ts";
import { createReadiness, type Readiness } from "./readiness.ts";
import { addReflection } from "./reflection.ts";
import { REQUEST_ID_HEADER, requestIdOf } from "./request_id.ts";
import { createRoutes, type Routes } from "./routes.ts";
import { followWork, type WorkCounts } from "./work_counts.ts";

/** Where a server listens. */
export interface Listener {
  readonly address: ServeHttpOptions["address"];
  /** Certificate and key (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether who comes there needs no token; default for unix sockets alone. */
  readonly open?: boolean;
}

/** How long answers that are under way may take once it ends. */
const CLOSE_GRACE_MS = 2000;

/** How a server is started. */
export interface StartServerOptions extends Listener {
  readonly host: Host;
  readonly backend: LocalBackend;
  /** Where it listens besides. */
  readonly also?: readonly Listener[];
  /** Finds out who calls; without it only open listeners take calls. */
  readonly authenticate?: Authenticate;
  /** Says who may call what; without it the role of who calls. */
  readonly authorize?: Authorize;
  /** Ends the streams of who may have them no more. */
  readonly hold?: (caller: Caller) => Hold;
  /** Told of what a service itself refused. */
  readonly denied?: (refused: DeniedCall) => void;
  readonly limits?: Partial<ServerLimits>;
  readonly log?: ServerLog;
  /** Activities at once of the executions that run here; 0 when none do. */
  readonly workerSlots?: number;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  /** The first of the listeners. */
  readonly http: HttpServer;
  /** All of them, in the order of the options. */
  readonly listeners: readonly HttpServer[];
  readonly readiness: Readiness;
  readonly calls: Calls;
  readonly work: WorkCounts;
  /** Takes another certificate, without an end to what is under way. */
  renew(tls: NonNullable<Listener["tls"]>): Promise<void>;
  /** Listens for gRPC besides; it ends with the server. */
  listenGrpc(listener: Listener): Promise<HttpServer>;
  /**
   * Takes no more calls and ends the streams; `/readyz` says so. Resolves when
   * the calls under way are answered.
   */
  drain(): Promise<void>;
}

/** What answers requests, whoever brings them. */
interface Desk {
  readonly options: StartServerOptions;
  readonly limits: ServerLimits;
  readonly calls: Calls;
  readonly rpc: RpcHandler;
  readonly routes: Routes;
}

/** Starts to listen. */
export function startServer(options: StartServerOptions): Server {
  const { host, backend } = options;
  const shutdown = new AbortController();
  const readiness = createReadiness();
  const metrics = createMetrics();
  const work = followWork(backend, metrics);
  const desk = openDesk(options, { readiness, metrics, work, shutdown });
  const listeners = createListeners({ host, log: options.log ?? SILENT_LOG });
  const open = (listener: Listener): HttpServer => listen(desk, listener);
  async function close(): Promise<void> {
    readiness.drain(drainingError());
    shutdown.abort(drainingError());
    const ended = listeners.shutdown();
    // Who does not read its answer must not hold the server.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const stop = host.clock.timer(CLOSE_GRACE_MS, resolve);
    await Promise.race([ended, late]);
    stop();
    work.close();
  }
  try {
    for (const listener of [options, ...options.also ?? []]) {
      listeners.add(listener, open(listener), open);
    }
  } catch (error) {
    void close();
    throw error;
  }
  const [http] = listeners.all();
  if (http === undefined) throw new Error("A server has a listener");
  readiness.becomeReady();
  return {
    http,
    get listeners() {
      return listeners.all();
    },
    renew: listeners.renew,
    readiness,
    calls: desk.calls,
    work,
    async listenGrpc(listener) {
      const openGrpc = (place: Listener): Promise<HttpServer> =>
        listenGrpc({
          ...desk,
          host,
          listener: { ...place, open: isOpen(place) },
        });
      const grpc = await openGrpc(listener);
      listeners.add(listener, grpc, openGrpc);
      return grpc;
    },
    drain() {
      readiness.drain(drainingError());
      return desk.calls.idle();
    },
    [Symbol.asyncDispose]: close,
  };
}

function openDesk(
  options: StartServerOptions,
  parts: {
    readonly readiness: Readiness;
    readonly metrics: Metrics;
    readonly work: WorkCounts;
    readonly shutdown: AbortController;
  },
): Desk {
  const { host, backend, log = SILENT_LOG } = options;
  const limits = { ...LIMITS_DEFAULT, ...options.limits };
  const { readiness, metrics } = parts;
  const startedAtMs = host.clock.now();
  const { authenticate = unguarded, authorize = byRole } = options;
  const calls = createCalls({
    host,
    limits,
    log,
    metrics,
    readiness,
    authenticate,
    authorize,
  });
  const rpc = createRpcHandler({
    serviceFor: (caller) =>
      backend.serviceFor(caller, {
        startedAtMs,
        workerSlots: options.workerSlots ?? 0,
      }),
    shutdown: parts.shutdown.signal,
    draining: readiness.draining,
    age: { clock: host.clock, ms: limits.watchMs },
    ...(options.hold === undefined ? {} : { hold: options.hold }),
    ...(options.denied === undefined ? {} : { denied: options.denied }),
    messageBytesMax: limits.messageBytesMax,
    log,
    more(router) {
      addHealth(router, { readiness, services: [BackendService.typeName] });
      addReflection(router, [BackendService, Health]);
    },
  });
  const routes = createRoutes({
    host,
    backend,
    calls,
    limits,
    log,
    metrics,
    readiness,
    startedAtMs,
    work: parts.work,
  });
  return { options, limits, calls, rpc, routes };
}

function listen(desk: Desk, listener: Listener): HttpServer {
  const { address, tls } = listener;
  const open = isOpen(listener);
  return desk.options.host.network.serveHttp(
    { address, ...(tls === undefined ? {} : { tls }) },
    (request, { address: from, completed }) => {
      const peer = { address: from, kind: address.kind, open };
      return answer(desk, request, { peer, completed });
    },
  );
}

function isOpen({ address, open }: Listener): boolean {
  return open ?? address.kind === "unix";
}

/** Where a request came from, and when its answer is through. */
interface From {
  readonly peer: Peer;
  readonly completed: Promise<void>;
}

/** Answers a request, whatever goes wrong: the platform has words of its own. */
async function answer(
  desk: Desk,
  request: Request,
  from: From,
): Promise<Response> {
  try {
    return await answerRequest(desk, request, from);
  } catch (thrown) {
    const { host, log = SILENT_LOG } = desk.options;
    const requestId = requestIdOf(request.headers, host);
    const method = request.method;
    const error = shownError(thrown, { requestId, log, method });
    return stamped(problemOf(error), requestId);
  }
}

async function answerRequest(
  desk: Desk,
  request: Request,
  from: From,
): Promise<Response> {
  const { headers } = request;
  const path = URL.parse(request.url)?.pathname;
  if (path === undefined) {
    return stamped(
      problem(400, "The request is to no address that can be read"),
      requestIdOf(headers, desk.options.host),
    );
  }
  if (headerBytes(headers) > desk.limits.headerBytesMax) {
    return stamped(
      problem(431, `Headers are over ${desk.limits.headerBytesMax} bytes`),
      requestIdOf(new Headers(), desk.options.host),
    );
  }
  const method = desk.rpc.methodAt(path);
  if (method === undefined) {
    const requestId = requestIdOf(headers, desk.options.host);
    const { peer } = from;
    const response = await desk.routes.answer(request, {
      path,
      peer,
      requestId,
      completed: from.completed,
    });
    return stamped(response, requestId);
  }
  if (isGrpc(request)) {
    return stamped(refuseGrpc(), requestIdOf(headers, desk.options.host));
  }
  const call = await desk.calls.open({ method, headers, peer: from.peer });
  const response = await answerCall(desk, request, { call, method });
  const end = (): void => call.end(response.status);
  from.completed.then(end, end);
  return stamped(response, call.requestId);
}

async function answerCall(
  desk: Desk,
  request: Request,
  asked: { readonly call: Call; readonly method: DescMethod },
): Promise<Response> {
  const { clock } = desk.options.host;
  const { limits, rpc } = desk;
  try {
    const quick = await rpc.quick({ ...asked, request, clock, limits });
    if (quick.kind === "answered") return quick.response;
    const { method, url, headers, signal } = request;
    const response = await rpc.answer({
      // Not known here. Calls that go both ways are let in: HTTP/2 has them,
      // and HTTP/1.1 when the whole question comes before the answer.
      httpVersion: "2",
      method,
      url,
      header: headers,
      body: quick.body ?? bodyOf(request, { clock, limits }),
      signal,
    }, quick.call);
    if (response.status === 415) return unknownType(response);
    return asked.method.methodKind === "unary"
      ? await wholeResponse(response)
      : universalServerResponseToFetch(response);
  } catch (error) {
    asked.call.end(500);
    throw error;
  }
}

/** Says in words what the runtime says by a status alone. */
function unknownType({ header }: UniversalServerResponse): Response {
  return problem(
    415,
    "A message is sent as application/json or application/proto",
    { headers: Object.fromEntries(header ?? []) },
  );
}

/**
 * An answer that is written at once: in pieces, each is a packet of its own,
 * and the second waits until the first was acknowledged.
 */
async function wholeResponse(
  { status, header, body }: UniversalServerResponse,
): Promise<Response> {
  const headers = header ?? new Headers();
  headers.set("cache-control", UNARY_CACHE_CONTROL);
  const init = { status, headers };
  if (body === undefined) return new Response(null, init);
  const pieces: Uint8Array<ArrayBufferLike>[] = [];
  for await (const piece of body) pieces.push(piece);
  return new Response(joined(pieces), init);
}

function stamped(response: Response, requestId: string): Response {
  response.headers.set(REQUEST_ID_HEADER, requestId);
  response.headers.set("stigmer-version", VERSION);
  return response;
}

function headerBytes(headers: Headers): number {
  let bytes = 0;
  // Name and value, the colon, the space and the end of the line.
  // Not `for … of`: that takes longer than the token of a call.
  headers.forEach((value, name) => {
    bytes += name.length + value.length + 4;
  });
  return bytes;
}
