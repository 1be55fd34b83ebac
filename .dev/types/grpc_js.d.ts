/**
 * What this repository uses of the gRPC library, without the types of Node.js.
 *
 * @module
 */

/** Bytes as the library gives them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** How a call failed. */
export interface ServiceError extends Error {
  readonly code: number;
  readonly details: string;
  /** The trailers. */
  readonly metadata?: Metadata;
}

/** Headers of a call. */
export class Metadata {
  set(key: string, value: string): void;
  get(key: string): readonly unknown[];
  getMap(): Record<string, unknown>;
}

export interface ChannelCredentials {
  readonly __channel?: never;
}

export const credentials: {
  createInsecure(): ChannelCredentials;
  createSsl(rootCertificates?: Bytes): ChannelCredentials;
};

/** How one call is made. */
export interface CallOptions {
  readonly deadline?: Date;
}

/** A call under way. */
export interface ClientCall {
  cancel(): void;
}

export interface ReadableCall<T> extends ClientCall {
  on(event: "data", listener: (message: T) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

export interface WritableCall<T> extends ClientCall {
  write(message: T): unknown;
  end(): unknown;
}

type Serialize<T> = (message: T) => Bytes;
type Deserialize<T> = (bytes: Bytes) => T;
type Callback<T> = (error: ServiceError | null, message?: T) => void;

export class Client {
  constructor(
    address: string,
    credentials: ChannelCredentials,
    options?: Readonly<Record<string, number>>,
  );
  makeUnaryRequest<Q, A>(
    path: string,
    serialize: Serialize<Q>,
    deserialize: Deserialize<A>,
    message: Q,
    metadata: Metadata,
    callback: Callback<A>,
  ): ClientCall;
  makeUnaryRequest<Q, A>(
    path: string,
    serialize: Serialize<Q>,
    deserialize: Deserialize<A>,
    message: Q,
    metadata: Metadata,
    options: CallOptions,
    callback: Callback<A>,
  ): ClientCall;
  makeServerStreamRequest<Q, A>(
    path: string,
    serialize: Serialize<Q>,
    deserialize: Deserialize<A>,
    message: Q,
    metadata: Metadata,
    options?: CallOptions,
  ): ReadableCall<A>;
  makeClientStreamRequest<Q, A>(
    path: string,
    serialize: Serialize<Q>,
    deserialize: Deserialize<A>,
    metadata: Metadata,
    callback: Callback<A>,
  ): WritableCall<Q>;
  makeBidiStreamRequest<Q, A>(
    path: string,
    serialize: Serialize<Q>,
    deserialize: Deserialize<A>,
    metadata: Metadata,
  ): WritableCall<Q> & ReadableCall<A>;
  close(): void;
}

export interface ServerCredentials {
  readonly __server?: never;
}

export const ServerCredentials: { createInsecure(): ServerCredentials };

/** A method as a server offers it. */
export interface MethodDefinition<Q, A> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: Serialize<Q>;
  readonly requestDeserialize: Deserialize<Q>;
  readonly responseSerialize: Serialize<A>;
  readonly responseDeserialize: Deserialize<A>;
}

export interface ServerUnaryCall<Q> {
  readonly request: Q;
  readonly metadata: Metadata;
  on(event: "cancelled", listener: () => void): unknown;
}

export interface ServerReadableStream<Q> {
  on(event: "data", listener: (message: Q) => void): unknown;
  on(event: "end", listener: () => void): unknown;
}

export interface ServerWritableStream<Q, A> {
  readonly request: Q;
  write(message: A): unknown;
  end(): void;
}

export interface ServerDuplexStream<Q, A> extends ServerReadableStream<Q> {
  write(message: A): unknown;
  end(): void;
}

export type SendUnaryData<A> = (
  error: { readonly code: number; readonly details: string } | null,
  message?: A,
) => void;

export class Server {
  addService(
    definition: Readonly<Record<string, MethodDefinition<object, object>>>,
    implementation: Readonly<Record<string, (...call: never[]) => void>>,
  ): void;
  bindAsync(
    address: string,
    credentials: ServerCredentials,
    callback: (error: Error | null, port: number) => void,
  ): void;
  forceShutdown(): void;
}
