/**
 * The `grpc` activity: reads the description of a service and calls one of its
 * methods. What the server streams is gathered into an array.
 *
 * @module
 */

import type {
  Client,
  Metadata,
  ReadableCall,
  ServiceError,
} from "@grpc/grpc-js";
import type { Method } from "protobufjs";
import { withPlainPermissions } from "../host/missing_permission.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import type { FailureKind } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import type { Authorization } from "../model/secrets.ts";
import { type Bytes, completed, failed } from "./_answer.ts";
import { fault, withFaults } from "./_fault.ts";
import { decodeMessage } from "./_proto_decode.ts";
import { encodeMessage } from "./_proto_encode.ts";
import { findMethod, loadProto } from "./_proto_file.ts";
import { headerText } from "./_send.ts";
import { authorizedInput, type Authorizer } from "./authorize.ts";
import type { Documents } from "./documents.ts";

/** The port of a service that names none; it speaks TLS. */
const PORT_DEFAULT = 443;
const UNAUTHENTICATED = 16;

/** What a status means, by its number. */
const MEANINGS: Readonly<
  Record<number, readonly [kind: FailureKind, status: number]>
> = {
  3: ["communication", 400],
  4: ["timeout", 408],
  5: ["communication", 404],
  6: ["communication", 409],
  7: ["authorization", 403],
  8: ["communication", 429],
  9: ["communication", 400],
  10: ["communication", 409],
  11: ["communication", 400],
  12: ["communication", 501],
  14: ["communication", 503],
  [UNAUTHENTICATED]: ["authentication", 401],
};

type Grpc = typeof import("@grpc/grpc-js");

/** What the machine resolved. */
interface GrpcInput {
  readonly proto: Json;
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly arguments: Json;
  readonly authentication: Json | undefined;
}

/** A method, ready to be called. */
interface Call {
  readonly grpc: Grpc;
  readonly method: Method;
  readonly path: string;
  readonly message: Bytes;
  readonly input: GrpcInput;
  readonly context: ActivityContext;
}

/** Makes the activity. */
export function createGrpcActivity(
  { authorizer, documents }: {
    readonly authorizer: Authorizer;
    readonly documents: Documents;
  },
): Activity {
  return withFaults(async (json, context) => {
    const settled = await authorizedInput(json, context, {
      authorizer,
      authentication: (it) => parseInput(it).authentication,
    });
    const input = parseInput(settled);
    const [grpc, protobuf] = await Promise.all([
      import("@grpc/grpc-js"),
      import("protobufjs"),
    ]);
    const root = await loadProto(input.proto, {
      library: protobuf,
      documents,
      context,
    });
    const { method, path } = findMethod(root, input);
    const message = encodeMessage(
      input.arguments,
      typeOf(method.resolvedRequestType),
    );
    const call = { grpc, method, path, message, input, context };
    return await callAuthorized(call, authorizer);
  });
}

/** Calls; a token that is refused is replaced once. */
async function callAuthorized(
  call: Call,
  authorizer: Authorizer,
): Promise<ActivityOutcome> {
  const { input, context } = call;
  const authorize = (refused?: Authorization) =>
    authorizer.authorization(input.authentication, context.signal, refused);
  const first = await authorize();
  const error = await attempt(call, first);
  if (!isServiceError(error)) return error;
  if (error.code === UNAUTHENTICATED && first !== undefined) {
    const second = await authorize(first);
    if (second?.parameter !== first.parameter) {
      const again = await attempt(call, second);
      return isServiceError(again) ? outcomeOf(call, again) : again;
    }
  }
  return outcomeOf(call, error);
}

async function attempt(
  call: Call,
  authorization: Authorization | undefined,
): Promise<ActivityOutcome | ServiceError> {
  const { grpc, input } = call;
  const { host, port } = input;
  const client = new grpc.Client(
    `${host}:${port}`,
    port === PORT_DEFAULT
      ? grpc.credentials.createSsl()
      : grpc.credentials.createInsecure(),
    { "grpc.max_receive_message_length": VALUE_SIZE_BYTES_MAX },
  );
  try {
    return completed(
      await answerOf(call, {
        client,
        metadata: metadataOf(call, authorization),
      }),
    );
  } catch (error) {
    call.context.signal.throwIfAborted();
    if (isServiceError(error)) return error;
    throw error;
  } finally {
    client.close();
  }
}

function metadataOf(
  { grpc, context }: Call,
  authorization: Authorization | undefined,
): Metadata {
  const metadata = new grpc.Metadata();
  metadata.set("idempotency-key", headerText(context.idempotencyKey));
  if (authorization !== undefined) {
    const { scheme, parameter } = authorization;
    metadata.set("authorization", `${scheme} ${parameter}`);
  }
  return metadata;
}

/** The answer: one message, or an array of those that were streamed. */
async function answerOf(call: Call, sending: Sending): Promise<Json> {
  const { signal } = call.context;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Json>();
  const started = start(call, sending, { resolve, reject });
  const cancel = (): void => started.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

interface Sending {
  readonly client: Client;
  readonly metadata: Metadata;
}

/** What hears of the end. */
interface Hearing {
  readonly resolve: (answer: Json) => void;
  readonly reject: (error: unknown) => void;
}

function start(
  { method, path, message }: Call,
  { client, metadata }: Sending,
  { resolve, reject }: Hearing,
): { cancel(): void } {
  const type = typeOf(method.resolvedResponseType);
  const decode = (bytes: Uint8Array): Json => decodeMessage(bytes, type);
  const hear = (error: ServiceError | null, bytes?: Bytes): void => {
    if (error !== null) return reject(error);
    try {
      resolve(decode(bytes ?? new Uint8Array()));
    } catch (cause) {
      reject(cause);
    }
  };
  const { requestStream, responseStream } = method;
  if (!requestStream && !responseStream) {
    return client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      message,
      metadata,
      hear,
    );
  }
  if (!requestStream) {
    const stream = client.makeServerStreamRequest(
      path,
      asIs,
      asIs,
      message,
      metadata,
    );
    gather(stream, { decode, resolve, reject });
    return stream;
  }
  // One message is all that a task has to say to a server that takes many.
  if (!responseStream) {
    const stream = client.makeClientStreamRequest(
      path,
      asIs,
      asIs,
      metadata,
      hear,
    );
    stream.write(message);
    stream.end();
    return stream;
  }
  const stream = client.makeBidiStreamRequest(path, asIs, asIs, metadata);
  gather(stream, { decode, resolve, reject });
  stream.write(message);
  stream.end();
  return stream;
}

function asIs(bytes: Bytes): Bytes {
  return bytes;
}

function gather(stream: ReadableCall<Bytes>, options: {
  readonly decode: (bytes: Uint8Array) => Json;
  readonly resolve: (messages: Json) => void;
  readonly reject: (error: unknown) => void;
}): void {
  const messages: Json[] = [];
  let sizeBytes = 0;
  const { decode, resolve, reject } = options;
  stream.on("data", (bytes) => {
    sizeBytes += bytes.length;
    try {
      if (sizeBytes > VALUE_SIZE_BYTES_MAX) {
        throw fault(
          "communication",
          `The server streamed more than ${VALUE_SIZE_BYTES_MAX} bytes`,
        );
      }
      messages.push(decode(bytes));
    } catch (error) {
      reject(error);
      stream.cancel();
    }
  });
  stream.on("end", () => resolve(messages));
  stream.on("error", reject);
}

function outcomeOf(
  { input, path }: Call,
  error: ServiceError,
): ActivityOutcome {
  const [kind, status] = MEANINGS[error.code] ?? ["communication", 500];
  const why = withPlainPermissions(error.details || messageOf(error));
  return failed(
    kind,
    `Calling ${path} of ${input.host}:${input.port} failed: ${why}`,
    { status },
  );
}

function isServiceError(value: unknown): value is ServiceError {
  return value instanceof Error && "code" in value &&
    typeof value.code === "number" && "details" in value;
}

function typeOf(type: Method["resolvedRequestType"]) {
  if (type !== null) return type;
  throw fault("configuration", "The description of the method is not complete");
}

function parseInput(json: Json): GrpcInput {
  const input = isJsonObject(json) ? json : {};
  const text = (key: string): string => String(member(input, key) ?? "");
  return {
    proto: member(input, "proto") ?? null,
    service: text("service"),
    host: text("host"),
    port: parsePort(member(input, "port")),
    method: text("method"),
    arguments: member(input, "arguments") ?? {},
    authentication: member(input, "authentication"),
  };
}

function parsePort(value: Json | undefined): number {
  if (value === undefined || value === null) return PORT_DEFAULT;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw fault("validation", `${JSON.stringify(value)} is not a port`);
}
