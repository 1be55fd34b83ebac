/**
 * Answers the contract over HTTP: Connect and gRPC-Web, each caller by a
 * service of its own.
 *
 * @module
 */

import type { Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextKey,
  createContextKey,
  createContextValues,
  createServiceImplSpec,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type ServiceImpl,
} from "@connectrpc/connect";
import {
  type UniversalServerRequest,
  universalServerRequestFromFetch,
  type UniversalServerResponse,
  universalServerResponseToFetch,
} from "@connectrpc/connect/protocol";
import { createConnectRouter } from "@connectrpc/connect/router";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Caller } from "../backend/caller.ts";
import { toConnectError } from "../backend/errors.ts";
import type { Service } from "../backend/service.ts";
import { isGrpc, refuseGrpc } from "./grpc_refusal.ts";

/** Bytes of one request at the most. */
const READ_BYTES_MAX: number = 64 * 1024 * 1024;

/** Who calls, or why nobody may. */
export type Verdict = Caller | ConnectError;

/** How the contract is answered. */
export interface HandlerOptions {
  /** What answers for a caller. */
  readonly serviceFor: (caller: Caller) => Service;
  /** Ends every call that is under way, streams above all. */
  readonly shutdown: AbortSignal;
}

/** Answers one request, or `undefined` when it is no call. */
export interface RpcHandler {
  /** Where nothing can come after the body: Connect and gRPC-Web. */
  answerFetch(
    request: Request,
    verdict: Verdict,
  ): Promise<Response> | undefined;
  /** Where trailers can come after the body: gRPC as well. */
  answer(
    request: UniversalServerRequest,
    verdict: Verdict,
  ): Promise<UniversalServerResponse> | undefined;
}

/** What answers for one caller, by the names of the calls. */
type Methods = Readonly<Record<string, MethodImplSpec>>;

/** The verdict on who calls, for the interceptor and the service. */
const VERDICT: ContextKey<Verdict> = createContextKey<Verdict>(
  new ConnectError("Nobody looked who calls", Code.Internal),
);

/** Makes what answers the contract over HTTP. */
export function createRpcHandler(options: HandlerOptions): RpcHandler {
  const router = createConnectRouter({
    readMaxBytes: READ_BYTES_MAX,
    shutdownSignal: options.shutdown,
    interceptors: [convertErrors, refuseStrangers],
  });
  router.service(BackendService, dispatching(options));
  const byPath = new Map(router.handlers.map((it) => [it.requestPath, it]));
  const answer: RpcHandler["answer"] = (request, verdict) => {
    const handler = byPath.get(new URL(request.url).pathname);
    if (handler === undefined) return undefined;
    const contextValues = createContextValues().set(VERDICT, verdict);
    return handler({ ...request, contextValues });
  };
  return {
    answer,
    answerFetch: (request, verdict) =>
      isGrpc(request)
        ? Promise.resolve(refuseGrpc())
        : answer(universalServerRequestFromFetch(request, {}), verdict)
          ?.then(universalServerResponseToFetch),
  };
}

/** A service whose methods ask that of the caller. */
function dispatching(
  { serviceFor }: HandlerOptions,
): Partial<ServiceImpl<typeof BackendService>> {
  const services = new Map<Caller, Methods>();
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
      const verdict = context.values.get(VERDICT);
      if (verdict instanceof ConnectError) throw verdict;
      const spec = methodsFor(verdict)[method.localName];
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
          return spec.impl(request, context);
        },
    ];
  }));
}

function wrongKind(name: string): ConnectError {
  return new ConnectError(
    `Cannot call "${name}": it is no method of that kind`,
    Code.Unimplemented,
  );
}

/** Gives what the service throws its code, its hints and its diagnostics. */
const convertErrors: Interceptor = (next) => async (request) => {
  try {
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: converted(response.message) };
  } catch (error) {
    throw toConnectError(error);
  }
};

async function* converted<T>(messages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw toConnectError(error);
  }
}

/** Refuses who may not call before the message is looked at. */
const refuseStrangers: Interceptor = (next) => (request) => {
  const verdict = request.contextValues.get(VERDICT);
  if (verdict instanceof ConnectError) throw verdict;
  return next(request);
};
