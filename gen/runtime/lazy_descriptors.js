// Generated from .dev/lazy_descriptors.ts. Not to be edited.
var EDITION_PROTO2 = 998;
var EDITION_PROTO3 = 999;
var PRESENCE_EXPLICIT = 1;
var PRESENCE_IMPLICIT = 2;
var PRESENCE_REQUIRED = 3;
var LABEL_REQUIRED = 2;
var LABEL_REPEATED = 3;
var TYPE_BOOL = 8;
var TYPE_STRING = 9;
var TYPE_GROUP = 10;
var TYPE_MESSAGE = 11;
var TYPE_BYTES = 12;
var TYPE_ENUM = 14;
var RESERVED_NAMES = /* @__PURE__ */ new Set([
  "constructor",
  "toString",
  "toJSON",
  "valueOf"
]);
var types = /* @__PURE__ */ new Map();
function lazyFile(base64, imports, parse) {
  return new LazyFile(atob(base64), imports, () => parse(decodeBase64(base64)));
}
function decodeBase64(text) {
  return "fromBase64" in Uint8Array && typeof Uint8Array.fromBase64 === "function" ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
}
var LazyFile = class {
  kind = "file";
  name;
  edition;
  dependencies;
  messages = [];
  enums = [];
  services = [];
  extensions = [];
  deprecated;
  #parse;
  #proto;
  constructor(text, imports, parse) {
    this.#parse = parse;
    this.dependencies = [
      ...imports
    ];
    const whole = {
      text,
      start: 0,
      end: text.length
    };
    this.name = textOf(whole, 1).replace(/\.proto$/, "");
    this.edition = editionOf(textOf(whole, 12));
    this.deprecated = flagOf(optionsOf(whole, 8), 23);
    const packageName = textOf(whole, 2);
    const prefix = packageName === "" ? "" : `${packageName}.`;
    for (const { number, part } of entriesOf(whole)) {
      if (number === 5) {
        const place = {
          file: this,
          prefix,
          index: this.enums.length
        };
        this.enums.push(new LazyEnum(part, place));
      } else if (number === 4) {
        const place = {
          file: this,
          prefix,
          index: this.messages.length
        };
        this.messages.push(new LazyMessage(part, place));
      } else if (number === 6) {
        const place = {
          file: this,
          prefix,
          index: this.services.length
        };
        this.services.push(new LazyService(part, place));
      } else if (number === 7) throw unknownPart("an extension", this.name);
    }
  }
  get proto() {
    return this.#proto ??= this.#parse();
  }
  toString() {
    return `file ${this.name}.proto`;
  }
};
var LazyMessage = class {
  kind = "message";
  name;
  typeName;
  file;
  parent;
  nestedExtensions = [];
  #part;
  #index;
  #content;
  #field;
  #nested;
  constructor(part, { file, parent, prefix, index }) {
    this.#part = part;
    this.#index = index;
    this.file = file;
    this.parent = parent;
    this.name = textOf(part, 1);
    this.typeName = `${prefix}${this.name}`;
    types.set(this.typeName, this);
  }
  get proto() {
    const proto = this.parent === void 0 ? this.file.proto.messageType[this.#index] : this.parent.proto.nestedType[this.#index];
    return there(proto, this.typeName);
  }
  get deprecated() {
    return flagOf(optionsOf(this.#part, 7), 3);
  }
  get isMapEntry() {
    return flagOf(optionsOf(this.#part, 7), 7);
  }
  get fields() {
    return this.content.fields;
  }
  get field() {
    return this.#field ??= Object.fromEntries(this.fields.map((it) => [
      it.localName,
      it
    ]));
  }
  get oneofs() {
    return this.content.oneofs;
  }
  get members() {
    return this.content.members;
  }
  get nestedMessages() {
    return this.nested.messages;
  }
  get nestedEnums() {
    return this.nested.enums;
  }
  get nested() {
    return this.#nested ??= nestedOf(this, this.#part);
  }
  get content() {
    return this.#content ??= contentOf(this, this.#part);
  }
  /** The entry that a field of this type is a map of, if it is one. */
  mapEntry(typeName) {
    return this.nested.mapEntries.get(typeName);
  }
  toString() {
    return `message ${this.typeName}`;
  }
};
function nestedOf(parent, part) {
  const { file, typeName } = parent;
  const messages = [];
  const mapEntries = /* @__PURE__ */ new Map();
  const enums = [];
  let index = 0;
  for (const entry of entriesOf(part)) {
    const place = {
      file,
      parent,
      prefix: `${typeName}.`,
      index
    };
    if (entry.number === 3) {
      const message = new LazyMessage(entry.part, place);
      if (message.isMapEntry) mapEntries.set(message.typeName, message);
      else messages.push(message);
      index++;
    } else if (entry.number === 4) {
      enums.push(new LazyEnum(entry.part, {
        ...place,
        index: enums.length
      }));
    } else if (entry.number === 6) throw unknownPart("an extension", typeName);
  }
  return {
    messages,
    mapEntries,
    enums
  };
}
function contentOf(message, part) {
  const oneofs = [];
  const told = [];
  for (const entry of entriesOf(part)) {
    if (entry.number === 2) told.push(fieldFacts(entry.part));
    else if (entry.number === 8) {
      oneofs.push(oneofOf(message, textOf(entry.part, 1), oneofs.length));
    }
  }
  const content = {
    fields: [],
    oneofs: [],
    members: []
  };
  for (const facts of told) {
    const oneof = facts.isOptional ? void 0 : oneofs[facts.oneofIndex];
    const index = content.fields.length;
    const field = fieldOf(facts, {
      message,
      oneof,
      index
    });
    content.fields.push(field);
    if (oneof === void 0) content.members.push(field);
    else {
      if (oneof.fields.length === 0) content.members.push(oneof);
      oneof.fields.push(field);
    }
  }
  content.oneofs.push(...oneofs.filter((it) => it.fields.length > 0));
  return content;
}
function oneofOf(parent, name, index) {
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
    toString: () => `oneof ${parent.typeName}.${name}`
  };
}
function fieldFacts({ text, start, end }) {
  const facts = {
    name: "",
    number: 0,
    label: 0,
    type: 0,
    typeName: "",
    given: void 0,
    options: void 0,
    oneofIndex: -1,
    jsonName: void 0,
    isOptional: false
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
        facts.typeName = text.slice(from + 1, at);
        break;
      case 7:
        facts.given = decoded(text.slice(from, at));
        break;
      case 8:
        facts.options = {
          text,
          start: from,
          end: at
        };
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
var LazyField = class {
  kind = "field";
  deprecated;
  name;
  number;
  scalar = void 0;
  message = void 0;
  enum = void 0;
  presence;
  utf8Validation;
  listKind = void 0;
  mapKind = void 0;
  mapKey = void 0;
  delimitedEncoding = void 0;
  packed = void 0;
  longAsString = false;
  getDefaultValue = void 0;
  parent;
  oneof;
  localName;
  jsonName;
  #index;
  constructor(facts, place) {
    const { message, oneof, index } = place;
    const { name, number, options } = facts;
    const localName = camelCase(name);
    this.deprecated = options !== void 0 && flagOf(options, 3);
    this.name = name;
    this.number = number;
    this.presence = presenceOf(facts, place);
    this.utf8Validation = message.file.edition === EDITION_PROTO3;
    this.parent = message;
    this.oneof = oneof;
    this.localName = oneof === void 0 ? propertyName(localName) : localName;
    this.jsonName = facts.jsonName ?? localName;
    this.#index = index;
  }
  get proto() {
    return there(this.parent.proto.field[this.#index], this.name);
  }
  toString() {
    return `field ${this.parent.typeName}.${this.name}`;
  }
};
function fieldOf(facts, place) {
  const field = new LazyField(facts, place);
  if (facts.label === LABEL_REPEATED) addRepeated(field, facts, place.message);
  else addSingular(field, facts);
  return field;
}
function presenceOf({ label, type, isOptional }, { message, oneof }) {
  if (label === LABEL_REQUIRED) return PRESENCE_REQUIRED;
  if (label === LABEL_REPEATED) return PRESENCE_IMPLICIT;
  if (oneof !== void 0 || isOptional) return PRESENCE_EXPLICIT;
  if (message.file.edition === EDITION_PROTO2) return PRESENCE_EXPLICIT;
  return isMessageType(type) ? PRESENCE_EXPLICIT : PRESENCE_IMPLICIT;
}
function addRepeated(field, facts, parent) {
  const { type, typeName } = facts;
  const entry = isMessageType(type) ? parent.mapEntry(typeName) : void 0;
  if (entry !== void 0) return addMap(field, entry);
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
function addMap(field, entry) {
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
function addSingular(field, facts) {
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
    field["getDefaultValue"] = given === void 0 ? noDefault : () => there(desc.values.find(({ name }) => name === given), given).number;
  } else {
    field["fieldKind"] = "scalar";
    field["scalar"] = type;
    field["longAsString"] = isLongAsString(facts);
    field["getDefaultValue"] = given === void 0 ? noDefault : () => scalarDefault(type, given);
  }
}
function noDefault() {
  return void 0;
}
function scalarDefault(type, text) {
  if (type === TYPE_STRING) return text;
  if (type === TYPE_BOOL) return text === "true";
  throw unknownPart("a default value", text);
}
function isPacked({ type, options }, edition) {
  if (type === TYPE_STRING || type === TYPE_BYTES) return false;
  const packed = options === void 0 ? void 0 : numberOf(options, 2);
  return packed === void 0 ? edition === EDITION_PROTO3 : packed === 1;
}
function isLongAsString({ options }) {
  return options !== void 0 && numberOf(options, 6) === 1;
}
function isMessageType(type) {
  return type === TYPE_MESSAGE || type === TYPE_GROUP;
}
var LazyEnum = class {
  kind = "enum";
  name;
  typeName;
  file;
  parent;
  open;
  #part;
  #index;
  #content;
  constructor(part, { file, parent, prefix, index }) {
    this.#part = part;
    this.#index = index;
    this.file = file;
    this.parent = parent;
    this.open = file.edition === EDITION_PROTO3;
    this.name = textOf(part, 1);
    this.typeName = `${prefix}${this.name}`;
    types.set(this.typeName, this);
  }
  get proto() {
    const { enumType } = (this.parent ?? this.file).proto;
    return there(enumType[this.#index], this.typeName);
  }
  get deprecated() {
    return flagOf(optionsOf(this.#part, 3), 3);
  }
  get values() {
    return this.content.values;
  }
  get value() {
    return this.content.value;
  }
  get sharedPrefix() {
    return this.content.sharedPrefix;
  }
  get content() {
    return this.#content ??= enumContentOf(this, this.#part);
  }
  toString() {
    return `enum ${this.typeName}`;
  }
};
function enumContentOf(parent, part) {
  const parts = partsOf(part, 2);
  const names = parts.map((it) => textOf(it, 1));
  const sharedPrefix = sharedPrefixOf(parent.name, names);
  const value = {};
  const values = parts.map((it, index) => {
    const name = names[index] ?? "";
    const desc = {
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
      toString: () => `enum value ${parent.typeName}.${name}`
    };
    value[desc.number] ??= desc;
    return desc;
  });
  return {
    values,
    value,
    sharedPrefix
  };
}
function sharedPrefixOf(enumName, names) {
  const first = enumName.substring(0, 1);
  const rest = enumName.substring(1).replace(/[A-Z]/g, (it) => `_${it}`);
  const prefix = `${first}${rest}`.toLowerCase() + "_";
  const isShared = names.every((name) => name.toLowerCase().startsWith(prefix) && /^\D/.test(name.substring(prefix.length)));
  return isShared ? prefix : void 0;
}
var LazyService = class {
  kind = "service";
  name;
  typeName;
  file;
  #part;
  #index;
  #methods;
  #method;
  constructor(part, { file, prefix, index }) {
    this.#part = part;
    this.#index = index;
    this.file = file;
    this.name = textOf(part, 1);
    this.typeName = `${prefix}${this.name}`;
  }
  get proto() {
    return there(this.file.proto.service[this.#index], this.typeName);
  }
  get deprecated() {
    return flagOf(optionsOf(this.#part, 3), 33);
  }
  get methods() {
    return this.#methods ??= partsOf(this.#part, 2).map((it, index) => new LazyMethod(it, this, index));
  }
  get method() {
    return this.#method ??= Object.fromEntries(this.methods.map((it) => [
      it.localName,
      it
    ]));
  }
  toString() {
    return `service ${this.typeName}`;
  }
};
var LazyMethod = class {
  kind = "rpc";
  parent;
  name;
  localName;
  #part;
  #index;
  #input;
  #output;
  constructor(part, parent, index) {
    this.#part = part;
    this.#index = index;
    this.parent = parent;
    this.name = textOf(part, 1);
    this.localName = propertyName(this.name.substring(0, 1).toLowerCase() + this.name.substring(1));
  }
  get proto() {
    return there(this.parent.proto.method[this.#index], this.name);
  }
  get deprecated() {
    return flagOf(optionsOf(this.#part, 4), 33);
  }
  get methodKind() {
    return methodKindOf(this.#part);
  }
  get input() {
    return this.#input ??= messageNamed(textOf(this.#part, 2).substring(1));
  }
  get output() {
    return this.#output ??= messageNamed(textOf(this.#part, 3).substring(1));
  }
  get idempotency() {
    return numberOf(optionsOf(this.#part, 4), 34) ?? 0;
  }
  toString() {
    return `rpc ${this.parent.typeName}.${this.name}`;
  }
};
function methodKindOf(part) {
  const client = flagOf(part, 5);
  const server = flagOf(part, 6);
  if (client && server) return "bidi_streaming";
  if (client) return "client_streaming";
  return server ? "server_streaming" : "unary";
}
function messageNamed(typeName) {
  const found = typeNamed(typeName);
  if (found?.kind === "message") return found;
  throw unknownPart("a message", typeName);
}
function enumNamed(typeName) {
  const found = typeNamed(typeName);
  if (found?.kind === "enum") return found;
  throw unknownPart("an enum", typeName);
}
function typeNamed(typeName) {
  const known = types.get(typeName);
  const end = typeName.lastIndexOf(".");
  if (known !== void 0 || end < 0) return known;
  const outer = typeNamed(typeName.substring(0, end));
  if (outer?.kind !== "message") return void 0;
  void outer.nested;
  return types.get(typeName);
}
function editionOf(syntax) {
  if (syntax === "proto3") return EDITION_PROTO3;
  if (syntax === "" || syntax === "proto2") return EDITION_PROTO2;
  throw unknownPart("the syntax", syntax);
}
function camelCase(name) {
  if (!name.includes("_")) return name;
  return name.replace(/_+([^_]?)/g, (_, next) => next.toUpperCase());
}
function propertyName(name) {
  return RESERVED_NAMES.has(name) ? `${name}$` : name;
}
function there(value, name) {
  if (value === void 0) throw unknownPart("a part", name);
  return value;
}
function unknownPart(what, name) {
  return new Error(`Cannot read a description: ${what} "${name}" is not known`);
}
function partsOf(part, number) {
  return entriesOf(part).filter((it) => it.number === number).map((it) => it.part);
}
function optionsOf(part, number) {
  const { text } = part;
  return find(part, number) ? lengthPart(text, varint(text)) : {
    text,
    start: 0,
    end: 0
  };
}
function textOf(part, number) {
  if (!find(part, number)) return "";
  const length = varint(part.text);
  return decoded(part.text.slice(at, at + length));
}
var BEYOND_ASCII_REGEXP = /[^\0-\x7f]/;
function decoded(bytes) {
  if (!BEYOND_ASCII_REGEXP.test(bytes)) return bytes;
  return new TextDecoder().decode(Uint8Array.from(bytes, (it) => it.charCodeAt(0)));
}
function flagOf(part, number) {
  return numberOf(part, number) === 1;
}
function numberOf(part, number) {
  return find(part, number) ? varint(part.text) : void 0;
}
var at = 0;
function find({ text, start, end }, number) {
  at = start;
  while (at < end) {
    const tag = varint(text);
    if (tag >> 3 === number) return true;
    skip(text, tag & 7);
  }
  return false;
}
function entriesOf({ text, start, end }) {
  const entries = [];
  at = start;
  while (at < end) entries.push(entryOf(text, varint(text)));
  return entries;
}
function entryOf(text, tag) {
  const wireType = tag & 7;
  const length = wireType === 2 ? varint(text) : 0;
  const part = lengthPart(text, length);
  if (wireType !== 2) skip(text, wireType);
  return {
    number: tag >> 3,
    part
  };
}
function lengthPart(text, length) {
  const start = at;
  at += length;
  return {
    text,
    start,
    end: at
  };
}
function skip(text, wireType) {
  if (wireType === 2) {
    const length = varint(text);
    at += length;
  } else if (wireType === 0) varint(text);
  else at += widthOf(wireType);
}
function widthOf(wireType) {
  if (wireType === 1) return 8;
  return wireType === 5 ? 4 : 0;
}
function varint(text) {
  let value = 0;
  let unit = 1;
  for (; ; ) {
    const byte = text.charCodeAt(at++);
    value += (byte & 127) * unit;
    if (!(byte >= 128)) return value;
    unit *= 128;
  }
}
export {
  lazyFile
};
