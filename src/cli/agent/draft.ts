/**
 * Stores agents that a command line or a manifest describes.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  AgentSchema,
  AgentSpecSchema,
  McpServerSchema,
  ModelSettingsSchema,
} from "../../../gen/stigmer/backend/v1/agent_pb.ts";
import { MetadataSchema } from "../../../gen/stigmer/backend/v1/metadata_pb.ts";
import type { Host } from "../../host/host.ts";
import { invalidArgument, notFound } from "../../model/error.ts";
import { API_VERSION } from "../../model/kind.ts";
import { DOCUMENT_SIZE_BYTES_MAX } from "../../model/limits.ts";
import { isCatalogName } from "../../model/tool_server.ts";
import type { Ending, OptionValues } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { readOnly, showFaults } from "../faults.ts";
import { type FlagPlaces, inFlags } from "../flag_faults.ts";
import { parsePairs } from "../listing.ts";
import { readNamedText } from "../read_text.ts";
import { showWritten, updateWord } from "../written.ts";
import type { AgentDraftOptions } from "./draft_options.ts";
import { AGENT_VIEW } from "./resource.ts";

type DraftValues = OptionValues<AgentDraftOptions>;

/** Creates an agent. */
export async function createAgent(
  context: Context,
  name: string | undefined,
  options: DraftValues,
): Promise<Ending> {
  if (options.file !== undefined) {
    refuseBeside(name, options);
    return await fromFile(context, options.file, async (agent) => {
      await storeNew(context, agent);
    });
  }
  if (name === undefined) {
    throw invalidArgument("Cannot create an agent without a name", {
      hints: ["Give a name, or a manifest with -f FILE"],
    });
  }
  const agent = create(AgentSchema, {
    apiVersion: API_VERSION,
    kind: "Agent",
    metadata: create(MetadataSchema, { name }),
    spec: create(AgentSpecSchema),
  });
  const wanted = await changed(context.host, agent, options);
  try {
    await storeNew(context, wanted);
  } catch (error) {
    throw inFlags(error, FLAG_PLACES);
  }
  return "ok";
}

const FLAG_PLACES: FlagPlaces = [
  ["/metadata/name", "NAME"],
  ["/metadata/slug", "NAME"],
  ["/metadata/labels", "--label"],
  ["/spec/instructions", "--instructions"],
  ["/spec/description", "--description"],
  ["/spec/model", "--model"],
  ["/spec/mcpServers", "--mcp-server"],
];

/** Updates an agent. */
export async function updateAgent(
  context: Context,
  name: string | undefined,
  options: DraftValues & { readonly message: string | undefined },
): Promise<Ending> {
  const message = options.message ?? "";
  if (options.file !== undefined) {
    refuseBeside(name, options);
    return await fromFile(context, options.file, async (agent) => {
      await storeChanged(context, agent, message);
    });
  }
  if (name === undefined) {
    throw invalidArgument("Cannot update an agent without a name", {
      hints: ["Give a name, or a manifest with -f FILE"],
    });
  }
  if (!isDescribed(options)) {
    throw invalidArgument(`Cannot update agent "${name}": nothing to change`, {
      hints: ["Say what to change, as --instructions or --model"],
    });
  }
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const { agent: stored } = await backend.client.getAgent({ name }, call);
  if (stored === undefined) throw notFound("agent", name);
  const before = stored.metadata?.version?.id ?? "";
  const agent = await changed(context.host, stored, options);
  try {
    const answer = await backend.client.updateAgent({ agent, message }, call);
    await showAgent(context, answer.agent, updateWord(answer.agent, before));
  } catch (error) {
    throw inFlags(error, FLAG_PLACES);
  }
  return "ok";
}

async function storeNew(context: Context, agent: Agent): Promise<void> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const answer = await backend.client.createAgent({ agent }, call);
  await showAgent(context, answer.agent, "created");
}

async function storeChanged(
  context: Context,
  agent: Agent,
  message: string,
): Promise<void> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const name = agent.metadata?.slug || agent.metadata?.name || "";
  const { agent: stored } = await backend.client.getAgent({ name }, call);
  const before = stored?.metadata?.version?.id ?? "";
  const answer = await backend.client.updateAgent({ agent, message }, call);
  await showAgent(context, answer.agent, updateWord(answer.agent, before));
}

async function showAgent(
  context: Context,
  agent: Agent | undefined,
  word: string,
): Promise<void> {
  if (agent === undefined) return;
  await showWritten(context, AGENT_VIEW, { item: agent, noun: "agent", word });
}

/** Does something with the agent of a manifest. */
async function fromFile(
  context: Context,
  file: string,
  act: (agent: Agent) => Promise<void>,
): Promise<Ending> {
  const document = await readOnly(context, { file, kind: "Agent" });
  const { resource } = document.resource;
  if (resource.case !== "agent") return "INTERNAL";
  try {
    await act(resource.value);
  } catch (error) {
    const consequence = "nothing was stored";
    throw await showFaults(context, error, { document, consequence });
  }
  return "ok";
}

function refuseBeside(name: string | undefined, options: DraftValues): void {
  if (name === undefined && !isDescribed(options)) return;
  throw invalidArgument(
    `Cannot take an agent from "${options.file}" and from options at once`,
    { hints: ["Give either -f FILE, or a name and options"] },
  );
}

function isDescribed(options: DraftValues): boolean {
  return options.instructions !== undefined ||
    options.instructionsFile !== undefined ||
    options.description !== undefined || options.model !== undefined ||
    options.mcpServer.length > 0 || options.label.length > 0;
}

/** Lays what the options say over an agent. */
async function changed(
  host: Host,
  agent: Agent,
  options: DraftValues,
): Promise<Agent> {
  const spec = agent.spec ?? create(AgentSpecSchema);
  const metadata = agent.metadata ?? create(MetadataSchema);
  const instructions = await instructionsOf(host, options);
  if (instructions !== undefined) spec.instructions = instructions;
  if (options.description !== undefined) {
    spec.description = options.description;
  }
  if (options.model !== undefined) {
    spec.model ??= create(ModelSettingsSchema);
    spec.model.name = options.model;
  }
  if (options.mcpServer.length > 0) {
    spec.mcpServers = options.mcpServer.map((name) =>
      create(McpServerSchema, isCatalogName(name) ? { name } : { server: name })
    );
  }
  Object.assign(metadata.labels, parsePairs(options.label, 'Option "--label"'));
  return { ...agent, metadata, spec };
}

async function instructionsOf(
  host: Host,
  options: DraftValues,
): Promise<string | undefined> {
  const { instructions, instructionsFile: path } = options;
  if (path === undefined) return instructions;
  if (instructions !== undefined) {
    throw invalidArgument(
      'Options "--instructions" and "--instructions-file" exclude each other',
    );
  }
  return await readNamedText(host, path, {
    what: "the instructions",
    sizeBytesMax: DOCUMENT_SIZE_BYTES_MAX,
  });
}
