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

/**
 * Part of a file: a message of `descriptor.proto` in its binary form, each byte
 * of which is one character: a piece of a text is taken in one step, and of an
 * array it would be put together character by character.
 */
interface Part {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One field of a part, and where its bytes are. */
interface Entry {
  readonly number: number;
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
  return new LazyFile(
    atob(base64),
    imports,
    () => parse(decodeBase64(base64)),
  );
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
  readonly #parse: () => FileProto;
  #proto: FileProto | undefined;

  constructor(
    text: string,
    imports: readonly DescFile[],
    parse: () => FileProto,
  ) {
    this.#parse = parse;
    this.dependencies = [...imports];
    const whole = { text, start: 0, end: text.length };
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
    return this.#proto ??= this.#parse();
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
  #field: Record<string, DescField> | undefined;
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
    return this.#field ??= Object.fromEntries(
      this.fields.map((it) => [it.localName, it]),
    );
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
  const oneofs: DescOneof[] = [];
  const told: FieldFacts[] = [];
  for (const entry of entriesOf(part)) {
    if (entry.number === 2) told.push(fieldFacts(entry.part));
    else if (entry.number === 8) {
      oneofs.push(oneofOf(message, textOf(entry.part, 1), oneofs.length));
    }
  }
  const content: MessageContent = {
    fields: [],
    oneofs: [],
    members: [],
  };
  for (const facts of told) {
    const oneof = facts.isOptional ? undefined : oneofs[facts.oneofIndex];
    const index = content.fields.length;
    const field = fieldOf(facts, { message, oneof, index });
    content.fields.push(field);
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

/** What the description of a field says, by the names of `descriptor.proto`. */
interface FieldFacts {
  name: string;
  number: number;
  label: number;
  type: number;
  /** Full name of its message or enum. */
  typeName: string;
  /** Its default value as a text, where one is given. */
  given: string | undefined;
  options: Part | undefined;
  oneofIndex: number;
  jsonName: string | undefined;
  isOptional: boolean;
}

/**
 * Reads the description of a field once from its begin to its end: the fields
 * of messages are most of what is described. It has texts, messages and varints.
 */
function fieldFacts({ text, start, end }: Part): FieldFacts {
  const facts: FieldFacts = {
    name: "",
    number: 0,
    label: 0,
    type: 0,
    typeName: "",
    given: undefined,
    options: undefined,
    oneofIndex: -1,
    jsonName: undefined,
    isOptional: false,
  };
  at = start;
  while (at < end) {
    const tag = varint(text);
    const value = varint(text);
    const from = at;
    if ((tag & 7) === 2) at += value;
    switch (tag >> 3) {
      case 1:
        facts.name = text.slice(from, at);
        break;
      case 3:
        facts.number = value;
        break;
      case 4:
        facts.label = value;
        break;
      case 5:
        facts.type = value;
        break;
      case 6:
        // A full name has a dot before it.
        facts.typeName = text.slice(from + 1, at);
        break;
      case 7:
        facts.given = decoded(text.slice(from, at));
        break;
      case 8:
        facts.options = { text, start: from, end: at };
        break;
      case 9:
        facts.oneofIndex = value;
        break;
      case 10:
        facts.jsonName = decoded(text.slice(from, at));
        break;
      case 17:
        facts.isOptional = value === 1;
        break;
      default:
        break;
    }
  }
  return facts;
}

/** A field; what is particular of its kind is added to it. */
class LazyField {
  [member: string]: unknown;
  readonly kind = "field";
  readonly deprecated: boolean;
  readonly name: string;
  readonly number: number;
  readonly scalar = undefined;
  readonly message = undefined;
  readonly enum = undefined;
  readonly presence: number;
  readonly utf8Validation: boolean;
  readonly listKind = undefined;
  readonly mapKind = undefined;
  readonly mapKey = undefined;
  readonly delimitedEncoding = undefined;
  readonly packed = undefined;
  readonly longAsString = false;
  readonly getDefaultValue = undefined;
  readonly parent: LazyMessage;
  readonly oneof: DescOneof | undefined;
  readonly localName: string;
  readonly jsonName: string;
  readonly #index: number;

  constructor(facts: FieldFacts, place: FieldPlace) {
    const { message, oneof, index } = place;
    const { name, number, options } = facts;
    const localName = camelCase(name);
    this.deprecated = options !== undefined && flagOf(options, 3);
    this.name = name;
    this.number = number;
    this.presence = presenceOf(facts, place);
    this.utf8Validation = message.file.edition === EDITION_PROTO3;
    this.parent = message;
    this.oneof = oneof;
    this.localName = oneof === undefined ? propertyName(localName) : localName;
    this.jsonName = facts.jsonName ?? localName;
    this.#index = index;
  }

  get proto(): MessageProto["field"][number] {
    return there(this.parent.proto.field[this.#index], this.name);
  }

  toString(): string {
    return `field ${this.parent.typeName}.${this.name}`;
  }
}

function fieldOf(facts: FieldFacts, place: FieldPlace): DescField {
  const field: Fields = new LazyField(facts, place);
  if (facts.label === LABEL_REPEATED) addRepeated(field, facts, place.message);
  else addSingular(field, facts);
  // Which of the kinds of field it is, no type can follow.
  return field as unknown as DescField;
}

function presenceOf(
  { label, type, isOptional }: FieldFacts,
  { message, oneof }: FieldPlace,
): number {
  if (label === LABEL_REQUIRED) return PRESENCE_REQUIRED;
  if (label === LABEL_REPEATED) return PRESENCE_IMPLICIT;
  if (oneof !== undefined || isOptional) return PRESENCE_EXPLICIT;
  if (message.file.edition === EDITION_PROTO2) return PRESENCE_EXPLICIT;
  return isMessageType(type) ? PRESENCE_EXPLICIT : PRESENCE_IMPLICIT;
}

/** Adds what is particular of a list or a map. */
function addRepeated(
  field: Fields,
  facts: FieldFacts,
  parent: LazyMessage,
): void {
  const { type, typeName } = facts;
  const entry = isMessageType(type) ? parent.mapEntry(typeName) : undefined;
  if (entry !== undefined) return addMap(field, entry);
  field["fieldKind"] = "list";
  if (isMessageType(type)) {
    field["listKind"] = "message";
    field["message"] = messageNamed(typeName);
    field["delimitedEncoding"] = type === TYPE_GROUP;
    field["packed"] = false;
    return;
  }
  field["packed"] = isPacked(facts, parent.file.edition);
  if (type === TYPE_ENUM) {
    field["listKind"] = "enum";
    field["enum"] = enumNamed(typeName);
  } else {
    field["listKind"] = "scalar";
    field["scalar"] = type;
    field["longAsString"] = isLongAsString(facts);
  }
}

function addMap(field: Fields, entry: LazyMessage): void {
  const key = entry.fields.find(({ number }) => number === 1);
  const value = entry.fields.find(({ number }) => number === 2);
  field["fieldKind"] = "map";
  field["mapKey"] = there(key, entry.typeName).scalar;
  field["mapKind"] = there(value, entry.typeName).fieldKind;
  field["message"] = value?.message;
  field["delimitedEncoding"] = false;
  field["enum"] = value?.enum;
  field["scalar"] = value?.scalar;
}

/** Adds what is particular of a field that is there once. */
function addSingular(field: Fields, facts: FieldFacts): void {
  const { type, typeName, given } = facts;
  if (isMessageType(type)) {
    field["fieldKind"] = "message";
    field["message"] = messageNamed(typeName);
    field["delimitedEncoding"] = type === TYPE_GROUP;
    field["getDefaultValue"] = noDefault;
  } else if (type === TYPE_ENUM) {
    const desc = enumNamed(typeName);
    field["fieldKind"] = "enum";
    field["enum"] = desc;
    field["getDefaultValue"] = given === undefined
      ? noDefault
      : () =>
        there(desc.values.find(({ name }) => name === given), given).number;
  } else {
    field["fieldKind"] = "scalar";
    field["scalar"] = type;
    field["longAsString"] = isLongAsString(facts);
    field["getDefaultValue"] = given === undefined
      ? noDefault
      : () => scalarDefault(type, given);
  }
}

function noDefault(): undefined {
  return undefined;
}

function scalarDefault(type: number, text: string): unknown {
  if (type === TYPE_STRING) return text;
  if (type === TYPE_BOOL) return text === "true";
  throw unknownPart("a default value", text);
}

function isPacked({ type, options }: FieldFacts, edition: number): boolean {
  if (type === TYPE_STRING || type === TYPE_BYTES) return false;
  const packed = options === undefined ? undefined : numberOf(options, 2);
  return packed === undefined ? edition === EDITION_PROTO3 : packed === 1;
}

function isLongAsString({ options }: FieldFacts): boolean {
  return options !== undefined && numberOf(options, 6) === 1;
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
      .map((it, index) => new LazyMethod(it, this, index));
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

/** A method. A client knows all of them, and few are called. */
class LazyMethod {
  readonly kind = "rpc";
  readonly parent: LazyService;
  readonly name: string;
  readonly localName: string;
  readonly #part: Part;
  readonly #index: number;
  #input: LazyMessage | undefined;
  #output: LazyMessage | undefined;

  constructor(part: Part, parent: LazyService, index: number) {
    this.#part = part;
    this.#index = index;
    this.parent = parent;
    this.name = textOf(part, 1);
    this.localName = propertyName(
      this.name.substring(0, 1).toLowerCase() + this.name.substring(1),
    );
  }

  get proto(): DescMethod["proto"] {
    return there(this.parent.proto.method[this.#index], this.name);
  }

  get deprecated(): boolean {
    return flagOf(optionsOf(this.#part, 4), 33);
  }

  get methodKind(): DescMethod["methodKind"] {
    return methodKindOf(this.#part);
  }

  get input(): DescMessage {
    return this.#input ??= messageNamed(textOf(this.#part, 2).substring(1));
  }

  get output(): DescMessage {
    return this.#output ??= messageNamed(textOf(this.#part, 3).substring(1));
  }

  get idempotency(): DescMethod["idempotency"] {
    return numberOf(optionsOf(this.#part, 4), 34) ?? 0;
  }

  toString(): string {
    return `rpc ${this.parent.typeName}.${this.name}`;
  }
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
  if (!name.includes("_")) return name;
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
  const { text } = part;
  return find(part, number)
    ? lengthPart(text, varint(text))
    : { text, start: 0, end: 0 };
}

function textOf(part: Part, number: number): string {
  if (!find(part, number)) return "";
  const length = varint(part.text);
  return decoded(part.text.slice(at, at + length));
}

const BEYOND_ASCII_REGEXP = /[^\0-\x7f]/;

/** The text that some bytes are: names are ASCII, other texts need not be. */
function decoded(bytes: string): string {
  if (!BEYOND_ASCII_REGEXP.test(bytes)) return bytes;
  return new TextDecoder().decode(
    Uint8Array.from(bytes, (it) => it.charCodeAt(0)),
  );
}

function flagOf(part: Part, number: number): boolean {
  return numberOf(part, number) === 1;
}

function numberOf(part: Part, number: number): number | undefined {
  return find(part, number) ? varint(part.text) : undefined;
}

/** Where the reading of varints is; one reader at a time. */
let at = 0;

/**
 * Goes to the value of the first field of a number: of those that are looked
 * for, which are texts, messages and varints, the only one.
 */
function find({ text, start, end }: Part, number: number): boolean {
  at = start;
  while (at < end) {
    const tag = varint(text);
    // All that are looked for have tags of a byte or two.
    if (tag >> 3 === number) return true;
    skip(text, tag & 7);
  }
  return false;
}

/** Reads the fields of a part. */
function entriesOf({ text, start, end }: Part): readonly Entry[] {
  const entries: Entry[] = [];
  at = start;
  while (at < end) entries.push(entryOf(text, varint(text)));
  return entries;
}

/** Reads the rest of a field, and goes on behind it. */
function entryOf(text: string, tag: number): Entry {
  const wireType = tag & 7;
  const length = wireType === 2 ? varint(text) : 0;
  const part = lengthPart(text, length);
  if (wireType !== 2) skip(text, wireType);
  return { number: tag >> 3, part };
}

/** The next bytes, and goes on behind them. */
function lengthPart(text: string, length: number): Part {
  const start = at;
  at += length;
  return { text, start, end: at };
}

function skip(text: string, wireType: number): void {
  if (wireType === 2) {
    const length = varint(text);
    at += length;
  } else if (wireType === 0) varint(text);
  else at += widthOf(wireType);
}

/** Bytes of a value of fixed width. */
function widthOf(wireType: number): number {
  if (wireType === 1) return 8;
  return wireType === 5 ? 4 : 0;
}

function varint(text: string): number {
  let value = 0;
  let unit = 1;
  for (;;) {
    // Behind the end there is no number, and that ends it as well.
    const byte = text.charCodeAt(at++);
    value += (byte & 127) * unit;
    if (!(byte >= 128)) return value;
    unit *= 128;
  }
}
