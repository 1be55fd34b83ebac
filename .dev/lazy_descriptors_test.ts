import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import {
  create,
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescService,
  fromBinary,
  toBinary,
} from "npm:@bufbuild/protobuf@2.17.0";
import { base64Decode, base64Encode } from "npm:@bufbuild/protobuf@2.17.0/wire";
import {
  file_google_protobuf_descriptor,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "npm:@bufbuild/protobuf@2.17.0/wkt";
import { BackendService } from "../gen/stigmer/backend/v1/backend_pb.ts";
import { file_grpc_health_v1_health } from "../gen/grpc/health/v1/health_pb.ts";
import { file_grpc_reflection_v1_reflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { lazyFile } from "./lazy_descriptors.ts";

/** Everything that is described: the contract, what it imports, and the rest. */
const FILES = withImports([
  BackendService.file,
  file_grpc_health_v1_health,
  file_grpc_reflection_v1_reflection,
  lazy(file_google_protobuf_descriptor.proto, []),
]);
/** The same, made by the runtime as it is. */
const WHOLE = createFileRegistry(
  create(FileDescriptorSetSchema, { file: FILES.map((it) => it.proto) }),
);

Deno.test("lazyFile() describes each file as the runtime does", () => {
  ok(FILES.length > 15, "The contract and what it imports");
  for (const file of FILES) {
    const whole = WHOLE.getFile(`${file.name}.proto`);
    ok(whole !== undefined, file.name);
    equal(factsOfFile(file), factsOfFile(whole));
  }
});

Deno.test("lazyFile() describes each message as the runtime does", () => {
  const pairs = FILES.flatMap((it) => messagesOf(it));
  ok(pairs.length > 250, `${pairs.length} messages`);
  for (const message of pairs) {
    const whole = WHOLE.getMessage(message.typeName);
    ok(whole !== undefined, message.typeName);
    equal(factsOfMessage(message), factsOfMessage(whole));
  }
});

Deno.test("lazyFile() describes each enum and service as the runtime does", () => {
  const enums = FILES.flatMap((it) => [
    ...it.enums,
    ...messagesOf(it).flatMap((message) => message.nestedEnums),
  ]);
  ok(enums.length > 20, `${enums.length} enums`);
  for (const desc of enums) {
    const whole = WHOLE.getEnum(desc.typeName);
    ok(whole !== undefined, desc.typeName);
    equal(factsOfEnum(desc), factsOfEnum(whole));
  }
  const services = FILES.flatMap((it) => it.services);
  equal(services.length, 3);
  for (const desc of services) {
    const whole = WHOLE.getService(desc.typeName);
    ok(whole !== undefined, desc.typeName);
    equal(factsOfService(desc), factsOfService(whole));
  }
});

Deno.test("lazyFile() gives each description as the message that it is", () => {
  for (const file of FILES) {
    for (const message of messagesOf(file)) {
      equal(message.proto, WHOLE.getMessage(message.typeName)?.proto);
      for (const field of message.fields) {
        equal(field.proto.number, field.number);
        equal(field.proto.name, field.name);
      }
    }
  }
  const path = file_google_protobuf_descriptor.proto.name;
  const again = FILES.find((it) => `${it.name}.proto` === path);
  equal(
    again && toBinary(FileDescriptorProtoSchema, again.proto),
    toBinary(FileDescriptorProtoSchema, file_google_protobuf_descriptor.proto),
  );
});

Deno.test("lazyFile() refuses what it does not know", () => {
  throws(() => described({ syntax: "editions" }), /the syntax "editions"/);
  const extension = { name: "e", number: 1000, extendee: ".M", type: 9 };
  throws(() => described({ extension: [extension] }), /an extension/);
  const field = { name: "f", number: 1, label: 1, type: 11, typeName: ".Gone" };
  const { messages } = described({
    messageType: [{ name: "M", field: [field] }],
  });
  throws(() => messages[0]?.fields, /a message "Gone" is not known/);
});

function described(
  init: Parameters<typeof create<typeof FileDescriptorProtoSchema>>[1],
): DescFile {
  const given = { name: "t.proto", syntax: "proto3", ...init };
  return lazy(create(FileDescriptorProtoSchema, given), []);
}

function lazy(
  proto: DescFile["proto"],
  imports: readonly DescFile[],
): DescFile {
  const base64 = base64Encode(toBinary(FileDescriptorProtoSchema, proto));
  return lazyFile(
    base64,
    imports,
    () => fromBinary(FileDescriptorProtoSchema, base64Decode(base64)),
  );
}

/** The files with those that they import, which come first. */
function withImports(files: readonly DescFile[]): readonly DescFile[] {
  const found = new Set<DescFile>();
  const visit = (file: DescFile): void => {
    if (found.has(file)) return;
    file.dependencies.forEach(visit);
    found.add(file);
  };
  files.forEach(visit);
  return [...found];
}

function messagesOf(
  of: DescFile | DescMessage,
): readonly DescMessage[] {
  const inside = of.kind === "file" ? of.messages : of.nestedMessages;
  return inside.flatMap((it) => [it, ...messagesOf(it)]);
}

function factsOfFile(file: DescFile): unknown {
  const { kind, name, edition, deprecated } = file;
  return {
    facts: { kind, name, edition, deprecated, text: String(file) },
    parts: [
      file.dependencies,
      file.messages,
      file.enums,
      file.services,
      file.extensions,
    ].map((it) => it.map(String)),
  };
}

function factsOfMessage(message: DescMessage): unknown {
  const { kind, name, typeName, deprecated, file, parent } = message;
  return {
    facts: { kind, name, typeName, deprecated, text: String(message) },
    place: [String(file), String(parent)],
    fields: message.fields.map(factsOfField),
    byName: Object.entries(message.field).map(([it, { name }]) => [it, name]),
    members: message.members.map((it) => [it.kind, it.localName]),
    oneofs: message.oneofs.map((it) => ({
      ...it,
      proto: it.proto.name,
      parent: String(it.parent),
      fields: it.fields.map(String),
      toString: String(it),
    })),
    nested: [message.nestedMessages, message.nestedEnums].map((it) =>
      it.map(String)
    ),
    extensions: message.nestedExtensions.length,
  };
}

function factsOfField(field: DescField): unknown {
  const { proto: _, ...facts } = { ...field };
  return {
    ...facts,
    parent: String(field.parent),
    oneof: String(field.oneof),
    message: String(field.message),
    enum: String(field.enum),
    toString: String(field),
    getDefaultValue: field.fieldKind === "list" || field.fieldKind === "map"
      ? undefined
      : [field.getDefaultValue()],
  };
}

function factsOfEnum(desc: DescEnum): unknown {
  const { kind, name, typeName, deprecated, open, sharedPrefix } = desc;
  return {
    facts: { kind, name, typeName, deprecated, open, sharedPrefix },
    text: [String(desc), String(desc.file), String(desc.parent)],
    values: desc.values.map(({ proto, ...it }) => ({
      ...it,
      proto: proto.name,
      parent: String(it.parent),
      toString: String(it),
    })),
    byNumber: Object.entries(desc.value).map(([it, { name }]) => [it, name]),
  };
}

function factsOfService(desc: DescService): unknown {
  const { kind, name, typeName, deprecated } = desc;
  return {
    facts: { kind, name, typeName, deprecated, text: String(desc) },
    byName: Object.keys(desc.method),
    methods: desc.methods.map((it) => ({
      facts: [it.kind, it.name, it.localName, it.methodKind],
      options: [it.deprecated, it.idempotency],
      proto: it.proto.name,
      texts: [it, it.parent, it.input, it.output].map(String),
    })),
  };
}
