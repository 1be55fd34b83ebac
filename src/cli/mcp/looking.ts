/**
 * Shows a person what a tool server offers.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type InspectMcpServerResponse,
  InspectMcpServerResponseSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type McpTool,
  McpTool_Trust,
} from "../../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { visibleText } from "../../model/hidden_text.ts";
import type { Ending, FlagSpec, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { oneLine } from "../one_line.ts";
import { stoppable } from "../stoppable.ts";
import { renderTable, type TableColumn } from "../table.ts";
import { pretty, showOne, type View } from "../view.ts";
import { targetOf, type TargetOptions } from "./target_options.ts";

/** Characters of what a server says of one thing that a table shows. */
const ABOUT_LENGTH_MAX = 120;

type LookOptions = TargetOptions & { readonly schema: FlagSpec };

const TRUST_WORDS: Readonly<Record<McpTool_Trust, string>> = {
  [McpTool_Trust.TRUST_UNSPECIFIED]: "",
  [McpTool_Trust.NEW]: "new",
  [McpTool_Trust.TRUSTED]: "trusted",
  [McpTool_Trust.CHANGED]: "changed",
  [McpTool_Trust.GONE]: "gone",
};

/** Starts a server and shows what it offers. */
export async function showTools(
  context: Context,
  args: { readonly name: string; readonly args: readonly string[] },
  options: OptionValues<LookOptions>,
): Promise<Ending> {
  const target = await targetOf(context, args, options);
  return await stoppable(context, async (context) => {
    const { io, signal } = context;
    await using backend = await openFor(context);
    const seen = await backend.client.inspectMcpServer({ target }, { signal });
    if (io.format === "name") {
      for (const { name } of seen.tools) io.data(visibleText(name));
      return "ok";
    }
    await showOne(context, viewOf(args.name, options.schema), seen);
    tellOfTrust(context, args.name, seen.tools);
    return "ok";
  });
}

function viewOf(
  word: string,
  hasSchemas: boolean,
): View<InspectMcpServerResponse> {
  return {
    columns: [],
    identify: () => word,
    json: (it) => toJson(InspectMcpServerResponseSchema, it),
    describe: (it) => [
      ["Server", visibleText(it.name)],
      ["Protocol", it.protocolVersion],
      ["Instructions", visibleText(it.instructions)],
    ],
    appendix: (it, context) => offersText(it, context, hasSchemas),
  };
}

async function offersText(
  { tools, resources, prompts }: InspectMcpServerResponse,
  context: Context,
  hasSchemas: boolean,
): Promise<string> {
  const parts = [
    await table(context, "tools", {
      columns: [
        { header: "TOOL", whole: true },
        { header: "EFFECT" },
        { header: "TRUST" },
        { header: "DESCRIPTION", spare: 1 },
      ],
      rows: tools.map((tool) => toolRow(tool, context)),
    }),
    ...hasSchemas ? tools.map(schemasOf) : [],
    await table(context, "resources", {
      columns: [
        { header: "RESOURCE", whole: true },
        { header: "NAME" },
        { header: "TYPE", spare: 2 },
        { header: "DESCRIPTION", spare: 1 },
      ],
      rows: resources.map((it) => [
        it.uri,
        it.name,
        it.mimeType,
        aboutOf(it.description, context),
      ]),
    }),
    await table(context, "prompts", {
      columns: [
        { header: "PROMPT", whole: true },
        { header: "ARGUMENTS" },
        { header: "DESCRIPTION", spare: 1 },
      ],
      rows: prompts.map((it) => [
        it.name,
        it.arguments.map(({ name, required }) => required ? name : `[${name}]`)
          .join(" "),
        aboutOf(it.description, context),
      ]),
    }),
  ];
  return parts.filter((it) => it !== "").join("\n\n");
}

async function table(
  { io }: Context,
  what: string,
  { columns, rows }: {
    readonly columns: readonly TableColumn[];
    readonly rows: readonly (readonly string[])[];
  },
): Promise<string> {
  if (rows.length === 0) return what === "tools" ? "It has no tools" : "";
  const shown = rows.map((row) => row.map(visibleText));
  const limit = io.format === "wide" ? undefined : io.columns;
  return await renderTable(columns, shown, { columns: limit, style: io.out });
}

function toolRow(tool: McpTool, context: Context): readonly string[] {
  const { name, effect, trust, enabled, description, title } = tool;
  const words = [
    TRUST_WORDS[trust],
    ...enabled || trust === McpTool_Trust.GONE ? [] : ["not enabled"],
  ];
  const said = aboutOf(description || title, context);
  return [name, effect, words.join(", "), said];
}

/** What is said of something, as one line: how it begins, but for `-o wide`. */
function aboutOf(text: string, { io }: Context): string {
  const line = oneLine(text.trim().split("\n")[0] ?? "");
  if (io.format === "wide") return line;
  const [sentence = line] = /^.*?[.!?](?= )/.exec(line) ?? [];
  return sentence.length <= ABOUT_LENGTH_MAX
    ? sentence
    : `${sentence.slice(0, ABOUT_LENGTH_MAX - 1)}…`;
}

/** What a tool takes and gives. */
function schemasOf({ name, inputSchema, outputSchema }: McpTool): string {
  const taken = visibleText(pretty(inputSchema ?? {}));
  const given = outputSchema === undefined
    ? ""
    : `\n${visibleText(name)} gives\n${visibleText(pretty(outputSchema))}`;
  return `${visibleText(name)} takes\n${taken}${given}`;
}

function tellOfTrust(
  { io }: Context,
  word: string,
  tools: readonly McpTool[],
): void {
  const changed = tools.filter(({ trust }) => trust === McpTool_Trust.CHANGED);
  if (changed.length === 0) return;
  io.note(
    `What changed is kept from agents, see how with: stigmer mcp trust ${word}`,
  );
}
