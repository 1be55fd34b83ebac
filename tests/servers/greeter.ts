/**
 * A real gRPC server of loopback, and the files that describe it.
 *
 * @module
 */

import * as grpc from "@grpc/grpc-js";
import * as protobuf from "protobufjs";

/** The files of the description, by their names. */
export const GREETER_FILES: Readonly<Record<string, string>> = {
  "greet.proto": `
    syntax = "proto3";
    package GreeterApi;
    import "parts/pet.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/wrappers.proto";
    import "google/protobuf/duration.proto";
    message HelloRequest {
      string name = 1;
      parts.Pet best_pet = 2;
      repeated int64 numbers = 3;
      map<string, parts.Kind> kinds = 4;
      google.protobuf.Timestamp at = 5;
      google.protobuf.Struct more = 6;
      bytes raw = 7;
      google.protobuf.StringValue nick = 8;
      google.protobuf.Duration wait = 9;
      optional int32 age = 10;
      oneof choice { string left = 11; uint32 right = 12; }
      double weight = 13;
      bool good = 14;
    }
    message HelloReply { string message = 1; int32 count = 2; HelloRequest echo = 3; }
    service Greeter {
      rpc SayHello (HelloRequest) returns (HelloReply);
      rpc SayMany (HelloRequest) returns (stream HelloReply);
      rpc Gather (stream HelloRequest) returns (HelloReply);
      rpc Chat (stream HelloRequest) returns (stream HelloReply);
      rpc Fail (HelloRequest) returns (HelloReply);
      rpc Hang (HelloRequest) returns (HelloReply);
    }`,
  "parts/pet.proto": `
    syntax = "proto3";
    package parts;
    enum Kind { KIND_NONE = 0; KIND_CAT = 1; KIND_DOG = 2; }
    message Pet { string pet_name = 1; Kind kind = 2; }`,
};

/** A running server. */
export interface Greeter extends AsyncDisposable {
  readonly port: number;
  /** Metadata of each call. */
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  /** Calls that the client left. */
  readonly cancelled: () => number;
}

/** Starts the server; `Fail` answers with the code that its name says. */
export async function startGreeter(
  options: { readonly token?: () => string } = {},
): Promise<Greeter> {
  const root = new protobuf.Root();
  for (const text of Object.values(GREETER_FILES)) {
    const parsed = protobuf.parse(text, root, { keepCase: true });
    for (const name of parsed.imports ?? []) {
      root.addJSON(protobuf.common.get(name)?.nested ?? {});
    }
  }
  const service = root.lookupService("GreeterApi.Greeter");
  const request = root.lookupType("GreeterApi.HelloRequest");
  const reply = root.lookupType("GreeterApi.HelloReply");
  const definition: Record<string, grpc.MethodDefinition<object, object>> = {};
  for (const method of service.methodsArray) {
    definition[method.name] = {
      path: `/GreeterApi.Greeter/${method.name}`,
      requestStream: method.requestStream === true,
      responseStream: method.responseStream === true,
      requestSerialize: (value) => request.encode(value).finish(),
      requestDeserialize: (bytes) => request.decode(bytes),
      responseSerialize: (value) =>
        reply.encode(reply.fromObject(value)).finish(),
      responseDeserialize: (bytes) => reply.decode(bytes),
    };
  }
  const calls: Record<string, unknown>[] = [];
  let cancelled = 0;
  const nameOf = (message: object): string =>
    String(Reflect.get(message, "name"));
  const server = new grpc.Server();
  const note = (metadata: grpc.Metadata): void =>
    void calls.push(metadata.getMap());
  server.addService(definition, {
    SayHello: (
      call: grpc.ServerUnaryCall<object>,
      answer: grpc.SendUnaryData<object>,
    ) => {
      note(call.metadata);
      const expected = options.token?.();
      const given = call.metadata.get("authorization")[0];
      if (expected !== undefined && given !== `Bearer ${expected}`) {
        return answer({ code: 16, details: "who are you" });
      }
      answer(null, {
        message: `Hello ${nameOf(call.request)}`,
        echo: call.request,
      });
    },
    SayMany: (call: grpc.ServerWritableStream<object, object>) => {
      for (let count = 0; count < 3; count++) {
        call.write({ message: nameOf(call.request), count });
      }
      call.end();
    },
    Gather: (
      call: grpc.ServerReadableStream<object>,
      answer: grpc.SendUnaryData<object>,
    ) => {
      let count = 0;
      call.on("data", () => count++);
      call.on("end", () => answer(null, { count }));
    },
    Chat: (call: grpc.ServerDuplexStream<object, object>) => {
      call.on(
        "data",
        (message: object) => call.write({ message: nameOf(message) }),
      );
      call.on("end", () => call.end());
    },
    Fail: (
      call: grpc.ServerUnaryCall<object>,
      answer: grpc.SendUnaryData<object>,
    ) => answer({ code: Number(nameOf(call.request)), details: "as asked" }),
    Hang: (call: grpc.ServerUnaryCall<object>) => {
      note(call.metadata);
      call.on("cancelled", () => cancelled++);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      "127.0.0.1:0",
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => error === null ? resolve(bound) : reject(error),
    )
  );
  return {
    port,
    calls,
    cancelled: () => cancelled,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.forceShutdown();
        resolve();
      }),
  };
}
