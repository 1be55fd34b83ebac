/**
 * Descriptors that are read when they are asked for: `gen/runtime/` puts this
 * in the place of what the protobuf runtime does at start, which is to make
 * every field of every message of the contract, whichever command runs.
 *
 * A file is looked through for the names of its messages and enums; what is in
 * one is read at the first look at it. Of the whole description as a message
 * (`proto`), which only gRPC reflection wants, the runtime's own reader makes
 * the value. Proto2 and proto3 are known, without extensions and editions,
 * which the contract does not use; the test compares all of it with what the
 * runtime makes.
 *
 * @module
 */

import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf";

/** The description of a file as a message. */
type FileProto = DescFile["proto"];
type MessageProto = DescMessage["proto"];
/** A field under construction; which of them it is, its kind says. */
type Fields = Record<string, unknown>;

const EDITION_PROTO2 = 998;
const EDITION_PROTO3 = 999;
const PRESENCE_EXPLICIT = 1;
const PRESENCE_IMPLICIT = 2;
const PRESENCE_REQUIRED = 3;
const LABEL_REQUIRED = 2;
const LABEL_REPEATED = 3;
const TYPE_BOOL = 8;
const TYPE_STRING = 9;
const TYPE_GROUP = 10;
const TYPE_MESSAGE = 11;
const TYPE_BYTES = 12;
const TYPE_ENUM = 14;
/** Names that a property of an object cannot have without harm. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "constructor",
  "toString",
  "toJSON",
  "valueOf",
]);

/** Part of a file: a message of `descriptor.proto` in its binary form. */
interface Part {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** One field of a part: a number, or where its bytes are. */
interface Entry {
  readonly number: number;
  readonly value: number;
  readonly part: Part;
}

/** What is known of all files so far, by full name. */
const types = new Map<string, LazyMessage | LazyEnum>();

/**
 * Describes a file.
 *
 * @param base64 Its description, as `buf` writes it.
 * @param imports The files that it imports.
 * @param parse Reads the description as a message.
 */
export function lazyFile(
  base64: string,
  imports: readonly DescFile[],
  parse: (bytes: Uint8Array) => FileProto,
): DescFile {
  return new LazyFile(decodeBase64(base64), imports, parse);
}

function decodeBase64(text: string): Uint8Array {
  // The platform's own reader is not there before Deno 2.5.
  return "fromBase64" in Uint8Array && typeof Uint8Array.fromBase64 ===
      "function"
    ? Uint8Array.fromBase64(text)
    : Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
}

// These are classes for their prototypes: hundreds of them are made at start,
// and with a prototype each costs one object and not a dozen functions.

class LazyFile implements DescFile {
  readonly kind = "file";
  readonly name: string;
  readonly edition: DescFile["edition"];
  readonly dependencies: DescFile[];
  readonly messages: DescMessage[] = [];
  readonly enums: DescEnum[] = [];
  readonly services: DescService[] = [];
  readonly extensions: DescFile["extensions"] = [];
  readonly deprecated: boolean;
  readonly #bytes: Uint8Array;
  readonly #parse: (bytes: Uint8Array) => FileProto;
  #proto: FileProto | undefined;

  constructor(
    bytes: Uint8Array,
    imports: readonly DescFile[],
    parse: (bytes: Uint8Array) => FileProto,
  ) {
    this.#bytes = bytes;
    this.#parse = parse;
    this.dependencies = [...imports];
    const whole = { bytes, start: 0, end: bytes.length };
    this.name = textOf(whole, 1).replace(/\.proto$/, "");
    this.edition = editionOf(textOf(whole, 12));
    this.deprecated = flagOf(optionsOf(whole, 8), 23);
    const packageName = textOf(whole, 2);
    const prefix = packageName === "" ? "" : `${packageName}.`;
    for (const { number, part } of entriesOf(whole)) {
      if (number === 5) {
        const place = { file: this, prefix, index: this.enums.length };
        this.enums.push(new LazyEnum(part, place));
      } else if (number === 4) {
        const place = { file: this, prefix, index: this.messages.length };
        this.messages.push(new LazyMessage(part, place));
      } else if (number === 6) {
        const place = { file: this, prefix, index: this.services.length };
        this.services.push(new LazyService(part, place));
      } else if (number === 7) throw unknownPart("an extension", this.name);
    }
  }

  get proto(): FileProto {
    return this.#proto ??= this.#parse(this.#bytes);
  }

  toString(): string {
    return `file ${this.name}.proto`;
  }
}

/** Where in a file something stands. */
interface Place {
  readonly file: LazyFile;
  readonly parent?: LazyMessage;
  /** What its full name begins with. */
  readonly prefix: string;
  readonly index: number;
}

/** What is in a message. */
interface MessageContent {
  readonly fields: DescField[];
  readonly field: Record<string, DescField>;
  readonly oneofs: DescOneof[];
  readonly members: (DescField | DescOneof)[];
}

/** The messages and enums inside a message. */
interface NestedContent {
  readonly messages: LazyMessage[];
  readonly mapEntries: ReadonlyMap<string, LazyMessage>;
  readonly enums: LazyEnum[];
}

class LazyMessage implements DescMessage {
  readonly kind = "message";
  readonly name: string;
  readonly typeName: string;
  readonly file: LazyFile;
  readonly parent: LazyMessage | undefined;
  readonly nestedExtensions: DescMessage["nestedExtensions"] = [];
  readonly #part: Part;
  readonly #index: number;
  #content: MessageContent | undefined;
  #nested: NestedContent | undefined;

  constructor(part: Part, { file, parent, prefix, index }: Place) {
    this.#part = part;
    this.#index = index;
    this.file = file;
    this.parent = parent;
    this.name = textOf(part, 1);
    this.typeName = `${prefix}${this.name}`;
    types.set(this.typeName, this);
  }

  get proto(): MessageProto {
    const proto = this.parent === undefined
      ? this.file.proto.messageType[this.#index]
      : this.parent.proto.nestedType[this.#index];
    return there(proto, this.typeName);
  }

  get deprecated(): boolean {
    return flagOf(optionsOf(this.#part, 7), 3);
  }

  get isMapEntry(): boolean {
    return flagOf(optionsOf(this.#part, 7), 7);
  }

  get fields(): DescField[] {
    return this.content.fields;
  }

  get field(): Record<string, DescField> {
    return this.content.field;
  }

  get oneofs(): DescOneof[] {
    return this.content.oneofs;
  }

  get members(): (DescField | DescOneof)[] {
    return this.content.members;
  }

  get nestedMessages(): DescMessage[] {
    return this.nested.messages;
  }

  get nestedEnums(): DescEnum[] {
    return this.nested.enums;
  }

  get nested(): NestedContent {
    return this.#nested ??= nestedOf(this, this.#part);
  }

  get content(): MessageContent {
    return this.#content ??= contentOf(this, this.#part);
  }

  /** The entry that a field of this type is a map of, if it is one. */
  mapEntry(typeName: string): LazyMessage | undefined {
    return this.nested.mapEntries.get(typeName);
  }

  toString(): string {
    return `message ${this.typeName}`;
  }
}

function nestedOf(parent: LazyMessage, part: Part): NestedContent {
  const { file, typeName } = parent;
  const messages: LazyMessage[] = [];
  const mapEntries = new Map<string, LazyMessage>();
  const enums: LazyEnum[] = [];
  let index = 0;
  for (const entry of entriesOf(part)) {
    const place = { file, parent, prefix: `${typeName}.`, index };
    if (entry.number === 3) {
      const message = new LazyMessage(entry.part, place);
      if (message.isMapEntry) mapEntries.set(message.typeName, message);
      else messages.push(message);
      index++;
    } else if (entry.number === 4) {
      enums.push(new LazyEnum(entry.part, { ...place, index: enums.length }));
    } else if (entry.number === 6) throw unknownPart("an extension", typeName);
  }
  return { messages, mapEntries, enums };
}

function contentOf(message: LazyMessage, part: Part): MessageContent {
  const oneofs = partsOf(part, 8).map((it, index) =>
    oneofOf(message, textOf(it, 1), index)
  );
  const content: MessageContent = {
    fields: [],
    field: {},
    oneofs: [],
    members: [],
  };
  for (const [index, fieldPart] of partsOf(part, 2).entries()) {
    const oneof = flagOf(fieldPart, 17)
      ? undefined
      : oneofs[numberOf(fieldPart, 9) ?? -1];
    const field = fieldOf(fieldPart, { message, oneof, index });
    content.fields.push(field);
    content.field[field.localName] = field;
    if (oneof === undefined) content.members.push(field);
    else {
      if (oneof.fields.length === 0) content.members.push(oneof);
      oneof.fields.push(field);
    }
  }
  // The ones that only say that a field is optional have no field.
  content.oneofs.push(...oneofs.filter((it) => it.fields.length > 0));
  return content;
}

function oneofOf(
  parent: LazyMessage,
  name: string,
  index: number,
): DescOneof {
  return {
    kind: "oneof",
    get proto() {
      return there(parent.proto.oneofDecl[index], name);
    },
    deprecated: false,
    parent,
    fields: [],
    name,
    localName: propertyName(camelCase(name)),
    toString: () => `oneof ${parent.typeName}.${name}`,
  };
}

/** Where in a message a field stands. */
interface FieldPlace {
  readonly message: LazyMessage;
  readonly oneof: DescOneof | undefined;
  readonly index: number;
}

function fieldOf(part: Part, place: FieldPlace): DescField {
  const { message, oneof, index } = place;
  const name = textOf(part, 1);
  const localName = camelCase(name);
  const field: Fields = {
    kind: "field",
    get proto() {
      return there(message.proto.field[index], name);
    },
    deprecated: flagOf(optionsOf(part, 8), 3),
    name,
    number: numberOf(part, 3) ?? 0,
    scalar: undefined,
    message: undefined,
    enum: undefined,
    presence: presenceOf(part, place),
    utf8Validation: message.file.edition === EDITION_PROTO3,
    listKind: undefined,
    mapKind: undefined,
    mapKey: undefined,
    delimitedEncoding: undefined,
    packed: undefined,
    longAsString: false,
    getDefaultValue: undefined,
    parent: message,
    oneof,
    localName: oneof === undefined ? propertyName(localName) : localName,
    jsonName: has(part, 10) ? textOf(part, 10) : localName,
    toString: () => `field ${message.typeName}.${name}`,
    ...(numberOf(part, 4) === LABEL_REPEATED
      ? repeatedOf(part, message)
      : singularOf(part)),
  };
  // Which of the kinds of field it is, no type can follow.
  return field as unknown as DescField;
}

function presenceOf(part: Part, { message, oneof }: FieldPlace): number {
  const label = numberOf(part, 4);
  if (label === LABEL_REQUIRED) return PRESENCE_REQUIRED;
  if (label === LABEL_REPEATED) return PRESENCE_IMPLICIT;
  if (oneof !== undefined || flagOf(part, 17)) return PRESENCE_EXPLICIT;
  if (message.file.edition === EDITION_PROTO2) return PRESENCE_EXPLICIT;
  return isMessageType(numberOf(part, 5))
    ? PRESENCE_EXPLICIT
    : PRESENCE_IMPLICIT;
}

/** What is particular of a list or a map. */
function repeatedOf(part: Part, parent: LazyMessage): Fields {
  const type = numberOf(part, 5) ?? 0;
  const typeName = textOf(part, 6).replace(/^\./, "");
  const entry = isMessageType(type) ? parent.mapEntry(typeName) : undefined;
  if (entry !== undefined) return mapOf(entry);
  if (isMessageType(type)) {
    return {
      fieldKind: "list",
      listKind: "message",
      message: messageNamed(typeName),
      delimitedEncoding: type === TYPE_GROUP,
      packed: false,
    };
  }
  const packed = isPacked(part, parent.file.edition);
  return type === TYPE_ENUM
    ? { fieldKind: "list", listKind: "enum", enum: enumNamed(typeName), packed }
    : {
      fieldKind: "list",
      listKind: "scalar",
      scalar: type,
      longAsString: isLongAsString(part),
      packed,
    };
}

function mapOf(entry: LazyMessage): Fields {
  const key = entry.fields.find(({ number }) => number === 1);
  const value = entry.fields.find(({ number }) => number === 2);
  return {
    fieldKind: "map",
    mapKey: there(key, entry.typeName).scalar,
    mapKind: there(value, entry.typeName).fieldKind,
    message: value?.message,
    delimitedEncoding: false,
    enum: value?.enum,
    scalar: value?.scalar,
  };
}

/** What is particular of a field that is there once. */
function singularOf(part: Part): Fields {
  const type = numberOf(part, 5) ?? 0;
  const typeName = textOf(part, 6).replace(/^\./, "");
  if (isMessageType(type)) {
    return {
      fieldKind: "message",
      message: messageNamed(typeName),
      delimitedEncoding: type === TYPE_GROUP,
      getDefaultValue: () => undefined,
    };
  }
  const given = has(part, 7) ? textOf(part, 7) : undefined;
  if (type === TYPE_ENUM) {
    const desc = enumNamed(typeName);
    return {
      fieldKind: "enum",
      enum: desc,
      getDefaultValue: () =>
        given === undefined
          ? undefined
          : there(desc.values.find(({ name }) => name === given), given).number,
    };
  }
  return {
    fieldKind: "scalar",
    scalar: type,
    longAsString: isLongAsString(part),
    getDefaultValue: () =>
      given === undefined ? undefined : scalarDefault(type, given),
  };
}

function scalarDefault(type: number, text: string): unknown {
  if (type === TYPE_STRING) return text;
  if (type === TYPE_BOOL) return text === "true";
  throw unknownPart("a default value", text);
}

function isPacked(part: Part, edition: number): boolean {
  const type = numberOf(part, 5);
  if (type === TYPE_STRING || type === TYPE_BYTES) return false;
  const packed = numberOf(optionsOf(part, 8), 2);
  return packed === undefined ? edition === EDITION_PROTO3 : packed === 1;
}

function isLongAsString(part: Part): boolean {
  return numberOf(optionsOf(part, 8), 6) === 1;
}

function isMessageType(type: number | undefined): boolean {
  return type === TYPE_MESSAGE || type === TYPE_GROUP;
}

/** What is in an enum. */
interface EnumContent {
  readonly values: DescEnumValue[];
  readonly value: Record<number, DescEnumValue>;
  readonly sharedPrefix: string | undefined;
}

class LazyEnum implements DescEnum {
  readonly kind = "enum";
  readonly name: string;
  readonly typeName: string;
  readonly file: LazyFile;
  readonly parent: LazyMessage | undefined;
  readonly open: boolean;
  readonly #part: Part;
  readonly #index: number;
  #content: EnumContent | undefined;

  constructor(part: Part, { file, parent, prefix, index }: Place) {
    this.#part = part;
    this.#index = index;
    this.file = file;
    this.parent = parent;
    this.open = file.edition === EDITION_PROTO3;
    this.name = textOf(part, 1);
    this.typeName = `${prefix}${this.name}`;
    types.set(this.typeName, this);
  }

  get proto(): DescEnum["proto"] {
    const { enumType } = (this.parent ?? this.file).proto;
    return there(enumType[this.#index], this.typeName);
  }

  get deprecated(): boolean {
    return flagOf(optionsOf(this.#part, 3), 3);
  }

  get values(): DescEnumValue[] {
    return this.content.values;
  }

  get value(): Record<number, DescEnumValue> {
    return this.content.value;
  }

  get sharedPrefix(): string | undefined {
    return this.content.sharedPrefix;
  }

  get content(): EnumContent {
    return this.#content ??= enumContentOf(this, this.#part);
  }

  toString(): string {
    return `enum ${this.typeName}`;
  }
}

function enumContentOf(parent: LazyEnum, part: Part): EnumContent {
  const parts = partsOf(part, 2);
  const names = parts.map((it) => textOf(it, 1));
  const sharedPrefix = sharedPrefixOf(parent.name, names);
  const value: Record<number, DescEnumValue> = {};
  const values = parts.map((it, index): DescEnumValue => {
    const name = names[index] ?? "";
    const desc: DescEnumValue = {
      kind: "enum_value",
      get proto() {
        return there(parent.proto.value[index], name);
      },
      deprecated: flagOf(optionsOf(it, 3), 1),
      parent,
      name,
      localName: propertyName(name.substring(sharedPrefix?.length ?? 0)),
      number: numberOf(it, 2) ?? 0,
      jsonName: name,
      toString: () => `enum value ${parent.typeName}.${name}`,
    };
    value[desc.number] ??= desc;
    return desc;
  });
  return { values, value, sharedPrefix };
}

/** What all names begin with, when that is the name of the enum. */
function sharedPrefixOf(
  enumName: string,
  names: readonly string[],
): string | undefined {
  const first = enumName.substring(0, 1);
  const rest = enumName.substring(1).replace(/[A-Z]/g, (it) => `_${it}`);
  const prefix = `${first}${rest}`.toLowerCase() + "_";
  const isShared = names.every((name) =>
    name.toLowerCase().startsWith(prefix) &&
    /^\D/.test(name.substring(prefix.length))
  );
  return isShared ? prefix : undefined;
}

class LazyService implements DescService {
  readonly kind = "service";
  readonly name: string;
  readonly typeName: string;
  readonly file: LazyFile;
  readonly #part: Part;
  readonly #index: number;
  #methods: DescMethod[] | undefined;
  #method: Record<string, DescMethod> | undefined;

  constructor(part: Part, { file, prefix, index }: Place) {
    this.#part = part;
    this.#index = index;
    this.file = file;
    this.name = textOf(part, 1);
    this.typeName = `${prefix}${this.name}`;
  }

  get proto(): DescService["proto"] {
    return there(this.file.proto.service[this.#index], this.typeName);
  }

  get deprecated(): boolean {
    return flagOf(optionsOf(this.#part, 3), 33);
  }

  get methods(): DescMethod[] {
    return this.#methods ??= partsOf(this.#part, 2)
      .map((it, index) => methodOf(it, this, index));
  }

  get method(): Record<string, DescMethod> {
    return this.#method ??= Object.fromEntries(
      this.methods.map((it) => [it.localName, it]),
    );
  }

  toString(): string {
    return `service ${this.typeName}`;
  }
}

function methodOf(
  part: Part,
  parent: LazyService,
  index: number,
): DescMethod {
  const name = textOf(part, 1);
  const options = optionsOf(part, 4);
  return {
    kind: "rpc",
    get proto() {
      return there(parent.proto.method[index], name);
    },
    deprecated: flagOf(options, 33),
    parent,
    name,
    localName: propertyName(
      name.substring(0, 1).toLowerCase() + name.substring(1),
    ),
    methodKind: methodKindOf(part),
    input: messageNamed(textOf(part, 2).replace(/^\./, "")),
    output: messageNamed(textOf(part, 3).replace(/^\./, "")),
    idempotency: numberOf(options, 34) ?? 0,
    toString: () => `rpc ${parent.typeName}.${name}`,
  };
}

function methodKindOf(part: Part): DescMethod["methodKind"] {
  const client = flagOf(part, 5);
  const server = flagOf(part, 6);
  if (client && server) return "bidi_streaming";
  if (client) return "client_streaming";
  return server ? "server_streaming" : "unary";
}

function messageNamed(typeName: string): LazyMessage {
  const found = typeNamed(typeName);
  if (found?.kind === "message") return found;
  throw unknownPart("a message", typeName);
}

function enumNamed(typeName: string): LazyEnum {
  const found = typeNamed(typeName);
  if (found?.kind === "enum") return found;
  throw unknownPart("an enum", typeName);
}

/** Finds a type; what is inside a message is known once that was read. */
function typeNamed(typeName: string): LazyMessage | LazyEnum | undefined {
  const known = types.get(typeName);
  const end = typeName.lastIndexOf(".");
  if (known !== undefined || end < 0) return known;
  const outer = typeNamed(typeName.substring(0, end));
  if (outer?.kind !== "message") return undefined;
  void outer.nested;
  return types.get(typeName);
}

function editionOf(syntax: string): DescFile["edition"] {
  if (syntax === "proto3") return EDITION_PROTO3;
  if (syntax === "" || syntax === "proto2") return EDITION_PROTO2;
  throw unknownPart("the syntax", syntax);
}

function camelCase(name: string): string {
  // Digits end the search for a letter to write large.
  return name.replace(/_+([^_]?)/g, (_, next: string) => next.toUpperCase());
}

function propertyName(name: string): string {
  return RESERVED_NAMES.has(name) ? `${name}$` : name;
}

function there<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw unknownPart("a part", name);
  return value;
}

function unknownPart(what: string, name: string): Error {
  return new Error(`Cannot read a description: ${what} "${name}" is not known`);
}

function partsOf(part: Part, number: number): readonly Part[] {
  return entriesOf(part).filter((it) => it.number === number)
    .map((it) => it.part);
}

/** The options of a part, empty when it has none. */
function optionsOf(part: Part, number: number): Part {
  return find(part, number)?.part ?? { bytes: part.bytes, start: 0, end: 0 };
}

function textOf(part: Part, number: number): string {
  const found = find(part, number)?.part;
  if (found === undefined) return "";
  const { bytes, start, end } = found;
  let text = "";
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0;
    // Names are ASCII; default values need not be.
    if (code > 127) return new TextDecoder().decode(bytes.subarray(start, end));
    text += String.fromCharCode(code);
  }
  return text;
}

function flagOf(part: Part, number: number): boolean {
  return numberOf(part, number) === 1;
}

function numberOf(part: Part, number: number): number | undefined {
  return find(part, number)?.value;
}

function has(part: Part, number: number): boolean {
  return find(part, number) !== undefined;
}

/** Where the reading of varints is; one reader at a time. */
let at = 0;

/** The first field of a number: of those that are looked for, the only one. */
function find(part: Part, number: number): Entry | undefined {
  const { bytes, end } = part;
  at = part.start;
  while (at < end) {
    const tag = varint(bytes);
    // All that are looked for have tags of a byte or two.
    if (tag >> 3 === number) return entryOf(bytes, tag);
    skip(bytes, tag & 7);
  }
  return undefined;
}

/** Reads the fields of a part. */
function entriesOf({ bytes, start, end }: Part): readonly Entry[] {
  const entries: Entry[] = [];
  at = start;
  while (at < end) entries.push(entryOf(bytes, varint(bytes)));
  return entries;
}

/** Reads the rest of a field, and goes on behind it. */
function entryOf(bytes: Uint8Array, tag: number): Entry {
  const wireType = tag & 7;
  const value = wireType === 1 || wireType === 5 ? 0 : varint(bytes);
  const start = at;
  at += wireType === 2 ? value : widthOf(wireType);
  return { number: tag >> 3, value, part: { bytes, start, end: at } };
}

function skip(bytes: Uint8Array, wireType: number): void {
  if (wireType === 2) {
    const length = varint(bytes);
    at += length;
  } else if (wireType === 0) varint(bytes);
  else at += widthOf(wireType);
}

/** Bytes of a value of fixed width. */
function widthOf(wireType: number): number {
  if (wireType === 1) return 8;
  return wireType === 5 ? 4 : 0;
}

function varint(bytes: Uint8Array): number {
  let value = 0;
  let unit = 1;
  for (;;) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 127) * unit;
    if (byte < 128) return value;
    unit *= 128;
  }
}
