/**
 * What a tool returned, as text for a model.
 *
 * @module
 */

import type {
  CallToolResult,
  ContentBlock,
} from "@modelcontextprotocol/client";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";

/** What a tool returned. */
export interface ToolResult {
  /** All of it as text; what is no text is described in brackets. */
  readonly text: string;
  /** Whether the tool itself says that it failed. */
  readonly isError: boolean;
}

/** Writes a result as text. */
export function toolResult(result: CallToolResult): ToolResult {
  const text = textOf(result);
  const isError = result.isError === true;
  // UTF-8 takes at most three bytes for a UTF-16 unit: most texts need no
  // counting.
  const size = text.length * 3 <= VALUE_SIZE_BYTES_MAX
    ? 0
    : new TextEncoder().encode(text).length;
  if (size <= VALUE_SIZE_BYTES_MAX) return { text, isError };
  return {
    text: `The tool returned ${size} bytes, at most ${VALUE_SIZE_BYTES_MAX} ` +
      "can be kept: ask it for less",
    isError: true,
  };
}

function textOf(result: CallToolResult): string {
  const content = result.content ?? [];
  if (content.length > 0) return content.map(blockText).join("\n");
  return result.structuredContent === undefined
    ? ""
    : JSON.stringify(result.structuredContent);
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
