/**
 * What a server offers, page after page up to a bound.
 *
 * The SDK's own walk bounds pages alone; a server may put much on each, and
 * give the same cursor again and again.
 *
 * @module
 */

import type { Client, RequestOptions } from "@modelcontextprotocol/client";
import { StigmerError } from "../model/error.ts";
import { type ServerTool, serverTool } from "./server_tool.ts";

/** Pages of a list at the most. */
export const LIST_PAGES_MAX = 64;
/** Items of a list at the most. */
export const LIST_ITEMS_MAX = 10_000;

/** Something to read that a server offers. */
export interface ServerResource {
  /** Where it is; of a template, with `{…}` in it. */
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
  readonly isTemplate: boolean;
}

/** A prompt that a server offers. */
export interface ServerPrompt {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly {
    readonly name: string;
    readonly description: string;
    readonly isRequired: boolean;
  }[];
}

/**
 * Lists the tools of a server; none where it says that it has none. Of two by
 * one name the first is meant, as in a call.
 */
export async function listTools(
  client: Client,
  options: RequestOptions,
): Promise<ServerTool[]> {
  if (client.getServerCapabilities()?.tools === undefined) return [];
  const tools = await pages("tools", async (params) => {
    const page = await client.request(
      { method: "tools/list", params },
      options,
    );
    return { items: page.tools, next: page.nextCursor };
  });
  const byName = new Map<string, ServerTool>();
  for (const tool of tools) {
    if (!byName.has(tool.name)) byName.set(tool.name, serverTool(tool));
  }
  return [...byName.values()];
}

/** Lists what a server offers to read, templates after the rest. */
export async function listResources(
  client: Client,
  options: RequestOptions,
): Promise<ServerResource[]> {
  if (client.getServerCapabilities()?.resources === undefined) return [];
  const resources = await pages("resources", async (params) => {
    const page = await client.request(
      { method: "resources/list", params },
      options,
    );
    return { items: page.resources, next: page.nextCursor };
  });
  const templates = await orNone(() =>
    pages("resource templates", async (params) => {
      const page = await client.request(
        { method: "resources/templates/list", params },
        options,
      );
      return { items: page.resourceTemplates, next: page.nextCursor };
    })
  );
  return [
    ...resources.map((it) => resourceOf(it, it.uri, false)),
    ...templates.map((it) => resourceOf(it, it.uriTemplate, true)),
  ];
}

/** Lists the prompts of a server. */
export async function listPrompts(
  client: Client,
  options: RequestOptions,
): Promise<ServerPrompt[]> {
  if (client.getServerCapabilities()?.prompts === undefined) return [];
  const prompts = await pages("prompts", async (params) => {
    const page = await client.request(
      { method: "prompts/list", params },
      options,
    );
    return { items: page.prompts, next: page.nextCursor };
  });
  return prompts.map((prompt) => ({
    name: prompt.name,
    description: prompt.description ?? prompt.title ?? "",
    arguments: (prompt.arguments ?? []).map((it) => ({
      name: it.name,
      description: it.description ?? "",
      isRequired: it.required === true,
    })),
  }));
}

function resourceOf(
  it: {
    readonly name: string;
    readonly title?: string | undefined;
    readonly description?: string | undefined;
    readonly mimeType?: string | undefined;
  },
  uri: string,
  isTemplate: boolean,
): ServerResource {
  return {
    uri,
    name: it.name,
    description: it.description ?? it.title ?? "",
    mimeType: it.mimeType ?? "",
    isTemplate,
  };
}

/** One page of a list. */
interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/**
 * Reads a list whole.
 *
 * @throws {StigmerError} RESOURCE_EXHAUSTED where it has no end, or too much.
 */
export async function pages<Item>(
  what: string,
  ask: (params: { cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < LIST_PAGES_MAX; count++) {
    const { items, next } = await ask(cursor === undefined ? {} : { cursor });
    all.push(...items.slice(0, LIST_ITEMS_MAX + 1));
    if (all.length > LIST_ITEMS_MAX) {
      throw tooLong(`more than ${LIST_ITEMS_MAX} ${what}`);
    }
    // A server that gives the cursor that it was given has nothing more.
    if (next === undefined || next === cursor) return all;
    cursor = next;
  }
  throw tooLong(`its ${what} on more than ${LIST_PAGES_MAX} pages`);
}

function tooLong(much: string): StigmerError {
  return new StigmerError("RESOURCE_EXHAUSTED", `it lists ${much}`);
}

/** A server that has resources need not know of templates. */
async function orNone<Item>(ask: () => Promise<Item[]>): Promise<Item[]> {
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}
