import assert from "node:assert/strict";
import { create, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { createReflector } from "./reflector.ts";

type Question = ServerReflectionRequest["messageRequest"];

/** Asks in one stream, and gives the answers. */
function ask(...questions: Question[]) {
  const answer = createReflector([BackendService])();
  return questions.map((messageRequest) =>
    create(
      ServerReflectionResponseSchema,
      answer(
        create(ServerReflectionRequestSchema, { host: "h", messageRequest }),
      ),
    )
  );
}

/** The paths of the files of each answer. */
function files(...questions: Question[]): (readonly string[])[] {
  return ask(...questions).map(({ messageResponse }) => {
    assert.equal(messageResponse.case, "fileDescriptorResponse");
    return messageResponse.value.fileDescriptorProto.map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes).name
    );
  });
}

const BACKEND_FILE = "stigmer/backend/v1/backend.proto";
const METADATA_FILE = "stigmer/backend/v1/metadata.proto";

Deno.test("a reflector lists services, and says what it was asked", () => {
  const [answer] = ask({ case: "listServices", value: "*" });
  assert.equal(answer?.validHost, "h");
  assert.equal(answer?.originalRequest?.messageRequest.case, "listServices");
  assert.equal(answer?.messageResponse.case, "listServicesResponse");
  assert.deepEqual(
    answer.messageResponse.value.service.map(({ name }) => name),
    ["stigmer.backend.v1.BackendService"],
  );
});

Deno.test("a reflector sends a file with all that it needs", () => {
  const [paths = []] = files({ case: "fileByFilename", value: BACKEND_FILE });
  assert.equal(paths[0], BACKEND_FILE);
  for (const path of [METADATA_FILE, "google/protobuf/struct.proto"]) {
    assert.ok(paths.includes(path), path);
  }
  assert.equal(new Set(paths).size, paths.length);
});

Deno.test("a reflector sends what is needed once in a stream, and what is asked for each time", () => {
  const [, second, third] = files(
    { case: "fileByFilename", value: BACKEND_FILE },
    { case: "fileByFilename", value: BACKEND_FILE },
    { case: "fileByFilename", value: METADATA_FILE },
  );
  assert.deepEqual(second, [BACKEND_FILE]);
  assert.deepEqual(third, [METADATA_FILE]);
});

for (
  const symbol of [
    "stigmer.backend.v1.BackendService",
    "stigmer.backend.v1.BackendService.CreateAgent",
    "stigmer.backend.v1.GetBackendInfoResponse",
    "stigmer.backend.v1.GetBackendInfoResponse.counts",
    "stigmer.backend.v1.GetBackendInfoResponse.CountsEntry",
  ]
) {
  Deno.test(`a reflector finds the file of "${symbol}"`, () => {
    const [paths] = files({ case: "fileContainingSymbol", value: symbol });
    assert.equal(paths?.[0], BACKEND_FILE);
  });
}

Deno.test("a reflector knows that values of an enum are named beside it", () => {
  const [paths] = files({
    case: "fileContainingSymbol",
    value: "google.protobuf.NULL_VALUE",
  });
  assert.deepEqual(paths, ["google/protobuf/struct.proto"]);
});

for (
  const [question, code] of [
    [{ case: "fileByFilename", value: "../../etc/passwd" }, 5],
    [{ case: "fileContainingSymbol", value: "constructor" }, 5],
    [{ case: "allExtensionNumbersOfType", value: "no.Such" }, 5],
    [{ case: undefined }, 3],
  ] as const
) {
  Deno.test(`a reflector answers ${JSON.stringify(question)} with code ${code}`, () => {
    const [answer] = ask(question);
    assert.equal(answer?.messageResponse.case, "errorResponse");
    assert.equal(answer.messageResponse.value.errorCode, code);
  });
}

Deno.test("a reflector says that a message has no extensions", () => {
  const baseTypeName = "stigmer.backend.v1.GetBackendInfoResponse";
  const [answer] = ask({
    case: "allExtensionNumbersOfType",
    value: baseTypeName,
  });
  assert.equal(answer?.messageResponse.case, "allExtensionNumbersResponse");
  assert.equal(answer.messageResponse.value.baseTypeName, baseTypeName);
  assert.deepEqual(answer.messageResponse.value.extensionNumber, []);
});
