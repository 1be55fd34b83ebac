/**
 * What of a tool is pinned when it is first used: what a model is told of it,
 * and what permissions go by.
 *
 * Its title and the schema of its results are no part: no model sees them, and
 * nothing is decided by them.
 *
 * @module
 */

import {
  canonicalText,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { mapMembers } from "../model/json_map.ts";
import { type ToolEffect, toolEffect } from "../model/permission.ts";
import { sha256Hex } from "../model/sha256.ts";

/** What of a tool is pinned. */
export interface ToolDefinition {
  /** Its own name on its server. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: JsonObject;
  /** What it does to the world, as its server says. */
  readonly effect: ToolEffect;
  /** Whether the same call twice does no more than once. */
  readonly repeatable: boolean;
}

/** A part of a definition, in words for people. */
export type DefinitionPart = "description" | "arguments" | "hints";

/**
 * Takes what is pinned out of a tool.
 *
 * @param hide Hides secrets: a server may describe its tools with what it was
 * given, and what is pinned is kept.
 */
export function definitionOf(
  tool: ToolDefinition,
  hide?: (text: string) => string,
): ToolDefinition {
  const { name, description, inputSchema, effect, repeatable } = tool;
  if (hide === undefined) {
    return { name, description, inputSchema, effect, repeatable };
  }
  return {
    name,
    description: hide(description),
    inputSchema: mapMembers(inputSchema, { text: hide }),
    effect,
    repeatable,
  };
}

/** Schemas as texts: those of a server stay the same for many turns. */
const schemaTexts = new WeakMap<JsonObject, string>();

/** Writes a definition as canonical JSON. */
export function definitionText(definition: ToolDefinition): string {
  const { name, description, inputSchema, effect, repeatable } = definition;
  const schema = schemaTexts.get(inputSchema) ?? canonicalText(inputSchema);
  schemaTexts.set(inputSchema, schema);
  const told = `"description":${JSON.stringify(description)}`;
  return `{${told},"effect":"${effect}","inputSchema":${schema},` +
    `"name":${JSON.stringify(name)},"repeatable":${repeatable}}`;
}

/** Reads what {@linkcode definitionText} wrote. */
export function definitionFromJson(json: Json): ToolDefinition {
  const object = isJsonObject(json) ? json : {};
  const schema = member(object, "inputSchema");
  return {
    name: String(member(object, "name") ?? ""),
    description: String(member(object, "description") ?? ""),
    inputSchema: isJsonObject(schema) ? schema : {},
    effect: toolEffect(member(object, "effect")),
    repeatable: member(object, "repeatable") === true,
  };
}

/** The SHA-256 of a definition, 64 hexadecimal digits. */
export function definitionHash(definition: ToolDefinition): string {
  return sha256Hex(new TextEncoder().encode(definitionText(definition)));
}

/** Says in which parts two definitions differ; in none when they are the same. */
export function changedParts(
  before: ToolDefinition,
  now: ToolDefinition,
): readonly DefinitionPart[] {
  const sameSchema =
    canonicalText(before.inputSchema) === canonicalText(now.inputSchema);
  const sameHints = before.effect === now.effect &&
    before.repeatable === now.repeatable;
  return [
    ...(before.description === now.description ? [] : ["description"] as const),
    ...(sameSchema ? [] : ["arguments"] as const),
    ...(sameHints ? [] : ["hints"] as const),
  ];
}
