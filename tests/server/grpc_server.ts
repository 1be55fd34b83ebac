/**
 * A server that speaks gRPC and a client that others made, for tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import type { HttpServer } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { createGuard } from "../../src/server/guard.ts";
import {
  type Listener,
  type Server,
  startServer,
  type StartServerOptions,
} from "../../src/server/serve.ts";
import { temporaryHome } from "../backend/suite.ts";

/** A free port of this machine. */
export const LOOPBACK: Listener["address"] = {
  kind: "tcp",
  hostname: "127.0.0.1",
  port: 0,
};

/** As gRPC numbers its codes. */
export const STATUS = {
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
};

/** Checks that a call fails with a code, and gives its words. */
export async function fails(
  call: Promise<unknown>,
  code: number,
): Promise<string> {
  const error = await call.then(
    (answer) => assert.fail(`answered ${JSON.stringify(answer)}`),
    serviceError,
  );
  assert.equal(error.code, code, error.details);
  return error.details;
}

/** What a test of gRPC has. */
export interface Scene {
  readonly server: Server;
  readonly http: HttpServer;
  readonly grpc: HttpServer;
  /** The contract in process. */
  readonly client: BackendClient;
}

/** How the server of a test is started. */
export interface SceneOptions
  extends Partial<Pick<StartServerOptions, "limits">> {
  /** Where it speaks gRPC. */
  readonly grpc?: Listener;
  /** Whether callers need a token. */
  readonly guarded?: boolean;
}

/** Runs a test with a server on a home of its own. */
export async function withGrpc(
  use: (scene: Scene) => Promise<void>,
  options: SceneOptions = {},
): Promise<void> {
  const { guarded = false, limits = {} } = options;
  const host = systemHost();
  await using home = temporaryHome();
  await using backend = openLocalBackend({
    host,
    databasePath: `${home.path}/stigmer.db`,
    execute: "none",
  });
  await using guard = createGuard({ host, access: backend.access });
  const { authenticate, authorize } = guard;
  const open = !guarded;
  await using server = startServer({
    host,
    backend,
    address: LOOPBACK,
    open,
    limits,
    authenticate,
    authorize,
  });
  const grpc = await server.listenGrpc({
    open,
    address: LOOPBACK,
    ...options.grpc,
  });
  await use({ server, http: server.http, grpc, client: backend.client });
}

/** A client of grpc-js that is closed at the end. */
export interface GrpcClient extends Disposable {
  /** Makes a call, and gives its answer as JSON. */
  ask(
    method: DescMethodUnary,
    request?: JsonValue,
    options?: AskOptions,
  ): Promise<JsonValue>;
  /** Begins to hear a stream. */
  hear(
    method: DescMethodServerStreaming,
    request?: JsonValue,
    options?: AskOptions,
  ): Heard;
}

/** How one call is made. */
export interface AskOptions extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** A stream that is heard. */
export interface Heard {
  /** The next message, or what ended the stream. */
  next(): Promise<JsonValue | ServiceError | undefined>;
  cancel(): void;
}

/** Makes a client. */
export function grpcClient(
  address: string,
  { channel = credentials.createInsecure(), settings = {} }: {
    readonly channel?: ChannelCredentials;
    readonly settings?: Readonly<Record<string, number>>;
  } = {},
): GrpcClient {
  const client = new Client(address, channel, settings);
  return {
    ask(method, request = {}, { headers, ...options } = {}) {
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest<Message, Message>(
          pathOf(method),
          (it) => Buffer.from(toBinary(method.input, it)),
          (bytes) => fromBinary(method.output, bytes),
          fromJson(method.input, request),
          metadataOf(headers),
          options,
          (error, answer) => {
            if (answer === undefined) reject(error);
            else resolve(toJson(method.output, answer));
          },
        );
      });
    },
    hear(method, request = {}, { headers, ...options } = {}) {
      const stream = client.makeServerStreamRequest<Message, Message>(
        pathOf(method),
        (it) => Buffer.from(toBinary(method.input, it)),
        (bytes) => fromBinary(method.output, bytes),
        fromJson(method.input, request),
        metadataOf(headers),
        options,
      );
      return heard(stream, (it) => toJson(method.output, it));
    },
    [Symbol.dispose]: () => client.close(),
  };
}

function heard(
  stream: ClientCall & {
    on(event: "data", listener: (message: Message) => void): unknown;
    on(event: "end", listener: () => void): unknown;
    on(event: "error", listener: (error: Error) => void): unknown;
  },
  plain: (message: Message) => JsonValue,
): Heard {
  type Item = JsonValue | ServiceError | undefined;
  const items: Item[] = [];
  const waiting: ((item: Item) => void)[] = [];
  const put = (item: Item): void => {
    const first = waiting.shift();
    if (first === undefined) items.push(item);
    else first(item);
  };
  stream.on("data", (message) => put(plain(message)));
  stream.on("end", () => put(undefined));
  stream.on("error", (error) => put(serviceError(error)));
  return {
    next: () =>
      items.length > 0
        ? Promise.resolve(items.shift())
        : new Promise((resolve) => waiting.push(resolve)),
    cancel: () => stream.cancel(),
  };
}

/** What grpc-js throws. */
export function serviceError(error: unknown): ServiceError {
  if (isServiceError(error)) return error;
  throw error;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}

function pathOf(method: DescMethodUnary | DescMethodServerStreaming): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function metadataOf(headers: Readonly<Record<string, string>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) {
    metadata.set(name, value);
  }
  return metadata;
}
