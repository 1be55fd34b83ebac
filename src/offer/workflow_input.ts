/**
 * What a workflow takes, as the JSON Schema of a tool's arguments.
 *
 * @module
 */

import type { Tool } from "@modelcontextprotocol/server";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** The argument that an input which is no object comes in. */
const WHOLE_INPUT = "input";

/** What a workflow says of its input. */
export interface DeclaredInput {
  /** Of Stigmer tasks: by name a type, or `{type, description, …}`. */
  readonly inputs: JsonObject | undefined;
  /** Of the specification: `{schema, from}`. */
  readonly input: JsonObject | undefined;
}

/** The schema of the arguments; `inputIn` names the one that is all of it. */
export function workflowInput(
  { inputs, input }: DeclaredInput,
): { readonly schema: Tool["inputSchema"]; readonly inputIn?: string } {
  if (inputs !== undefined) return { schema: graphSchema(inputs) };
  const schema = input?.["schema"];
  const document = isJsonObject(schema) ? schema["document"] : undefined;
  // What stands elsewhere, as behind a URL, is checked when it runs.
  if (!isJsonObject(document)) return { schema: { type: "object" } };
  const { type } = document;
  if (type === "object" || type === undefined) {
    return { schema: argumentsSchema(document) };
  }
  return {
    schema: argumentsSchema({
      properties: { [WHOLE_INPUT]: document },
      required: [WHOLE_INPUT],
      additionalProperties: false,
    }),
    inputIn: WHOLE_INPUT,
  };
}

/** The protocol's library asks for JSON that it may change, but does not. */
function argumentsSchema(schema: JsonObject): Tool["inputSchema"] {
  return { ...schema as Omit<Tool["inputSchema"], "type">, type: "object" };
}

function graphSchema(inputs: JsonObject): Tool["inputSchema"] {
  const required = Object.entries(inputs).flatMap(([name, declared]) =>
    isRequired(declared) ? [name] : []
  );
  return argumentsSchema({
    properties: Object.fromEntries(
      Object.entries(inputs).map((
        [name, declared],
      ) => [name, propertyOf(declared)]),
    ),
    ...(required.length === 0 ? {} : { required }),
  });
}

function isRequired(declared: Json): boolean {
  if (!isJsonObject(declared)) return true;
  return declared["required"] === true && declared["default"] === undefined;
}

function propertyOf(declared: Json): JsonObject {
  if (!isJsonObject(declared)) return typeOf(declared);
  const { description, type } = declared;
  return {
    ...typeOf(type),
    ...(typeof description === "string" ? { description } : {}),
    ...(declared["default"] === undefined
      ? {}
      : { default: declared["default"] }),
  };
}

/** `any` is the absence of a type. */
function typeOf(type: Json | undefined): JsonObject {
  return typeof type !== "string" || type === "any" ? {} : { type };
}
