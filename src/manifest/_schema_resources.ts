/**
 * The JSON Schema of resources, led by the contract itself: its descriptors
 * know every field and its type.
 *
 * @module
 */

import {
  type DescField,
  type DescMessage,
  ScalarType,
} from "@bufbuild/protobuf";
import { API_VERSION, type ManifestKind } from "../model/kind.ts";
import { CASES } from "./_kinds.ts";
import {
  ANY,
  anyOf,
  constant,
  FLAG,
  list,
  map,
  OBJECT,
  object,
  type Part,
  ref,
  said,
  TEXT,
} from "./_schema_parts.ts";
import { commentOnField } from "./contract_comments.ts";

/** What may be written in the place of a field, as manifests abbreviate. */
const SHORT: Readonly<Record<string, Part>> = {
  "AgentSpec.model": TEXT,
  "McpServer": TEXT,
  "SubAgent": TEXT,
  "SubAgent.model": TEXT,
  "EnvDeclaration": { type: ["string", "number", "boolean", "null"] },
};

/** Fields that manifests take besides those of the contract. */
const BESIDES: Readonly<Record<string, Readonly<Record<string, Part>>>> = {
  AgentSpec: {
    config: said(OBJECT, "Model, temperature and max_tokens, as older files"),
  },
  AgentInstanceSpec: {
    agent: said(TEXT, "The agent: name, slug or id"),
    environments: said(list(TEXT), "Environments, a later one overriding"),
  },
  WorkflowInstanceSpec: {
    workflow: said(TEXT, "The workflow: name, slug or id"),
    environments: said(list(TEXT), "Environments, a later one overriding"),
  },
  EnvironmentSpec: {
    data: said(
      OBJECT,
      "Variables and secrets, as {KEY: {value, is_secret}} in older files",
    ),
  },
  EnvDeclaration: { value: TEXT, isSecret: FLAG, is_secret: FLAG },
};

/** What else may be written for a field, and for each of its items. */
export interface AlsoWritten {
  readonly own?: string;
  readonly item?: string;
}

/** Says what manifests abbreviate: `string`, or nothing. */
export function alsoWritten(field: DescField): AlsoWritten {
  const own = typesOf(SHORT[`${field.parent.name}.${field.name}`]);
  const item = typesOf(SHORT[field.message?.name ?? ""]);
  return {
    ...(own === undefined ? {} : { own }),
    ...(item === undefined ? {} : { item }),
  };
}

function typesOf(part: Part | undefined): string | undefined {
  const type = part?.["type"];
  return Array.isArray(type) ? type.join(" | ") : type?.toString();
}

/** The schema of a kind of resource, whose spec may be another one's. */
export function resourcePart(kind: ManifestKind, spec?: Part): Part {
  const { schema } = CASES[kind];
  const field = (name: string): DescField | undefined =>
    schema.fields.find((it) => it.name === name);
  const metadata = field("metadata");
  const own = field("spec");
  const specPart = spec ?? (own?.message && messagePart(own.message));
  return object(kind, {
    "apiVersion!": constant(API_VERSION),
    "kind!": constant(kind),
    "metadata!": metadata?.message === undefined
      ? OBJECT
      : messagePart(metadata.message),
    // An environment may be empty and be filled later.
    [kind === "Environment" ? "spec" : "spec!"]: specPart ?? OBJECT,
    status: said(ANY, "What the backend adds; ignored on input"),
  });
}

/** Declared variables, by name. */
export function envPart(message: DescMessage): Part {
  const env = message.fields.find((it) => it.name === "env");
  return env === undefined ? OBJECT : fieldPart(env);
}

/** The schema of a message. */
export function messagePart(message: DescMessage): Part {
  const known = wellKnown(message.typeName);
  if (known !== undefined) return known;
  return object(message.name, {
    ...Object.fromEntries(
      message.fields.map((field) => [field.jsonName, fieldPart(field)]),
    ),
    ...BESIDES[message.name],
  });
}

function fieldPart(field: DescField): Part {
  const name = `${field.parent.name}.${field.name}`;
  const short = SHORT[name];
  const part = short === undefined
    ? valuePart(field)
    : anyOf(short, valuePart(field));
  const words = commentOnField(field);
  return words === "" ? part : said(part, words);
}

function valuePart(field: DescField): Part {
  switch (field.fieldKind) {
    case "scalar":
      return scalarPart(field.scalar);
    case "enum":
      return { enum: field.enum.values.map(({ name }) => name) };
    case "message":
      return itemPart(field.message);
    case "list":
      return list(
        field.listKind === "scalar"
          ? scalarPart(field.scalar)
          : field.listKind === "message"
          ? itemPart(field.message)
          : TEXT,
      );
    case "map":
      return map(
        field.mapKind === "scalar"
          ? scalarPart(field.scalar)
          : field.mapKind === "message"
          ? itemPart(field.message)
          : TEXT,
      );
  }
}

function itemPart(message: DescMessage): Part {
  const short = SHORT[message.name];
  const part = messagePart(message);
  return short === undefined ? part : anyOf(short, part);
}

function scalarPart(scalar: ScalarType): Part {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      // YAML reads `8080` as a number; manifests take it as it is written.
      return { type: ["string", "number", "boolean"] };
    case ScalarType.BOOL:
      return FLAG;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number" };
    default:
      return { type: "integer" };
  }
}

function wellKnown(typeName: string): Part | undefined {
  switch (typeName) {
    case "google.protobuf.Value":
      return ANY;
    case "google.protobuf.Struct":
      return OBJECT;
    case "google.protobuf.Duration":
      return ref("duration");
    case "google.protobuf.Timestamp":
      return TEXT;
    default:
      return undefined;
  }
}
