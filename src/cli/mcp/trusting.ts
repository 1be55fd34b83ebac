/**
 * Shows a person what tools are now, and takes them for that.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type McpTool,
  McpTool_Trust,
  McpToolSchema,
} from "../../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { StigmerError } from "../../model/error.ts";
import { visibleLine } from "../../model/hidden_text.ts";
import { didYouMean } from "../../model/near.ts";
import type { Ending } from "../command.ts";
import { confirmAct } from "../confirm.ts";
import { type Context, openFor } from "../context.ts";
import { dressDiff } from "../diffing.ts";
import { showJson } from "../view.ts";
import { toolDiff, toolHeading } from "./tool_diff.ts";

/** What a server is started with, as the contract has it. */
type Target = NonNullable<
  Parameters<BackendClient["trustMcpTools"]>[0]["target"]
>;

/** What is trusted. */
export interface Trusting {
  readonly target: Target;
  /** Names of tools; empty means all that are not trusted. */
  readonly tools: readonly string[];
  readonly yes: boolean;
}

/** Shows what changed of tools, asks, and takes them for what they are. */
export async function trustTools(
  context: Context,
  { target, tools: names, yes }: Trusting,
): Promise<Ending> {
  const { io, signal } = context;
  await using backend = await openFor(context);
  const { client } = backend;
  const seen = await client.inspectMcpServer({ target }, { signal });
  const word = target.server ?? "";
  const tools = untrusted(seen.tools, { names, word });
  if (tools.length === 0) {
    io.note("Nothing changed: all tools are what they were");
    return await showTrusted(context, []);
  }
  const isTold = io.format === "table" || io.format === "wide";
  if (isTold || !yes) showChanges(context, tools);
  const what = tools.map(({ name }) => `tool "${visibleLine(name)}"`);
  const act = { verb: "trust", done: "trusted", what, yes };
  if (!await confirmAct(context, act)) return "CANCELLED";
  const trusted = await client.trustMcpTools({
    target,
    tools: tools.map((it) => it.name),
    hashes: Object.fromEntries(tools.map((it) => [it.name, it.hash])),
  }, { signal });
  return await showTrusted(context, trusted.tools);
}

/** Forgets what tools were: the next use takes them as they are then. */
export async function forgetTools(
  context: Context,
  { target, tools, yes }: Trusting,
): Promise<Ending> {
  const { signal } = context;
  const word = target.server ?? "";
  const what = tools.length === 0
    ? [`all tools of "${word}"`]
    : tools.map((it) => `tool "${it}"`);
  const act = { verb: "forget", done: "forgotten", what, yes };
  if (!await confirmAct(context, act)) return "CANCELLED";
  await using backend = await openFor(context);
  const forgotten = await backend.client.trustMcpTools({
    target,
    tools: [...tools],
    forget: true,
  }, { signal });
  return await showTrusted(context, forgotten.tools);
}

/** Those that are named, or all; without those that are what they were. */
function untrusted(
  tools: readonly McpTool[],
  { names, word }: { readonly names: readonly string[]; readonly word: string },
): readonly McpTool[] {
  const listed = tools.filter(({ trust }) => trust !== McpTool_Trust.GONE);
  const wanted = names.length === 0
    ? listed
    : [...new Set(names)].map((name) => {
      const tool = listed.find((it) => it.name === name);
      if (tool === undefined) throw noSuchTool(name, { listed, word });
      return tool;
    });
  return wanted.filter(({ trust }) => trust !== McpTool_Trust.TRUSTED);
}

function noSuchTool(
  name: string,
  of: { readonly listed: readonly McpTool[]; readonly word: string },
): StigmerError {
  const { hint } = didYouMean(name, of.listed.map((it) => it.name));
  return new StigmerError(
    "NOT_FOUND",
    `MCP server "${of.word}" has no tool "${name}"`,
    { hints: [hint ?? `See what it has: stigmer mcp tools ${of.word}`] },
  );
}

/** What is asked about is shown first, on stderr where stdout has data. */
function showChanges(context: Context, tools: readonly McpTool[]): void {
  const { io } = context;
  for (const tool of tools) {
    io.alert(io.err.bold(toolHeading(tool)));
    io.alert(dressDiff(toolDiff(tool), io.err));
  }
}

async function showTrusted(
  context: Context,
  tools: readonly McpTool[],
): Promise<Ending> {
  const { io } = context;
  switch (io.format) {
    case "json":
    case "yaml":
      await showJson(context, {
        items: tools.map((it) => toJson(McpToolSchema, it)),
        nextPageToken: "",
      });
      return "ok";
    case "jsonl":
      for (const it of tools) {
        io.data(JSON.stringify(toJson(McpToolSchema, it)));
      }
      return "ok";
    case "name":
      for (const { name } of tools) io.data(visibleLine(name));
      return "ok";
    case "table":
    case "wide":
      if (io.quiet) return "ok";
      for (const { name, trust } of tools) {
        const done = trust === McpTool_Trust.GONE ? "forgotten" : "trusted";
        io.data(`tool/${visibleLine(name)} ${done}`);
      }
      return "ok";
  }
}
