/**
 * Who calls: this program itself in process, and clients that others made.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import {
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  BackendService,
  ErrorDetailSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { MethodName } from "../../src/backend/caller.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { codeName } from "../../src/server/code_name.ts";
import { runBuf } from "../servers/buf.ts";
import type { Answer, Json } from "./foreign_rows.ts";

/** What came of a call. */
export type Outcome =
  | { readonly kind: "answered"; readonly messages: Answer }
  | {
    readonly kind: "failed";
    readonly code: string;
    readonly message: string;
    /** `ErrorDetail`s, as JSON. */
    readonly details: readonly Json[];
  };

/** Makes a call. */
export type Caller = (method: MethodName, request: Json) => Promise<Outcome>;

/** The client of this program. */
export function ownCaller(client: BackendClient): Caller {
  return async (name, request) => {
    const method = BackendService.method[name];
    const input = parsed(method.input, request);
    const call: unknown = Reflect.get(client, name);
    if (typeof call !== "function") throw new Error(`No call "${name}"`);
    try {
      const answer = call.call(client, input);
      const messages: Message[] = [];
      if (method.methodKind === "unary") messages.push(await answer);
      else for await (const message of answer) messages.push(message);
      return answered(messages.map((it) => plain(method.output, it)));
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      return {
        kind: "failed",
        code: codeName(error),
        message: error.rawMessage,
        details: error.findDetails(ErrorDetailSchema)
          .map((it) => plain(ErrorDetailSchema, it)),
      };
    }
  };
}

/** How `buf curl` calls. */
export interface BufOptions {
  readonly protocol: "connect" | "grpc" | "grpcweb";
  readonly baseUrl: string;
  /** An image of the contract; without it the server is asked. */
  readonly schema?: string;
}

/** The client of Buf, which is made of connect-go. */
export function bufCaller(options: BufOptions): Caller {
  return async (name, request) => {
    const method = BackendService.method[name];
    const { ok, stdout, stderr } = await runBuf([
      "curl",
      ...schemaFlags(options),
      "--protocol",
      options.protocol,
      "--data",
      JSON.stringify(request),
      `${options.baseUrl}/${method.parent.typeName}/${method.name}`,
    ]);
    return ok ? answered(documentsOf(stdout)) : bufFailure(stderr);
  };
}

function schemaFlags({ schema }: BufOptions): readonly string[] {
  return schema === undefined ? [] : ["--schema", schema, "--reflect=false"];
}

/** What Buf writes of an error is JSON. */
function bufFailure(text: string): Outcome {
  const [error] = documentsOf(text.slice(Math.max(0, text.indexOf("{"))));
  if (error === undefined || !isObject(error)) throw new Error(text);
  const details = Array.isArray(error["details"]) ? error["details"] : [];
  return {
    kind: "failed",
    code: String(error["code"]),
    message: String(error["message"]),
    details: details.map(({ value }) => detailOf(fromBase64(String(value)))),
  };
}

/** JSON documents one after another, each indented and so ended by "}". */
function documentsOf(text: string): Answer {
  return text.split(/(?<=^\}|^\{\})\n/m).filter((it) => it.trim() !== "")
    .map((it) => JSON.parse(it));
}

/** The client of grpc-js, with messages of this program. */
export function grpcJsCaller(
  address: string,
): { readonly call: Caller; close(): void } {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  const call: Caller = (name, request) => {
    const method: DescMethod = BackendService.method[name];
    const path = `/${method.parent.typeName}/${method.name}`;
    const input = parsed(method.input, request);
    const write = (it: Message) => Buffer.from(toBinary(method.input, it));
    const read = (bytes: Uint8Array<ArrayBuffer>): Message =>
      fromBinary(method.output, bytes);
    return new Promise((resolve) => {
      const messages: Json[] = [];
      const end = (): void => resolve(answered(messages));
      const fail = (error: Error): void => resolve(grpcFailure(error));
      if (method.methodKind === "unary") {
        client.makeUnaryRequest<Message, Message>(
          path,
          write,
          read,
          input,
          metadata,
          (error, answer) => {
            if (error !== null) return fail(error);
            if (answer !== undefined) {
              messages.push(plain(method.output, answer));
            }
            end();
          },
        );
        return;
      }
      const stream = client.makeServerStreamRequest<Message, Message>(
        path,
        write,
        read,
        input,
        metadata,
      );
      stream.on("data", (it) => messages.push(plain(method.output, it)));
      stream.on("end", end);
      stream.on("error", fail);
    });
  };
  return { call, close: () => client.close() };
}

/** What gRPC puts into a trailer of an error, as google.rpc.Status says. */
const STATUS = messageOf({
  name: "google/rpc/status.proto",
  package: "google.rpc",
  syntax: "proto3",
  messageType: [
    {
      name: "Status",
      field: [
        field("code", { number: 1, type: "TYPE_INT32" }),
        field("message", { number: 2, type: "TYPE_STRING" }),
        {
          ...field("details", { number: 3, type: "TYPE_MESSAGE" }),
          label: "LABEL_REPEATED",
          typeName: ".google.rpc.Detail",
        },
      ],
    },
    {
      // As google.protobuf.Any is written.
      name: "Detail",
      field: [
        field("type_url", { number: 1, type: "TYPE_STRING" }),
        field("value", { number: 2, type: "TYPE_BYTES" }),
      ],
    },
  ],
}, "google.rpc.Status");

function field(
  name: string,
  { number, type }: { readonly number: number; readonly type: string },
) {
  return { name, jsonName: name, number, type, label: "LABEL_OPTIONAL" };
}

function messageOf(file: JsonValue, name: string): DescMessage {
  const proto = fromJson(FileDescriptorProtoSchema, file);
  const found = createFileRegistry(proto, () => undefined).getMessage(name);
  if (found === undefined) throw new Error(`No message "${name}"`);
  return found;
}

function grpcFailure(error: Error): Outcome {
  if (!isServiceError(error)) throw error;
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const status = packed instanceof Uint8Array
    ? plain(STATUS, fromBinary(STATUS, packed))
    : {};
  const details = isObject(status) && Array.isArray(status["details"])
    ? status["details"]
    : [];
  return {
    kind: "failed",
    code: codeName(new ConnectError("", error.code)),
    message: error.details,
    details: details.map(({ value }) => detailOf(fromBase64(value ?? ""))),
  };
}

function isServiceError(error: Error): error is ServiceError {
  return "code" in error && "details" in error;
}

function answered(messages: Answer): Outcome {
  return { kind: "answered", messages };
}

function detailOf(bytes: Uint8Array): Json {
  return plain(ErrorDetailSchema, fromBinary(ErrorDetailSchema, bytes));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
}

function parsed(desc: DescMessage, request: Json): Message {
  return fromJson(desc, JSON.parse(JSON.stringify(request)));
}

function plain(desc: DescMessage, message: Message): Json {
  return JSON.parse(JSON.stringify(toJson(desc, message)));
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
