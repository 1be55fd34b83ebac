/**
 * The way to the tool server that a task of a workflow calls: to one that the
 * task writes down, or to one that is applied.
 *
 * @module
 */

import type { Client, Transport } from "@modelcontextprotocol/client";
import type { Host } from "../host/host.ts";
import type { ActivityContext } from "../model/durable.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { CallInput } from "./call_input.ts";
import { newClient, type NewClientOptions } from "./client.ts";
import { programOf } from "./command.ts";
import { closeFully } from "./connection.ts";
import { isWithoutHandshake, MODERN_VERSION } from "./failure.ts";
import { openHttpLink } from "./http_transport.ts";
import type { OAuthLogins } from "./oauth.ts";
import { openLink } from "./open_link.ts";
import type { ToolServer } from "./server.ts";
import { StdioTransport } from "./stdio.ts";

/** Sends a request, with what proves who it is from. */
export interface AuthorizedSender {
  fetch(request: Request, authentication: Json | undefined): Promise<Response>;
}

/** What a server is reached with. */
export interface CallScope {
  readonly host: Host;
  readonly sender: AuthorizedSender;
  /** Where logins to applied servers are kept; absent where nobody can log in. */
  readonly logins?: OAuthLogins;
  readonly context: ActivityContext;
}

/** A connection that is there for one request. */
export interface CallLink {
  readonly client: Client;
  readonly transport: Transport;
  /** Ends it, with all that was started for it. */
  close(): Promise<void>;
}

/** A way that is open, over which nothing was sent. */
interface Way {
  readonly transport: Transport;
  /** URLs of folders that the server may ask for. */
  readonly roots?: readonly string[];
  end(): Promise<void>;
}

/** Makes a connection; the request has yet to connect it. */
export async function openCall(
  input: CallInput,
  scope: CallScope,
): Promise<CallLink> {
  return await openWith(input, scope, versionOption(input.protocolVersion));
}

/**
 * Makes a connection to a server that has refused the handshake, because it
 * knows of none; `undefined` for any other error.
 */
export async function openModernCall(
  input: CallInput,
  scope: CallScope,
  error: unknown,
): Promise<CallLink | undefined> {
  if (input.protocolVersion !== undefined) return undefined;
  if (!await isWithoutHandshake(error)) return undefined;
  return await openWith(input, scope, versionOption(MODERN_VERSION));
}

async function openWith(
  input: CallInput,
  scope: CallScope,
  versions: NonNullable<NewClientOptions["versions"]>,
): Promise<CallLink> {
  const { transport, roots, end } = await openWay(input, scope);
  const client = await newClient({
    ...(input.client === undefined ? {} : { info: input.client }),
    ...(roots === undefined ? {} : { roots }),
    versions,
  });
  return {
    client,
    transport,
    async close() {
      await end();
      await closeFully(client, transport);
    },
  };
}

async function openWay(
  { transport }: CallInput,
  scope: CallScope,
): Promise<Way> {
  const { host, sender, context } = scope;
  switch (transport.kind) {
    case "applied":
      return await appliedWay(transport.server, scope);
    case "stdio": {
      const { workingDirectory, secrets } = context;
      const child = new StdioTransport(host, {
        command: programOf(transport.command, { host, workingDirectory }),
        args: transport.args,
        env: { ...host.processes.baseEnv(), ...transport.environment },
        cwd: workingDirectory,
      }, secrets === undefined ? {} : { hide: secrets.hide });
      return { transport: child, end: () => Promise.resolve() };
    }
    case "http": {
      const { uri, authentication, headers } = transport;
      return await openHttpLink({
        url: addressOf(uri),
        headers,
        clock: host.clock,
        network: { fetch: (request) => sender.fetch(request, authentication) },
      });
    }
  }
}

/** It is given what it names of the run, and no more, as those of agents are. */
async function appliedWay(
  server: ToolServer,
  { host, logins, context }: CallScope,
): Promise<Way> {
  const { variables, secrets, workingDirectory, executionId } = context;
  try {
    const link = await openLink(server, {
      host,
      variables,
      workingDirectory,
      executionId,
      signal: context.signal,
      ...(secrets === undefined ? {} : { secrets }),
      ...(logins === undefined ? {} : { logins }),
    });
    return {
      transport: link.transport,
      ...(link.roots === undefined ? {} : { roots: link.roots }),
      end: () => link.end(),
    };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof StigmerError)) throw error;
    const { code, hints } = error;
    const message = `Cannot start tool server "${server.name}": ${
      messageOf(error)
    }`;
    throw new StigmerError(code, message, { hints, cause: error });
  }
}

function addressOf(uri: string): URL {
  const url = URL.parse(uri);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot call the tool server at "${uri}": its address must begin with ` +
      '"http://" or "https://"',
  );
}

/** The version that the task asks for, and no other; absent means any. */
function versionOption(
  version: string | undefined,
): NonNullable<NewClientOptions["versions"]> {
  if (version === undefined) return {};
  return version < MODERN_VERSION
    ? { supportedProtocolVersions: [version] }
    : { versionNegotiation: { mode: { pin: version } } };
}
