/**
 * What a tool returned, as text for a model.
 *
 * @module
 */

import type {
  CallToolResult,
  ContentBlock,
} from "@modelcontextprotocol/client";
import { StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import { plainJson } from "./server_tool.ts";

/** What a tool returned. */
export interface ToolResult {
  /** All of it as text; what is no text is described in brackets. */
  readonly text: string;
  /** Whether the tool itself says that it failed. */
  readonly isError: boolean;
  /** What it gave as data; absent where it gave none. */
  readonly structured?: Json;
}

/** Writes a result as text. */
export function toolResult(result: CallToolResult): ToolResult {
  const structured = structuredOf(result);
  if (structured instanceof StigmerError) {
    return { text: `The tool failed: ${structured.message}`, isError: true };
  }
  const dataText = structured === undefined ? "" : JSON.stringify(structured);
  const text = textOf(result, dataText);
  const isError = result.isError === true;
  const size = Math.max(sizeOf(text), sizeOf(dataText));
  if (size <= VALUE_SIZE_BYTES_MAX) {
    return {
      text,
      isError,
      ...(structured === undefined ? {} : { structured }),
    };
  }
  return {
    text: `The tool returned ${size} bytes, at most ${VALUE_SIZE_BYTES_MAX} ` +
      "can be kept: ask it for less",
    isError: true,
  };
}

function structuredOf(
  { structuredContent }: CallToolResult,
): Json | StigmerError | undefined {
  if (structuredContent === undefined) return undefined;
  try {
    return plainJson(structuredContent);
  } catch (error) {
    if (error instanceof StigmerError) return error;
    throw error;
  }
}

/** Bytes of a text, as far as they count. */
function sizeOf(text: string): number {
  // UTF-8 takes at most three bytes for a UTF-16 unit: most texts need no
  // counting.
  return text.length * 3 <= VALUE_SIZE_BYTES_MAX
    ? 0
    : new TextEncoder().encode(text).length;
}

/** Data is told as text only where there is no other. */
function textOf({ content = [] }: CallToolResult, dataText: string): string {
  return content.length > 0 ? content.map(blockText).join("\n") : dataText;
}

function blockText(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
    case "audio":
      return `[${block.type} ${block.mimeType}, ${base64Size(block.data)}]`;
    case "resource_link":
      return `[resource ${block.uri}${block.name ? ` "${block.name}"` : ""}]`;
    case "resource": {
      const { resource } = block;
      if ("text" in resource) return resource.text;
      const type = resource.mimeType ?? "application/octet-stream";
      return `[resource ${resource.uri} ${type}, ${base64Size(resource.blob)}]`;
    }
  }
}

function base64Size(data: string): string {
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  return `${Math.max(0, data.length / 4 * 3 - padding)} bytes`;
}
