/**
 * Offers agents and workflows as tools of an MCP server, whichever way clients
 * come to it.
 *
 * @module
 */

import type {
  CallToolRequest,
  CallToolResult,
  ClientCapabilities,
  InputRequiredResult,
  JsonSchemaValidator,
  Server,
  ServerContext,
} from "@modelcontextprotocol/server";
import type { Approval } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import type { Host } from "../host/host.ts";
import type { Json } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { VERSION } from "../model/version.ts";
import { callTool, type Line, type Means } from "./call.ts";
import { type ChangeFeed, createChangeFeed } from "./changes.ts";
import { callExecutionTool, executionTool } from "./execution_tool.ts";
import { refusedResult } from "./result.ts";
import type { AskedBefore } from "./rounds.ts";
import type { OfferedTool } from "./tool.ts";
import { isChosen, listTools } from "./tool_list.ts";
import { EXECUTION_TOOL } from "./tool_names.ts";

/** Bytes of the key that seals what clients bring back. */
const KEY_LENGTH = 32;
/** How long a question that went with a result may be answered. */
const ASKED_SECONDS_MAX: number = 7 * 24 * 60 * 60;
const CAPABILITIES_META = "io.modelcontextprotocol/clientCapabilities";
const INSTRUCTIONS =
  "Each tool runs an agent or a workflow of Stigmer and gives its output. " +
  `One that waits for a person is not done: come back to it with ${EXECUTION_TOOL}.`;

/** What is offered, and how it runs. */
export interface OfferOptions {
  readonly host: Pick<Host, "clock" | "random">;
  readonly client: BackendClient;
  /** Globs over slugs, of which one must match; none means all. */
  readonly only: readonly string[];
  readonly approval: Approval;
  readonly workingDirectory: string;
  /** Whether executions can be answered by a tool call. */
  readonly answers: boolean;
  /** How often it is looked for what was applied or deleted. */
  readonly pollMs: number;
}

/** An offer: servers are made of it, one for each client. */
export interface Offer {
  /** Makes the server for a client. */
  newServer(
    line: Pick<Line, "era">,
  ): Promise<{ readonly server: Server; readonly line: Line }>;
  readonly changes: ChangeFeed;
  /** Of the globs that choose what is offered, those that choose nothing now. */
  idleGlobs(signal: AbortSignal): Promise<readonly string[]>;
  /** Resolves when nothing is left to be done for clients that are gone. */
  settled(): Promise<void>;
}

/** Makes an offer. */
export async function createOffer(options: OfferOptions): Promise<Offer> {
  const { answers, client, host } = options;
  const mcp = await import("@modelcontextprotocol/server");
  const codec = mcp.createRequestStateCodec<AskedBefore>({
    key: host.random.bytes(KEY_LENGTH),
    ttlSeconds: ASKED_SECONDS_MAX,
  });
  const work = new Set<Promise<unknown>>();
  const means: Means = {
    ...options,
    settle(one) {
      const done = one.catch(() => {}).finally(() => work.delete(done));
      work.add(done);
    },
    mint: (asked) => codec.mint(asked),
  };
  let known: ReadonlyMap<string, OfferedTool> = new Map();
  const list = async (
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, OfferedTool>> => {
    known = await listTools({
      client,
      only: options.only,
      ...(signal === undefined ? {} : { signal }),
    });
    return known;
  };
  const find = async (name: string): Promise<OfferedTool> => {
    const tool = known.get(name) ?? (await list()).get(name);
    if (tool !== undefined) return tool;
    const { hint } = didYouMean(name, [...known.keys(), EXECUTION_TOOL]);
    throw new mcp.ProtocolError(
      mcp.ProtocolErrorCode.InvalidParams,
      `Cannot find tool "${name}"${hint === undefined ? "" : `. ${hint}`}`,
    );
  };
  return {
    changes: createChangeFeed(host.clock, {
      pollMs: options.pollMs,
      look: async (signal) =>
        JSON.stringify([...await list(signal)].map(([, it]) => it.definition)),
    }),
    async idleGlobs(signal) {
      const { only } = options;
      if (only.length === 0) return [];
      const all = [...(await listTools({ client, only: [], signal })).values()];
      return only.filter((glob) =>
        !all.some(({ slug }) => isChosen(slug, [glob]))
      );
    },
    async settled() {
      // A call that ends may leave an execution to be cancelled.
      while (work.size > 0) await Promise.all(work);
    },
    newServer({ era }) {
      const server = new mcp.Server(
        { name: "stigmer", title: "Stigmer", version: VERSION },
        {
          capabilities: { tools: { listChanged: true }, logging: {} },
          instructions: INSTRUCTIONS,
          requestState: { verify: codec.verify },
          jsonSchemaValidator: { getValidator: acceptAll },
        },
      );
      const line: Line = {
        era,
        isClosing: false,
        canElicit: (context) => canElicit(server, context),
      };
      server.setRequestHandler("tools/list", async (_request, context) => {
        const tools = await list(context.mcpReq.signal);
        return {
          tools: [
            ...[...tools.values()].map((it) => it.definition),
            executionTool({ answers }),
          ],
        };
      });
      const answer = async (
        { arguments: given, name }: CallToolRequest["params"],
        context: ServerContext,
      ): Promise<CallToolResult | InputRequiredResult> => {
        // The protocol has JSON here; what reads an argument checks it.
        const args = { ...given as Record<string, Json> };
        const call = { args, context, line };
        try {
          if (name === EXECUTION_TOOL) {
            return await callExecutionTool(means, call, { answers });
          }
          const tool = await find(name);
          return await callTool(means, { ...call, tool });
        } catch (error) {
          if (error instanceof mcp.ProtocolError) throw error;
          return refusedResult(error);
        }
      };
      server.setRequestHandler("tools/call", ({ params }, context) => {
        const answered = answer(params, context);
        means.settle(answered);
        return answered;
      });
      return Promise.resolve({ server, line });
    },
  };
}

/** What a person answers is checked by the execution that asked. */
function acceptAll<T>(): JsonSchemaValidator<T> {
  return (data) => ({ valid: true, data: data as T, errorMessage: undefined });
}

/** Clients that say nothing of forms and links can show forms. */
function canElicit(server: Server, { mcpReq }: ServerContext): boolean {
  // Since 2026 they come with each request.
  const { envelope = {} } = mcpReq;
  const capabilities: ClientCapabilities | undefined =
    Reflect.get(envelope, CAPABILITIES_META) ?? server.getClientCapabilities();
  const elicitation = capabilities?.elicitation;
  if (elicitation === undefined) return false;
  return elicitation.form !== undefined || elicitation.url === undefined;
}
