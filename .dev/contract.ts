/**
 * The contract as buf reads it: calls, messages and enums, each with the
 * comment that stands above it.
 *
 * @module
 */

import { buf } from "./buf.ts";
import { outputOf } from "./command.ts";
import type {
  ImageEnum,
  ImageField,
  ImageFile,
  ImageMessage,
} from "./contract_image.ts";

/** A call of the service. */
export interface ContractCall {
  readonly name: string;
  readonly doc: string;
  readonly request: string;
  readonly response: string;
  readonly isStream: boolean;
  readonly isRead: boolean;
}

/** A field of a message, by the name that JSON has. */
export interface ContractField {
  readonly name: string;
  readonly doc: string;
  /** As `string`, `Metadata`, `map of string to Variable`, `list of string`. */
  readonly type: string;
  /** The message or enum of the contract that it is made of, if any. */
  readonly refersTo?: string;
  /** The choice that it is one of, if any. */
  readonly oneOf?: string;
}

/** A message or an enum; its name holds those that it stands in. */
export interface ContractType {
  readonly kind: "message" | "enum";
  readonly name: string;
  readonly doc: string;
  readonly fields: readonly ContractField[];
  /** The file that it stands in, without its folder and ending. */
  readonly file: string;
}

/** All of the contract. */
export interface Contract {
  readonly doc: string;
  readonly calls: readonly ContractCall[];
  readonly types: readonly ContractType[];
}

const PACKAGE = "stigmer.backend.v1";
/** Numbers of fields in descriptor.proto, of which paths are made. */
const AT = { message: 4, enum: 5, service: 6, inside: 2, nested: 3, enums: 4 };

/** Reads the contract with its comments. */
export async function readContract(): Promise<Contract> {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const built = await buf(["build", "-o", path]);
    if (!built.ok) throw new Error(`buf failed:\n${outputOf(built)}`);
    const image: { readonly file: readonly ImageFile[] } = JSON.parse(
      await Deno.readTextFile(path),
    );
    return contractOf(image.file.filter((it) => it.package === PACKAGE));
  } finally {
    await Deno.remove(path);
  }
}

/** Takes a contract from the files of its package, as buf writes them. */
export function contractOf(files: readonly ImageFile[]): Contract {
  const served = files.find((it) => it.service !== undefined);
  if (served === undefined) throw new Error("The contract has no service");
  const doc = docsOf(served);
  const methods = served.service?.[0]?.method ?? [];
  return {
    doc: doc([AT.service, 0]),
    calls: methods.map((it, i) => ({
      name: it.name,
      doc: doc([AT.service, 0, AT.inside, i]),
      request: shortName(it.inputType),
      response: shortName(it.outputType),
      isStream: it.serverStreaming === true,
      isRead: it.options?.idempotencyLevel === "NO_SIDE_EFFECTS",
    })),
    types: files.flatMap((it) => typesOf(it)),
  };
}

type Docs = (path: readonly number[]) => string;

/** Comments of a file by the path of what they stand above. */
function docsOf(file: ImageFile): Docs {
  const docs = new Map(
    file.sourceCodeInfo.location.map((it) =>
      [(it.path ?? []).join(), it.leadingComments ?? ""] as const
    ),
  );
  return (path) => (docs.get(path.join()) ?? "").replaceAll(/^ /gm, "").trim();
}

function typesOf(file: ImageFile): readonly ContractType[] {
  const doc = docsOf(file);
  const name = file.name.replace(/^.*\/|\.proto$/g, "");
  const from = { doc, file: name };
  return [
    ...(file.messageType ?? []).flatMap((it, i) =>
      messageTypes(it, { ...from, path: [AT.message, i], within: "" })
    ),
    ...(file.enumType ?? []).map((it, i) =>
      enumType(it, { ...from, path: [AT.enum, i], within: "" })
    ),
  ];
}

/** Where a type stands. */
interface Within {
  readonly doc: Docs;
  readonly file: string;
  readonly path: readonly number[];
  readonly within: string;
}

function messageTypes(
  message: ImageMessage,
  at: Within,
): readonly ContractType[] {
  const name = at.within + message.name;
  const inner = { doc: at.doc, file: at.file, within: `${name}.` };
  const nested = (message.nestedType ?? []).flatMap((it, i) =>
    it.options?.mapEntry === true
      ? []
      : messageTypes(it, { ...inner, path: [...at.path, AT.nested, i] })
  );
  const enums = (message.enumType ?? []).map((it, i) =>
    enumType(it, { ...inner, path: [...at.path, AT.enums, i] })
  );
  const fields = (message.field ?? []).map((it, i) => ({
    ...fieldOf(it, message),
    doc: at.doc([...at.path, AT.inside, i]),
  }));
  const doc = at.doc(at.path);
  const own = { kind: "message" as const, name, doc, fields, file: at.file };
  return [own, ...nested, ...enums];
}

function enumType({ name, value }: ImageEnum, at: Within): ContractType {
  return {
    kind: "enum",
    name: at.within + name,
    doc: at.doc(at.path),
    fields: value.map((it, i) => ({
      name: it.name,
      type: "",
      doc: at.doc([...at.path, AT.inside, i]),
    })),
    file: at.file,
  };
}

function fieldOf(
  field: ImageField,
  message: ImageMessage,
): Omit<ContractField, "doc"> {
  const entry = message.nestedType?.find((it) =>
    it.options?.mapEntry === true &&
    field.typeName?.endsWith(`.${message.name}.${it.name}`)
  );
  const value = entry?.field?.[1] ?? field;
  const base = typeName(value);
  const isList = entry === undefined && field.label === "LABEL_REPEATED";
  const type = entry === undefined
    ? isList ? `list of ${base}` : base
    : `map of string to ${base}`;
  const refersTo = value.typeName?.startsWith(`.${PACKAGE}.`)
    ? { refersTo: base }
    : {};
  const choice = field.proto3Optional === true
    ? undefined
    : message.oneofDecl?.[field.oneofIndex ?? -1]?.name;
  const oneOf = choice === undefined ? {} : { oneOf: choice };
  return { name: field.jsonName, type, ...refersTo, ...oneOf };
}

function typeName({ type, typeName }: ImageField): string {
  if (typeName !== undefined) return shortName(typeName);
  return type.replace("TYPE_", "").toLowerCase();
}

/** Types of Google keep their own names. */
function shortName(name: string): string {
  return name.replace(`.${PACKAGE}.`, "").replace(/^\./, "");
}
