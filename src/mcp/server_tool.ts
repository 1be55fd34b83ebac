/**
 * A tool as its server describes it.
 *
 * @module
 */

import type { Client } from "@modelcontextprotocol/client";
import { StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { ToolEffect } from "../model/permission.ts";
import { isNestedTooDeeply, NESTING_MAX } from "./nesting.ts";

/** A tool as its server describes it. */
export interface ServerTool {
  /** Its own name. */
  readonly name: string;
  /** Its name for people; empty where its server gives none. */
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** JSON Schema of what it gives as data; absent where it does not say. */
  readonly outputSchema?: JsonObject;
  /** Whether the same call twice does no more than once. */
  readonly repeatable: boolean;
  /** What it does to the world, as far as its server says. */
  readonly effect: ToolEffect;
}

type ListedTool = Awaited<ReturnType<Client["listTools"]>>["tools"][number];

/** Reads a tool of a list. */
export function serverTool(tool: ListedTool): ServerTool {
  const { annotations, outputSchema } = tool;
  return {
    name: tool.name,
    title: tool.title ?? annotations?.title ?? "",
    description: tool.description ?? tool.title ?? "",
    inputSchema: objectOf(tool.inputSchema),
    ...(outputSchema === undefined
      ? {}
      : { outputSchema: objectOf(outputSchema) }),
    repeatable: annotations?.readOnlyHint === true ||
      annotations?.idempotentHint === true,
    effect: effectOf(annotations),
  };
}

/**
 * Gives as JSON what came as JSON: the copy says so to the compiler.
 *
 * @throws {StigmerError} RESOURCE_EXHAUSTED for what is nested too deeply.
 */
export function plainJson(value: unknown): Json {
  const text = JSON.stringify(value ?? null);
  if (!isNestedTooDeeply(text)) return JSON.parse(text);
  throw new StigmerError(
    "RESOURCE_EXHAUSTED",
    `it sent JSON that is nested more than ${NESTING_MAX} levels deep`,
  );
}

function objectOf(value: unknown): JsonObject {
  const json = plainJson(value);
  return isJsonObject(json) ? json : {};
}

/** What a server says of a tool; one that says nothing may do anything. */
function effectOf(annotations: ListedTool["annotations"]): ToolEffect {
  const { readOnlyHint, destructiveHint } = annotations ?? {};
  if (destructiveHint === true) return "destructive";
  if (readOnlyHint === true) return "read";
  return readOnlyHint === false || destructiveHint === false
    ? "write"
    : "unknown";
}
