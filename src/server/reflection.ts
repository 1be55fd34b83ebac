/**
 * The reflection protocol of gRPC: tools learn the contract from the server
 * that answers it. Both names of it are spoken, as older tools know the older.
 *
 * @module
 */

import {
  createFileRegistry,
  type DescFile,
  type DescService,
  fromJson,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter, ServiceImpl } from "@connectrpc/connect";
import {
  file_grpc_reflection_v1_reflection,
  ServerReflection,
  type ServerReflectionRequest,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { StigmerError } from "../model/error.ts";
import { createReflector } from "./reflector.ts";

/** Questions that one stream may ask. */
const REQUESTS_MAX = 10_000;
const NAME = "grpc.reflection.v1";
const OLDER_NAME = "grpc.reflection.v1alpha";

/** Adds reflection of services, and of itself, to what a server answers. */
export function addReflection(
  router: ConnectRouter,
  services: readonly DescService[],
): void {
  const older = olderReflection();
  const reflector = createReflector([...services, ServerReflection, older]);
  const implementation: ServiceImpl<typeof ServerReflection> = {
    async *serverReflectionInfo(
      requests: AsyncIterable<ServerReflectionRequest>,
    ) {
      const answer = reflector();
      let count = 0;
      for await (const request of requests) {
        if (++count > REQUESTS_MAX) throw tooMany();
        yield answer(request);
      }
    },
  };
  router.service(ServerReflection, implementation);
  // Its messages are those of the newer one in all but their package.
  router.service(older, implementation);
}

/** The older of the two: the same messages in another package. */
function olderReflection(): typeof ServerReflection {
  const file = renamed(file_grpc_reflection_v1_reflection);
  const service = createFileRegistry(file, () => undefined)
    .getService(`${OLDER_NAME}.ServerReflection`);
  if (!isReflection(service)) throw new Error("The older name has no service");
  return service;
}

function renamed(file: DescFile): DescFile["proto"] {
  const text = JSON.stringify(toJson(FileDescriptorProtoSchema, file.proto));
  return fromJson(
    FileDescriptorProtoSchema,
    JSON.parse(
      text.replaceAll(NAME, OLDER_NAME)
        .replaceAll(pathOf(NAME), pathOf(OLDER_NAME)),
    ),
  );
}

function pathOf(name: string): string {
  return name.replaceAll(".", "/");
}

/** Says whether a service is the one that has the same call. */
function isReflection(
  service: DescService | undefined,
): service is typeof ServerReflection {
  return service?.method["serverReflectionInfo"]?.methodKind ===
    "bidi_streaming";
}

function tooMany(): StigmerError {
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `Cannot answer more than ${REQUESTS_MAX} questions in one call`,
    { hints: ["Ask on in another call"] },
  );
}
