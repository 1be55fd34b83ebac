/**
 * Stores tool servers that a command line or a manifest describes.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  HttpTransportSchema,
  StdioTransportSchema,
} from "../../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type McpServerResource,
  McpServerResourceSchema,
  type McpServerSpec,
  McpServerSpecSchema,
} from "../../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import {
  EnvDeclarationSchema,
  MetadataSchema,
} from "../../../gen/stigmer/backend/v1/metadata_pb.ts";
import { ResourceSchema } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import { invalidArgument, notFound } from "../../model/error.ts";
import { API_VERSION } from "../../model/kind.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { readOnly, showFaults } from "../faults.ts";
import { type FlagPlaces, inFlags } from "../flag_faults.ts";
import { parsePairs } from "../listing.ts";
import { showWritten, updateWord } from "../written.ts";
import type { McpDraftOptions } from "./draft_options.ts";
import { MCP_SERVER_VIEW } from "./resource.ts";

type DraftValues = OptionValues<McpDraftOptions>;

/** What stands on the command line besides options. */
interface DraftArguments {
  readonly name: string | undefined;
  readonly args: readonly string[];
}

const FLAG_PLACES: FlagPlaces = [
  ["/metadata/name", "NAME"],
  ["/metadata/slug", "NAME"],
  ["/metadata/labels", "--label"],
  ["/spec/description", "--description"],
  ["/spec/enabledTools", "--tool"],
  ["/spec/stdio/command", "--command"],
  ["/spec/stdio/env", "--env"],
  ["/spec/stdio", "--command"],
  ["/spec/http/url", "--url"],
  ["/spec/http/headers", "--header"],
  ["/spec/catalog", "--catalog"],
  ["/spec/args", "ARGS"],
  ["/spec/env", "--secret"],
];

/** Creates a tool server. */
export async function createMcpServer(
  context: Context,
  args: DraftArguments,
  options: DraftValues,
): Promise<Ending> {
  const { name } = args;
  if (options.file !== undefined) {
    refuseBeside(args, options);
    return await fromFile(context, options.file, storeNew);
  }
  if (name === undefined) {
    throw invalidArgument("Cannot create an MCP server without a name", {
      hints: ["Give a name, or a manifest with -f FILE"],
    });
  }
  if (wayOf(options) === undefined) {
    throw invalidArgument(
      `Cannot create MCP server "${name}": nothing says how it is reached`,
      { hints: ["Give --command PROGRAM, --url URL or --catalog NAME"] },
    );
  }
  const server = create(McpServerResourceSchema, {
    apiVersion: API_VERSION,
    kind: "McpServer",
    metadata: { name },
    spec: {},
  });
  const described = changed(server, args, options);
  try {
    await storeNew(context, described);
  } catch (error) {
    throw inFlags(error, FLAG_PLACES);
  }
  await warnOf(context, described);
  return "ok";
}

/** Updates a tool server. */
export async function updateMcpServer(
  context: Context,
  args: DraftArguments,
  options: DraftValues & { readonly message: string | undefined },
): Promise<Ending> {
  const { name } = args;
  const message = options.message ?? "";
  if (options.file !== undefined) {
    refuseBeside(args, options);
    return await fromFile(context, options.file, async (context, server) => {
      await storeChanged(context, server, message);
    });
  }
  if (name === undefined) {
    throw invalidArgument("Cannot update an MCP server without a name", {
      hints: ["Give a name, or a manifest with -f FILE"],
    });
  }
  if (!isDescribed(args, options)) {
    throw invalidArgument(
      `Cannot update MCP server "${name}": nothing to change`,
      { hints: ["Say what to change, as --url or --tool"] },
    );
  }
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const { mcpServer } = await backend.client.getMcpServer({ name }, call);
  if (mcpServer === undefined) throw notFound("MCP server", name);
  const before = mcpServer.metadata?.version?.id ?? "";
  const described = changed(mcpServer, args, options);
  try {
    const answer = await backend.client.updateMcpServer({
      mcpServer: described,
      message,
    }, call);
    await show(context, answer.mcpServer, updateWord(answer.mcpServer, before));
  } catch (error) {
    throw inFlags(error, FLAG_PLACES);
  }
  await warnOf(context, described);
  return "ok";
}

/** Says what refuses nothing, as a key that stands there in plain text. */
async function warnOf(
  { io }: Context,
  value: McpServerResource,
): Promise<void> {
  if (io.quiet) return;
  const { checkResource } = await import("../../manifest/check_resource.ts");
  const resource = { case: "mcpServer", value } as const;
  for (const it of checkResource(create(ResourceSchema, { resource }))) {
    if (it.severity !== "warning") continue;
    io.warn(it.message);
    if (it.hint !== undefined) io.note(it.hint);
  }
}

async function storeNew(
  context: Context,
  mcpServer: McpServerResource,
): Promise<void> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const answer = await backend.client.createMcpServer({ mcpServer }, call);
  await show(context, answer.mcpServer, "created");
}

async function storeChanged(
  context: Context,
  mcpServer: McpServerResource,
  message: string,
): Promise<void> {
  await using backend = await openFor(context);
  const { client } = backend;
  const call = { signal: context.signal };
  const name = mcpServer.metadata?.slug || mcpServer.metadata?.name || "";
  const { mcpServer: stored } = await client.getMcpServer({ name }, call);
  const before = stored?.metadata?.version?.id ?? "";
  const answer = await client.updateMcpServer({ mcpServer, message }, call);
  await show(context, answer.mcpServer, updateWord(answer.mcpServer, before));
}

async function show(
  context: Context,
  item: McpServerResource | undefined,
  word: string,
): Promise<void> {
  if (item === undefined) return;
  const noun = "mcp-server";
  await showWritten(context, MCP_SERVER_VIEW, { item, noun, word });
}

/** Does something with the tool server of a manifest. */
async function fromFile(
  context: Context,
  file: string,
  act: (context: Context, server: McpServerResource) => Promise<void>,
): Promise<Ending> {
  const document = await readOnly(context, { file, kind: "McpServer" });
  const { resource } = document.resource;
  if (resource.case !== "mcpServer") return "INTERNAL";
  try {
    await act(context, resource.value);
  } catch (error) {
    const consequence = "nothing was stored";
    throw await showFaults(context, error, { document, consequence });
  }
  return "ok";
}

function refuseBeside(args: DraftArguments, options: DraftValues): void {
  if (args.name === undefined && !isDescribed(args, options)) return;
  throw invalidArgument(
    `Cannot take an MCP server from "${options.file}" and from options at once`,
    { hints: ["Give either -f FILE, or a name and options"] },
  );
}

function isDescribed({ args }: DraftArguments, options: DraftValues): boolean {
  const { command, url, catalog, description } = options;
  const { env, header, tool, secret, label } = options;
  return [command, url, catalog, description].some((it) => it !== undefined) ||
    [args, env, header, tool, secret, label].some((it) => it.length > 0);
}

/** The one way that is given to reach it; `undefined` where none is. */
function wayOf(
  options: DraftValues,
): "command" | "url" | "catalog" | undefined {
  const ways = (["command", "url", "catalog"] as const)
    .filter((it) => options[it] !== undefined);
  const [first, second] = ways;
  if (second !== undefined) {
    throw invalidArgument(
      `Options "--${first}" and "--${second}" exclude each other`,
    );
  }
  return first;
}

/** Lays what the command line says over a tool server. */
function changed(
  server: McpServerResource,
  args: DraftArguments,
  options: DraftValues,
): McpServerResource {
  const spec = server.spec ?? create(McpServerSpecSchema);
  const metadata = server.metadata ?? create(MetadataSchema);
  setTransport(spec, args, options);
  const { description, tool, secret } = options;
  if (description !== undefined) spec.description = description;
  if (tool.length > 0) spec.enabledTools = [...new Set(tool)];
  for (const name of secret) {
    const description = spec.env[name]?.description ?? "";
    const declared = { description, required: true, secret: true };
    spec.env[name] = create(EnvDeclarationSchema, declared);
  }
  Object.assign(metadata.labels, parsePairs(options.label, 'Option "--label"'));
  return { ...server, metadata, spec };
}

function setTransport(
  spec: McpServerSpec,
  { args }: DraftArguments,
  options: DraftValues,
): void {
  const way = wayOf(options);
  if (way === "command") {
    const before = spec.transport.case === "stdio" ? spec.transport.value : {};
    // A program's arguments are those that stand behind it.
    const value = create(StdioTransportSchema, { ...before, args: [] });
    spec.transport = { case: "stdio", value };
    spec.args = [];
  } else if (way === "url") {
    if (spec.transport.case !== "http") {
      const value = create(HttpTransportSchema);
      spec.transport = { case: "http", value };
    }
    spec.args = [];
  } else if (way === "catalog") {
    spec.transport = { case: "catalog", value: options.catalog ?? "" };
    spec.args = [];
  }
  fillTransport(spec, args, options);
}

/** Gives the transport what belongs to it, and refuses what does not. */
function fillTransport(
  spec: McpServerSpec,
  args: readonly string[],
  options: DraftValues,
): void {
  const { transport } = spec;
  const env = parsePairs(options.env, 'Option "--env"');
  const headers = parsePairs(options.header, 'Option "--header"');
  if (transport.case !== "stdio" && options.env.length > 0) {
    throw misplaced("--env", "a program, as of --command");
  }
  if (transport.case !== "http" && options.header.length > 0) {
    throw misplaced("--header", "a server that is reached by --url");
  }
  if (transport.case === "http") {
    if (args.length > 0) throw misplaced("ARGS", "a program");
    if (options.url !== undefined) transport.value.url = options.url;
    Object.assign(transport.value.headers, headers);
  } else if (transport.case === "stdio") {
    if (options.command !== undefined) {
      transport.value.command = options.command;
    }
    if (args.length > 0) transport.value.args = [...args];
    Object.assign(transport.value.env, env);
  } else if (args.length > 0) spec.args = [...args];
}

function misplaced(what: string, where: string): Error {
  return invalidArgument(`"${what}" goes with ${where}`);
}
