/**
 * Answers what the reflection protocol asks, from the descriptors that the
 * generated code carries.
 *
 * @module
 */

import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";

/** As gRPC numbers its codes. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

type Response = MessageInitShape<typeof ServerReflectionResponseSchema>;
type MessageProto = DescFile["proto"]["messageType"][number];
type Answer = NonNullable<Response["messageResponse"]>;

/** What is known, by the names that are asked for. */
interface Known {
  readonly services: readonly string[];
  readonly byPath: ReadonlyMap<string, DescFile>;
  readonly bySymbol: ReadonlyMap<string, DescFile>;
  readonly messages: ReadonlySet<string>;
}

/**
 * Makes what answers the questions of one stream after another. Within one
 * stream no file is sent twice as what another one needs.
 */
export function createReflector(
  services: readonly DescService[],
): () => (request: ServerReflectionRequest) => Response {
  const known = knownOf(services);
  return () => {
    const sent = new Set<string>();
    return (request) => ({
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer(request, known, sent),
    });
  };
}

function knownOf(services: readonly DescService[]): Known {
  const byPath = new Map<string, DescFile>();
  const visit = (file: DescFile): void => {
    if (byPath.has(pathOf(file))) return;
    byPath.set(pathOf(file), file);
    file.dependencies.forEach(visit);
  };
  services.forEach(({ file }) => visit(file));
  const bySymbol = new Map<string, DescFile>();
  const messages = new Set<string>();
  for (const file of byPath.values()) {
    for (const name of symbolsOf(file, messages)) bySymbol.set(name, file);
  }
  const names = [...new Set(services.map(({ typeName }) => typeName))].sort();
  return { services: names, byPath, bySymbol, messages };
}

/** The path by which other files import one. */
function pathOf(file: DescFile): string {
  return file.proto.name;
}

/** The full names of all that a file declares. */
function* symbolsOf(
  { proto }: DescFile,
  messages: Set<string>,
): Generator<string> {
  const scope = proto.package === "" ? "" : `${proto.package}.`;
  for (const service of proto.service) {
    yield* scoped(scope, [service]);
    yield* scoped(`${scope}${service.name}.`, service.method);
  }
  yield* enumSymbols(proto.enumType, scope);
  for (const message of proto.messageType) {
    yield* messageSymbols(message, { scope, messages });
  }
}

function* messageSymbols(
  message: MessageProto,
  of: { readonly scope: string; readonly messages: Set<string> },
): Generator<string> {
  const name = `${of.scope}${message.name}`;
  const scope = `${name}.`;
  of.messages.add(name);
  yield name;
  yield* scoped(scope, [...message.field, ...message.oneofDecl]);
  yield* enumSymbols(message.enumType, scope);
  for (const it of message.nestedType) {
    yield* messageSymbols(it, { ...of, scope });
  }
}

/** The values of an enum are named beside it, not within. */
function* enumSymbols(
  enums: MessageProto["enumType"],
  scope: string,
): Generator<string> {
  for (const it of enums) yield* scoped(scope, [it, ...it.value]);
}

function* scoped(
  scope: string,
  named: readonly { readonly name: string }[],
): Generator<string> {
  for (const { name } of named) yield `${scope}${name}`;
}

function answer(
  { messageRequest }: ServerReflectionRequest,
  known: Known,
  sent: Set<string>,
): Answer {
  switch (messageRequest.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: known.services.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return withNeeded(known.byPath.get(messageRequest.value), sent) ??
        missing(`file "${messageRequest.value}"`);
    case "fileContainingSymbol":
      return withNeeded(known.bySymbol.get(messageRequest.value), sent) ??
        missing(`symbol "${messageRequest.value}"`);
    case "fileContainingExtension":
      return missing(`extension of "${messageRequest.value.containingType}"`);
    case "allExtensionNumbersOfType":
      return known.messages.has(messageRequest.value)
        ? {
          case: "allExtensionNumbersResponse",
          value: { baseTypeName: messageRequest.value },
        }
        : missing(`message "${messageRequest.value}"`);
    case undefined:
      return refusal(INVALID_ARGUMENT, "Nothing is asked");
  }
}

/** A file, and what it needs that was not sent before. */
function withNeeded(
  file: DescFile | undefined,
  sent: Set<string>,
): Answer | undefined {
  if (file === undefined) return undefined;
  // What is asked for by itself is sent again.
  sent.delete(pathOf(file));
  return {
    case: "fileDescriptorResponse",
    value: {
      fileDescriptorProto: [...needed(file, sent)].map(({ proto }) =>
        toBinary(FileDescriptorProtoSchema, proto)
      ),
    },
  };
}

function* needed(file: DescFile, sent: Set<string>): Generator<DescFile> {
  if (sent.has(pathOf(file))) return;
  sent.add(pathOf(file));
  yield file;
  for (const it of file.dependencies) yield* needed(it, sent);
}

function missing(what: string): Answer {
  return refusal(NOT_FOUND, `There is no ${what}`);
}

function refusal(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
