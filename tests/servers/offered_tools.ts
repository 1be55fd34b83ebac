/**
 * `stigmer mcp serve` as a real process, and clients of it over stdio and
 * HTTP.
 *
 * @module
 */

import {
  type Client,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { systemHost } from "../../src/host/system.ts";
import { type Elicit, newClient } from "../../src/mcp/client.ts";
import { StdioTransport } from "../../src/mcp/stdio.ts";
import type { Place, Started } from "../cli/program.ts";
import { PROGRAM_ARGS } from "../stigmer_program.ts";

/** What a client says first. */
export const GREETING = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  },
};

/** How a client comes. */
export interface ClientOptions {
  /** Words after `mcp serve`. */
  readonly words?: readonly string[];
  /** Answers forms; absent means that the client shows none. */
  readonly elicit?: Elicit;
  readonly onToolsChanged?: () => void;
  readonly onLog?: (line: string) => void;
  /** Whether it speaks the protocol of 2026, where the server does. */
  readonly isModern?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client that is connected. */
export interface Connected extends AsyncDisposable {
  readonly client: Client;
}

/** Starts the program and connects to it over its standard streams. */
export async function overStdio(
  place: Place,
  options: ClientOptions = {},
): Promise<Connected> {
  const client = await clientOf(options);
  const host = systemHost();
  await client.connect(
    new StdioTransport(host, {
      command: Deno.execPath(),
      args: [
        ...PROGRAM_ARGS,
        "mcp",
        "serve",
        ...options.words ?? [],
      ],
      env: {
        ...host.processes.baseEnv(),
        STIGMER_HOME: place.home,
        STIGMER_KEY_SOURCE: "key-file",
      },
      cwd: place.folder,
    }),
  );
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

/** Connects over HTTP. */
export async function overHttp(
  url: string,
  options: ClientOptions = {},
): Promise<Connected> {
  const client = await clientOf(options);
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...options.headers } },
  });
  await client.connect(transport);
  return {
    client,
    async [Symbol.asyncDispose]() {
      if (transport.sessionId !== undefined) await transport.terminateSession();
      await client.close();
    },
  };
}

/** Serves over HTTP at a port that is free. */
export async function startServing(
  place: Place,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<
  AsyncDisposable & { readonly url: string; readonly program: Started }
> {
  const listen = words.includes("--http") ? [] : ["--http", "127.0.0.1:0"];
  const program = place.start(["mcp", "serve", ...listen, ...words], { env });
  await program.said(/Serving MCP at \S+\n/);
  const [, url = ""] = /Serving MCP at (\S+)\n/.exec(program.heard()) ?? [];
  return {
    url,
    program,
    async [Symbol.asyncDispose]() {
      try {
        program.kill("SIGTERM");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await program.ended;
    },
  };
}

function clientOf(options: ClientOptions): Promise<Client> {
  const { elicit, isModern, onLog, onToolsChanged } = options;
  return newClient({
    ...(elicit === undefined ? {} : { elicit }),
    ...(onLog === undefined ? {} : { onLog }),
    ...(onToolsChanged === undefined ? {} : { onToolsChanged }),
    ...(isModern === true
      ? { versions: { versionNegotiation: { mode: "auto" } } }
      : {}),
  });
}
