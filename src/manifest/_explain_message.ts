/**
 * Messages of the contract, explained by their own comments.
 *
 * @module
 */

import {
  type DescEnum,
  type DescField,
  type DescMessage,
  ScalarType,
} from "@bufbuild/protobuf";
import { definitionFieldTopic } from "./_explain_schema.ts";
import type { ExplainedValue, Topic, TopicField } from "./_explain_topic.ts";
import { alsoWritten } from "./_schema_resources.ts";
import {
  commentOn,
  commentOnField,
  commentOnValue,
} from "./contract_comments.ts";

/** Fields of a workflow that the contract leaves to what a schema says. */
const FLOW_SPEC = "WorkflowSpec";
/** Which comments name what must be given. */
const REQUIRED_REGEXP = /\bRequired\.(?: |$)/;

/** Explains a message. */
export function messageTopic(message: DescMessage): Topic {
  return {
    id: message.typeName,
    type: "object",
    description: commentOn(message),
    values: () => [],
    kinds: () => [],
    fields: () => message.fields.map(fieldOf),
  };
}

function fieldOf(field: DescField): TopicField {
  const words = commentOnField(field);
  return {
    name: field.jsonName,
    required: REQUIRED_REGEXP.test(words),
    topic: () => fieldTopic(field, words),
  };
}

function fieldTopic(field: DescField, words: string): Topic {
  const fromSchema = field.parent.name === FLOW_SPEC
    ? definitionFieldTopic(field.jsonName)
    : undefined;
  if (fromSchema !== undefined) return { ...fromSchema, description: words };
  const message = own(field.message);
  return {
    id: message?.typeName ?? "",
    type: typeOf(field),
    description: described(words, message),
    values: () => field.enum === undefined ? [] : valuesOf(field.enum),
    kinds: () => [],
    fields: () => message?.fields.map(fieldOf) ?? [],
  };
}

/** Says of a field what it is for, and then what its type is. */
function described(words: string, message: DescMessage | undefined): string {
  const type = message === undefined ? "" : commentOn(message);
  return [words, type].filter((it) => it !== "").join("\n\n");
}

/** A message of our own, and not one of those that everyone knows. */
function own(message: DescMessage | undefined): DescMessage | undefined {
  return message?.typeName.startsWith("google.") ? undefined : message;
}

/** The first value of an enum says that none was given. */
function valuesOf(of: DescEnum): readonly ExplainedValue[] {
  return of.values.filter((it) => it.number !== 0).map((it) => ({
    name: it.name,
    description: commentOnValue(it),
  }));
}

/** What is written for it: of a list `[]`, and what its items may be. */
function typeOf(field: DescField): string {
  const { own, item } = alsoWritten(field);
  const one = either(plainType(field), item);
  switch (field.fieldKind) {
    case "list":
      return either(`[]${grouped(one)}`, own);
    case "map":
      return either(`map[string]${grouped(one)}`, own);
    default:
      return either(one, own);
  }
}

function either(type: string, other: string | undefined): string {
  return other === undefined ? type : `${type} | ${other}`;
}

function grouped(type: string): string {
  return type.includes(" | ") ? `(${type})` : type;
}

function plainType(
  { message, scalar, enum: of }: Pick<
    DescField,
    "message" | "scalar" | "enum"
  >,
): string {
  if (message !== undefined) return messageType(message);
  if (scalar !== undefined) return scalarType(scalar);
  return of?.name ?? "any";
}

function scalarType(scalar: ScalarType): string {
  switch (scalar) {
    case ScalarType.STRING:
      return "string";
    case ScalarType.BYTES:
      return "base64";
    case ScalarType.BOOL:
      return "boolean";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "number";
    default:
      return "integer";
  }
}

function messageType(message: DescMessage): string {
  switch (message.typeName) {
    case "google.protobuf.Value":
      return "any";
    case "google.protobuf.Struct":
      return "object";
    case "google.protobuf.Duration":
      return "duration";
    case "google.protobuf.Timestamp":
      return "time";
    default:
      return message.name;
  }
}
