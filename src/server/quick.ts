/**
 * Answers the calls that most calls are without the machinery for all others:
 * one small message in, one out, by Connect.
 *
 * It answers what went well, with the bytes and headers that Connect's handler
 * gives. Whatever else comes up is left to that handler: a message that cannot
 * be read with what was read of it, an error as the reason to refuse the call.
 * `docs/decisions/0017-a-short-way-for-unary-calls.md` says why.
 *
 * @module
 */

import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJson,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type MethodImplSpec,
  type ServiceImplSpec,
} from "@connectrpc/connect";
import { GZIP } from "../backend/gzip.ts";
import { messageOf } from "../model/error.ts";
import { DEADLINE_MS_MAX } from "../model/limits.ts";
import { type BodyOptions, SMALL_BYTES_MAX, smallBytes } from "./body.ts";
import { CALL, type Call } from "./calls.ts";
import { takesGzip } from "./packing.ts";
import { quickContext } from "./quick_context.ts";

/** What there is to a call that is answered the short way. */
export interface QuickOptions {
  /** What answers the calls of one service. */
  readonly service: ServiceImplSpec;
  /** Makes of what was thrown the error that is shown, and notes it. */
  readonly shown: (
    thrown: unknown,
    of: { readonly values: ContextValues; readonly method: string },
  ) => ConnectError;
  readonly shutdown: AbortSignal;
  /** Bytes of a message at the most. */
  readonly messageBytesMax: number;
  /** Bytes from which an answer is packed for who takes it so. */
  readonly compressBytesMin: number;
}

/** A request for a call, and how long it may take to come. */
export interface QuickRequest extends BodyOptions {
  readonly request: Request;
  readonly method: DescMethod;
  readonly call: Call;
}

/** The answer, or what the other handler shall answer instead. */
export type QuickAnswer =
  | { readonly kind: "answered"; readonly response: Response }
  | {
    readonly kind: "left";
    readonly call: Call;
    /** The body of the request where it was read. */
    readonly body?: AsyncIterable<Uint8Array>;
  };

/** Answers a call the short way, or leaves it. */
export type Quick = (asked: QuickRequest) => Promise<QuickAnswer>;

/** Whether messages are binary, by the types that go the short way. */
const BINARY_BY_TYPE: ReadonlyMap<string, boolean> = new Map([
  ["application/proto", true],
  ["application/json", false],
]);
/**
 * Nobody may keep an answer: one to GET may have secrets. And the platform
 * would pack what says already how it is packed.
 */
export const UNARY_CACHE_CONTROL = "no-store, no-transform";
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Makes what answers calls the short way. */
export function createQuick(options: QuickOptions): Quick {
  return async (asked) => {
    const { request, method, call } = asked;
    const spec = specOf(options.service, method);
    const asks = understood(asked, options);
    if (spec === undefined || asks === undefined) return { kind: "left", call };
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await smallBytes(request, asked);
    } catch (error) {
      return { kind: "left", call, body: failing(error) };
    }
    const message = parsed(spec.method.input, bytes, asks.binary);
    if (message === undefined) {
      return { kind: "left", call, body: once(bytes) };
    }
    const { shutdown } = options;
    const context = quickContext(asked, { endMs: asks.endMs, shutdown });
    try {
      const { output } = spec.method;
      const answer = await spec.impl(message, context);
      const written = serialized(
        output,
        create(output, answer),
        asks.binary,
      );
      return {
        kind: "answered",
        response: await responseOf(written, {
          isTakenPacked: () => takesGzip(request.headers, call),
          binary: asks.binary,
          compressBytesMin: options.compressBytesMin,
          more: context.headers(),
        }),
      };
    } catch (thrown) {
      const error = thrown instanceof Unwritable
        ? thrown.error
        : options.shown(thrown, {
          values: call.contextValues,
          method: method.name,
        });
      return { kind: "left", call: refusedBy(call, error), body: once(bytes) };
    } finally {
      context.end();
    }
  };
}

/** What answers a method, when the service has it. */
function specOf(
  { service, methods }: ServiceImplSpec,
  { parent, localName }: DescMethod,
): MethodImplSpec & { readonly kind: "unary" } | undefined {
  if (parent.typeName !== service.typeName) return undefined;
  const spec = methods[localName];
  return spec?.kind === "unary" ? spec : undefined;
}

/** What the headers of a request say. */
interface Asks {
  readonly binary: boolean;
  /** By when it must be answered, on the clock that never goes back. */
  readonly endMs: number | undefined;
}

/** Reads the headers of a request that can go the short way. */
function understood(
  { request, call: { verdict }, clock }: QuickRequest,
  { messageBytesMax }: QuickOptions,
): Asks | undefined {
  const { method, headers } = request;
  if (method !== "POST" || verdict instanceof ConnectError) return undefined;
  const binary = BINARY_BY_TYPE.get(headers.get("content-type") ?? "");
  if (binary === undefined || headers.has("content-encoding")) return undefined;
  const length = headers.get("content-length") ?? "";
  const timeout = headers.get("connect-timeout-ms");
  if (!/^\d+$/.test(length)) return undefined;
  if (timeout !== null && !/^\d{1,10}$/.test(timeout)) return undefined;
  if (Number(timeout) > DEADLINE_MS_MAX) return undefined;
  if (Number(length) > Math.min(SMALL_BYTES_MAX, messageBytesMax)) {
    return undefined;
  }
  return {
    binary,
    endMs: timeout === null ? undefined : clock.monotonic() + Number(timeout),
  };
}

/** The message, or `undefined` where the other handler says what it is not. */
function parsed(
  input: DescMessage,
  bytes: Uint8Array<ArrayBuffer>,
  binary: boolean,
): Message | undefined {
  try {
    if (binary) return fromBinary(input, bytes);
    return fromJson(input, JSON.parse(DECODER.decode(bytes)));
  } catch {
    return undefined;
  }
}

/** An answer of the service that its schema does not have. */
class Unwritable extends Error {
  readonly error: ConnectError;

  constructor(error: ConnectError) {
    super(error.message);
    this.error = error;
  }
}

function serialized(
  output: DescMessage,
  message: Message,
  binary: boolean,
): Uint8Array<ArrayBuffer> {
  try {
    if (binary) return toBinary(output, message);
    return ENCODER.encode(JSON.stringify(toJson(output, message)));
  } catch (error) {
    throw new Unwritable(
      binary
        ? new ConnectError(
          `serialize binary: ${messageOf(error)}`,
          Code.Internal,
        )
        : ConnectError.from(error, Code.Internal),
    );
  }
}

async function responseOf(
  bytes: Uint8Array<ArrayBuffer>,
  { isTakenPacked, binary, compressBytesMin, more }: {
    readonly isTakenPacked: () => boolean;
    readonly binary: boolean;
    readonly compressBytesMin: number;
    readonly more: Iterable<readonly [string, string]>;
  },
): Promise<Response> {
  const isPacked = bytes.length >= compressBytesMin && isTakenPacked();
  const body = isPacked ? new Uint8Array(await GZIP.compress(bytes)) : bytes;
  return new Response(body, {
    headers: {
      ...Object.fromEntries(more),
      "content-type": binary ? "application/proto" : "application/json",
      ...(isPacked ? { "content-encoding": GZIP.name } : {}),
      "content-length": String(body.length),
      "cache-control": UNARY_CACHE_CONTROL,
    },
  });
}

/** The call as one that may not be made, for an error that it ended with. */
function refusedBy(call: Call, error: ConnectError): Call {
  const contextValues = createContextValues();
  const refused: Call = { ...call, verdict: error, contextValues };
  contextValues.set(CALL, refused);
  return refused;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

// deno-lint-ignore require-yield -- A body that fails gives nothing before.
async function* failing(error: unknown): AsyncGenerator<Uint8Array> {
  throw await Promise.resolve(error);
}
