/**
 * Answers the contract over HTTP: Connect, gRPC-Web and, where trailers can
 * come, gRPC; each caller by a service of its own.
 *
 * @module
 */

import type { DescMethod, Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ContextValues,
  createServiceImplSpec,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type ServiceImpl,
} from "@connectrpc/connect";
import type {
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { createConnectRouter } from "@connectrpc/connect/router";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { CALL_ORIGIN } from "../backend/call_origin.ts";
import type { Caller } from "../backend/caller.ts";
import { toConnectError } from "../backend/errors.ts";
import { GZIP } from "../backend/gzip.ts";
import type { Service } from "../backend/service.ts";
import { StigmerError } from "../model/error.ts";
import { blameCaller } from "./bad_message.ts";
import { CALL, type Call } from "./calls.ts";
import { withDeadline } from "./deadline.ts";
import { shownError } from "./errors.ts";
import type { DeniedCall } from "./guard.ts";
import { type Hold, whileHeld } from "./holds.ts";
import { LIMITS_DEFAULT } from "./limits.ts";
import { type ServerLog, SILENT_LOG } from "./log.ts";
import { withPacking } from "./packing.ts";
import { createQuick, type Quick } from "./quick.ts";
import { type StreamAge, whileYoung } from "./stream_age.ts";

/**
 * Bytes from which an answer is packed for who takes it so and is on another
 * machine. To pack that many takes 0.2 ms, as long as a whole call on one.
 */
const COMPRESS_BYTES_MIN = 16 * 1024;

/**
 * Bytes of a message of who only reads, who is many and asks little: to know
 * what an apply would change takes manifests.
 */
const QUESTION_BYTES_MAX = 1024 * 1024;
const PLAN_BYTES_MAX = 8 * 1024 * 1024;

/** How the contract is answered. */
export interface HandlerOptions {
  /** What answers for a caller; the same caller is asked for only once. */
  readonly serviceFor: (caller: Caller) => Service;
  /** Ends every call that is under way, streams above all. */
  readonly shutdown: AbortSignal;
  /** Ends the streams; calls that are none go on. */
  readonly draining?: AbortSignal;
  /** How old a watch may become. */
  readonly age?: StreamAge;
  /** Keeps a stream open as long as its caller may have it. */
  readonly hold?: (caller: Caller) => Hold;
  /** Told of what a service itself refused. */
  readonly denied?: (refused: DeniedCall) => void;
  /** Bytes of one message at the most. */
  readonly messageBytesMax?: number;
  readonly log?: ServerLog;
  /** Services besides the contract, as health and reflection. */
  readonly more?: (router: ConnectRouter) => void;
}

/** Answers calls. */
export interface RpcHandler {
  /** The method that a path stands for, or `undefined` when it is no call. */
  methodAt(path: string): DescMethod | undefined;
  /** Answers a call that was taken; the path must be one of a method. */
  answer(
    request: UniversalServerRequest,
    call: Call,
  ): Promise<UniversalServerResponse>;
  /** Answers what most calls are, and leaves the others. */
  readonly quick: Quick;
}

/** What answers for one caller, by the names of the calls. */
type Methods = Readonly<Record<string, MethodImplSpec>>;

/** Makes what answers the contract over HTTP. */
export function createRpcHandler(options: HandlerOptions): RpcHandler {
  const { messageBytesMax = LIMITS_DEFAULT.messageBytesMax } = options;
  const shown = errorShown(options);
  const service = dispatching(options);
  const routerOf = (bytesMax: number): ConnectRouter => {
    const router = createConnectRouter({
      readMaxBytes: Math.min(bytesMax, messageBytesMax),
      // A filter that is misspelt must not list everything.
      jsonOptions: { ignoreUnknownFields: false },
      acceptCompression: [GZIP],
      compressMinBytes: COMPRESS_BYTES_MIN,
      shutdownSignal: options.shutdown,
      requestGate: refuse,
      interceptors: [showErrors(shown)],
    });
    return router.service(BackendService, service);
  };
  const router = routerOf(messageBytesMax);
  options.more?.(router);
  const byPath = byPathOf(router);
  const ofViewers = new Map([
    ...byPath,
    ...byPathOf(routerOf(QUESTION_BYTES_MAX)),
    ...[...byPathOf(routerOf(PLAN_BYTES_MAX))].filter(([, { method }]) =>
      method === BackendService.method.applyResources
    ),
  ]);
  return {
    methodAt: (path) => byPath.get(path)?.method,
    async answer(request, call) {
      const handlers = isViewer(call) ? ofViewers : byPath;
      const handler = handlers.get(new URL(request.url).pathname);
      if (handler === undefined) throw new Error(`No call: ${request.url}`);
      const { contextValues } = call;
      const header = withPacking(withDeadline(request.header), call);
      return await blameCaller(
        await handler({ ...request, header, contextValues }),
      );
    },
    quick: createQuick({
      service: createServiceImplSpec(BackendService, service),
      shown,
      shutdown: options.shutdown,
      messageBytesMax,
      compressBytesMin: COMPRESS_BYTES_MIN,
    }),
  };
}

function byPathOf(
  { handlers }: ConnectRouter,
): Map<string, ConnectRouter["handlers"][number]> {
  return new Map(handlers.map((it) => [it.requestPath, it]));
}

function isViewer({ verdict }: Call): boolean {
  return !(verdict instanceof ConnectError) && verdict.role === "viewer";
}

/** Refuses who may not call before the message is read. */
function refuse(context: HandlerContext): void {
  const verdict = context.values.get(CALL)?.verdict;
  if (verdict instanceof ConnectError) throw verdict;
}

/** Who calls. */
function callerOf(context: HandlerContext): Caller {
  const call = context.values.get(CALL);
  if (call === undefined) {
    throw new ConnectError("Nobody looked who calls", Code.Internal);
  }
  if (call.verdict instanceof ConnectError) throw call.verdict;
  return call.verdict;
}

/** A service whose methods ask that of the caller. */
function dispatching(
  { serviceFor, draining, age, hold }: HandlerOptions,
): Partial<ServiceImpl<typeof BackendService>> {
  const services = new WeakMap<Caller, Methods>();
  const methodsFor = (caller: Caller): Methods => {
    const known = services.get(caller);
    if (known !== undefined) return known;
    const { methods } = createServiceImplSpec<typeof BackendService>(
      BackendService,
      serviceFor(caller),
    );
    services.set(caller, methods);
    return methods;
  };
  return Object.fromEntries(BackendService.methods.map((method) => {
    const implOf = (context: HandlerContext): MethodImplSpec => {
      const spec = methodsFor(callerOf(context))[method.localName];
      if (spec !== undefined) return spec;
      throw new ConnectError(
        `Cannot call "${method.name}": this backend does not have it`,
        Code.Unimplemented,
      );
    };
    return [
      method.localName,
      method.methodKind === "unary"
        ? (request: Message, context: HandlerContext) => {
          const spec = implOf(context);
          if (spec.kind !== "unary") throw wrongKind(method.name);
          return spec.impl(request, context);
        }
        : (request: Message, context: HandlerContext) => {
          const spec = implOf(context);
          if (spec.kind !== "server_streaming") throw wrongKind(method.name);
          const impl = aging(method, spec.impl, age);
          const open = ending(context, draining);
          return hold === undefined
            ? impl(request, open)
            : whileHeld(() => hold(callerOf(context)), open, (held) =>
              impl(request, held));
        },
    ];
  }));
}

/** What answers a watch, which ends when it is old; others take their time. */
function aging<
  Answer extends (
    request: Message,
    context: HandlerContext,
  ) => AsyncIterable<unknown>,
>(method: DescMethod, impl: Answer, age: StreamAge | undefined) {
  return age === undefined || method !== BackendService.method.watchExecution
    ? impl
    : (request: Message, context: HandlerContext) =>
      whileYoung(age, context, (young) => impl(request, young));
}

/** The context of a stream that ends when the server drains, too. */
function ending(
  context: HandlerContext,
  draining: AbortSignal | undefined,
): HandlerContext {
  if (draining === undefined) return context;
  const signal = AbortSignal.any([context.signal, draining]);
  return { ...context, signal };
}

function wrongKind(name: string): ConnectError {
  return new ConnectError(
    `Cannot call "${name}": it is no method of that kind`,
    Code.Unimplemented,
  );
}

/** Makes of what a call threw the error that goes to who called. */
type Shown = (
  thrown: unknown,
  of: { readonly values: ContextValues; readonly method: string },
) => ConnectError;

/**
 * Gives what the service throws its code, its hints and its diagnostics, and
 * notes it for the log.
 */
function errorShown({ log = SILENT_LOG, denied }: HandlerOptions): Shown {
  return (thrown, { values, method }) => {
    const call = values.get(CALL);
    if (call === undefined) return toConnectError(thrown);
    const { requestId, verdict: caller } = call;
    const error = shownError(thrown, { requestId, log, method });
    call.failed(error);
    if (
      error.code === Code.PermissionDenied &&
      !(caller instanceof ConnectError)
    ) {
      const origin = values.get(CALL_ORIGIN);
      denied?.({ caller, subject: method, origin, error });
    }
    return error;
  };
}

function showErrors(shown: Shown): Interceptor {
  return (next) => async (request) => {
    const of = { values: request.contextValues, method: request.method.name };
    const show = (thrown: unknown): ConnectError =>
      shown(withoutCaller(thrown, request.signal) ?? thrown, of);
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: converted(response.message, show) };
    } catch (error) {
      throw show(error);
    }
  };
}

/** What a call ends with whose caller left: the platform says why, anyhow. */
function withoutCaller(
  thrown: unknown,
  signal: AbortSignal,
): ConnectError | undefined {
  if (!signal.aborted || thrown !== signal.reason) return undefined;
  return thrown instanceof ConnectError || thrown instanceof StigmerError
    ? undefined
    : new ConnectError("The caller left", Code.Canceled);
}

async function* converted<T>(
  messages: AsyncIterable<T>,
  shown: (thrown: unknown) => ConnectError,
): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw shown(error);
  }
}
