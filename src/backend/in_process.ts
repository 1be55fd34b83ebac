/**
 * The transport of the local backend: the client's call goes straight to the
 * service, in the same process.
 *
 * It stands where Connect's router transport could: same client, same errors,
 * deadlines, cancellation and streams. What it leaves out is HTTP between the
 * two, which costs a start-up more than opening the database does.
 *
 * @module
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type {
  DescMessage,
  DescMethod,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  createHandlerContext,
  createServiceImplSpec,
  type MethodImplSpec,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { abortError, toConnectError } from "./errors.ts";

/** The context of one call, with what ends it. */
type CallContext = ReturnType<typeof createHandlerContext>;

/**
 * Why the signal of a call that is over is aborted. Without a reason the
 * platform makes an exception, and the first one costs some milliseconds.
 */
const CALL_OVER = "The call is over";

/**
 * Makes a transport that calls a service in this process.
 *
 * @param shutdown Ends every call that is under way, streams above all: a
 * reader that just leaves its loop does not tell the service.
 */
export function createInProcessTransport(
  service: Partial<ServiceImpl<typeof BackendService>>,
  shutdown: AbortSignal,
): Transport {
  const { methods } = createServiceImplSpec<typeof BackendService>(
    BackendService,
    service,
  );
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const context = contextOf(method, {
        shutdown,
        signal,
        timeoutMs,
        header,
        contextValues,
      });
      try {
        const { impl } = specOf(methods, method, "unary");
        const request = asReceived(method.input, input);
        refuseAborted(context);
        const answer = await beforeAbort(
          Promise.resolve(impl(request, context)),
          context.signal,
        );
        return {
          stream: false,
          service: method.parent,
          method,
          get header() {
            return context.responseHeader;
          },
          get trailer() {
            return context.responseTrailer;
          },
          message: asSent(method.output, answer),
        };
      } catch (error) {
        throw toConnectError(error);
      } finally {
        context.abort(CALL_OVER);
      }
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const context = contextOf(method, {
        shutdown,
        signal,
        timeoutMs,
        header,
        contextValues,
      });
      const { request, impl } = await opened(async () => ({
        request: await onlyOne(method, input),
        impl: specOf(methods, method, "server_streaming").impl,
      }), context);
      return {
        stream: true,
        service: method.parent,
        method,
        get header() {
          return context.responseHeader;
        },
        get trailer() {
          return context.responseTrailer;
        },
        message: answersOf(
          method.output,
          () => impl(request, context),
          context,
        ),
      };
    },
  };
}

/** What a client says about a call besides its message. */
interface CallOptions {
  readonly shutdown: AbortSignal;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly header: HeadersInit | undefined;
  readonly contextValues: Parameters<Transport["unary"]>[5];
}

function contextOf(method: DescMethod, options: CallOptions): CallContext {
  const { shutdown, signal, timeoutMs, header, contextValues } = options;
  const facts = {
    service: method.parent,
    method,
    protocolName: "in-process",
    requestMethod: "POST",
    url: `in-process:///${method.parent.typeName}/${method.name}`,
  };
  if (timeoutMs === undefined) return untimedContext(facts, options);
  return createHandlerContext({
    ...facts,
    timeoutMs,
    shutdownSignal: shutdown,
    ...(signal === undefined ? {} : { requestSignal: signal }),
    ...(header === undefined ? {} : { requestHeader: header }),
    ...(contextValues === undefined ? {} : { contextValues }),
  });
}

/**
 * The context of a call without a deadline. Connect's own touches the timers
 * of the platform and makes headers that nobody reads, and the first of each
 * costs a start-up milliseconds.
 */
function untimedContext(
  facts: Pick<
    CallContext,
    "service" | "method" | "protocolName" | "requestMethod" | "url"
  >,
  { shutdown, signal, header, contextValues }: CallOptions,
): CallContext {
  const controller = new AbortController();
  const heard = signal === undefined ? [shutdown] : [signal, shutdown];
  function end(reason: unknown): void {
    for (const it of heard) it.removeEventListener("abort", listener);
    controller.abort(reason);
  }
  function listener(this: AbortSignal): void {
    end(this.reason);
  }
  const aborted = heard.find((it) => it.aborted);
  if (aborted === undefined) {
    for (const it of heard) it.addEventListener("abort", listener);
  } else controller.abort(aborted.reason);
  const requestHeader = lazyHeaders(header);
  const responseHeader = lazyHeaders();
  const responseTrailer = lazyHeaders();
  return {
    ...facts,
    signal: controller.signal,
    timeoutMs: () => undefined,
    get requestHeader() {
      return requestHeader();
    },
    get responseHeader() {
      return responseHeader();
    },
    get responseTrailer() {
      return responseTrailer();
    },
    values: contextValues ?? createContextValues(),
    abort: end,
  };
}

function lazyHeaders(init?: HeadersInit): () => Headers {
  let headers: Headers | undefined;
  return () => headers ??= new Headers(init);
}

/** The implementation of a method, which must be of the kind that was called. */
function specOf<Kind extends MethodImplSpec["kind"]>(
  methods: Readonly<Record<string, MethodImplSpec>>,
  method: DescMethod,
  kind: Kind,
): Extract<MethodImplSpec, { readonly kind: Kind }> {
  const spec = methods[method.localName];
  if (spec !== undefined && isOfKind(spec, kind)) return spec;
  throw new ConnectError(
    `Cannot call "${method.name}": it is no ${kind} method of this backend`,
    Code.Unimplemented,
  );
}

function isOfKind<Kind extends MethodImplSpec["kind"]>(
  spec: MethodImplSpec,
  kind: Kind,
): spec is Extract<MethodImplSpec, { readonly kind: Kind }> {
  return spec.kind === kind;
}

/**
 * The request as a server would have read it: what could not be sent is
 * refused here too, and the service never shares an object with its caller.
 */
function asReceived<Desc extends DescMessage>(
  schema: Desc,
  input: MessageInitShape<Desc>,
): MessageShape<Desc> {
  try {
    return fromBinary(schema, toBinary(schema, create(schema, input)));
  } catch (error) {
    throw new ConnectError(
      `Cannot send ${schema.name}: ${ConnectError.from(error).rawMessage}`,
      Code.InvalidArgument,
      undefined,
      undefined,
      error,
    );
  }
}

/** The answer as a message of its type; the service is done with it. */
function asSent<Desc extends DescMessage>(
  schema: Desc,
  answer: MessageInitShape<DescMessage>,
): MessageShape<Desc> {
  return create(schema, answer as MessageInitShape<Desc>);
}

async function onlyOne<Desc extends DescMessage>(
  method: DescMethod & { readonly input: Desc },
  input: AsyncIterable<MessageInitShape<Desc>>,
): Promise<MessageShape<Desc>> {
  for await (const message of input) return asReceived(method.input, message);
  throw new ConnectError(
    `Cannot call "${method.name}" without a request`,
    Code.InvalidArgument,
  );
}

/** The messages of a stream, until it ends, fails or is aborted. */
async function* answersOf<Desc extends DescMessage>(
  schema: Desc,
  call: () => AsyncIterable<MessageInitShape<DescMessage>>,
  context: CallContext,
): AsyncGenerator<MessageShape<Desc>, void, void> {
  let answers: AsyncIterator<MessageInitShape<DescMessage>> | undefined;
  try {
    refuseAborted(context);
    answers = call()[Symbol.asyncIterator]();
    for (;;) {
      const next = await beforeAbort(answers.next(), context.signal);
      if (next.done) return;
      yield asSent(schema, next.value);
    }
  } catch (error) {
    throw toConnectError(error);
  } finally {
    context.abort(CALL_OVER);
    // Not awaited: a service that does not listen must not hold its caller.
    answers?.return?.().catch(() => {});
  }
}

/** Opens a stream; the context of one that cannot be opened ends at once. */
async function opened<T>(
  open: () => Promise<T>,
  context: CallContext,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    context.abort();
    throw error;
  }
}

/** Keeps a call from beginning that its caller has left already. */
function refuseAborted({ signal }: CallContext): void {
  if (signal.aborted) throw abortError(signal);
}

/** Waits for an answer, but no longer than until the call is aborted. */
function beforeAbort<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    // Before anyone hears of the answer: who aborts a signal that nobody
    // listens to makes no event, and the first one costs a start-up a millisecond.
    const over = (): void => signal.removeEventListener("abort", abort);
    answer.then((it) => {
      over();
      resolve(it);
    }, (error) => {
      over();
      reject(error);
    });
  });
}
