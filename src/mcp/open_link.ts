/**
 * Opens the way to a tool server, with what it is given of the execution.
 *
 * @module
 */

import type { Transport } from "@modelcontextprotocol/client";
import { fileUrlOf } from "../host/file_url.ts";
import type { Host, SpawnOptions } from "../host/host.ts";
import { fetchWithinOrigin } from "./http_fetch.ts";
import { failedPrecondition } from "../model/error.ts";
import {
  catalogCommand,
  type CommandScope,
  pathFrom,
  stdioCommand,
} from "./command.ts";
import { expandAll, type Variables } from "./expand.ts";
import { type HttpLinkOptions, openHttpLink } from "./http_transport.ts";
import { type NamedValues, openNeeds } from "./needs.ts";
import type { HttpToolServer, OAuthLogins } from "./oauth.ts";
import { createOAuthSession } from "./oauth_session.ts";
import type { ToolServer } from "./server.ts";
import { StdioTransport } from "./stdio.ts";

/** Folders that a server is told of at the most. */
const ROOTS_MAX = 64;

/** What a server is opened with. */
export interface LinkScope extends CommandScope, NamedValues {
  /** Ends what is under way on it. */
  readonly signal: AbortSignal;
  /** Where its tokens are kept; absent where nobody can log in. */
  readonly logins?: OAuthLogins;
  /** The execution that it is for, where it is for one. */
  readonly executionId?: string;
}

/** The way to a server. */
export interface Link {
  readonly transport: Transport;
  /** URLs of folders that it may ask for; absent for one that is elsewhere. */
  readonly roots?: readonly string[];
  /** Whether the server has forgotten who we are: it is to be met anew. */
  readonly hasExpired: boolean;
  /** How it stands, in words; as it goes on, what else is wrong. */
  trouble(otherwise: string): string;
  /** Takes leave, before the transport is closed. */
  end(): Promise<void>;
}

/** Opens the way to a server; nothing is sent yet. */
export async function openLink(
  server: ToolServer,
  scope: LinkScope,
): Promise<Link> {
  const { transport } = server;
  const { host } = scope;
  const variables = await openNeeds(server, scope);
  const given = { ...scope, variables };
  switch (transport.kind) {
    case "catalog": {
      const spawn = await catalogCommand(server, transport.args, given);
      return stdioLink(spawn, scope);
    }
    case "stdio":
      return stdioLink(stdioCommand(server, transport, given), scope);
    case "http": {
      const link = await openHttpLink({
        url: new URL(transport.url),
        headers: headersOf(server.name, transport, variables),
        clock: host.clock,
        network: host.network,
        ...tokensFor({ ...server, transport }, given),
      });
      return {
        transport: link.transport,
        get hasExpired() {
          return link.hasExpired;
        },
        trouble: (otherwise) => otherwise,
        end: () => link.end(),
      };
    }
  }
}

function stdioLink(
  spawn: SpawnOptions,
  { host, secrets, workingDirectory }: LinkScope,
): Link {
  const hide = secrets === undefined ? {} : { hide: secrets.hide };
  const transport = new StdioTransport(host, spawn, hide);
  return {
    transport,
    roots: rootsOf(spawn, { host, workingDirectory }),
    hasExpired: false,
    trouble: (otherwise) => transport.trouble(otherwise),
    end: () => Promise.resolve(),
  };
}

/**
 * The folders that a server is to work in: those that stand in its arguments,
 * or else the one that it starts in. There are servers that take what they are
 * told here in place of their arguments; they must not be told of more.
 */
function rootsOf(
  { args, cwd }: SpawnOptions,
  { host, workingDirectory }: {
    readonly host: Host;
    readonly workingDirectory: string;
  },
): readonly string[] {
  const start = cwd ?? workingDirectory;
  const named = args
    .filter((arg) => arg !== "" && !arg.startsWith("-"))
    .map((arg) => pathFrom(start, arg))
    .filter((path) => isFolder(host, path))
    .slice(0, ROOTS_MAX);
  const folders = named.length === 0 ? [start] : named;
  return folders.map((path) => fileUrlOf(host.platform.os, path));
}

function isFolder(host: Host, path: string): boolean {
  try {
    return host.files.stat(path)?.kind === "directory";
  } catch {
    return false;
  }
}

/** How its requests are given tokens; not where a header of its own says who. */
function tokensFor(
  server: HttpToolServer,
  { host, logins, variables, signal, executionId = "" }: LinkScope,
): Pick<HttpLinkOptions, "fetch" | "conceal" | "settled"> {
  const names = Object.keys(server.transport.headers);
  const isKnown = names.some((it) => it.toLowerCase() === "authorization");
  if (logins === undefined || isKnown) return {};
  return createOAuthSession(server, {
    host,
    logins,
    variables,
    signal,
    executionId,
    fetch: fetchWithinOrigin(host.network),
  });
}

type Http = Extract<ToolServer["transport"], { kind: "http" }>;

function headersOf(
  name: string,
  http: Http,
  variables: Variables,
): Record<string, string> {
  const where = `tool server "${name}"`;
  const headers = expandAll(http.headers, variables, where);
  const broken = Object.keys(headers)
    .find((key) => /[\r\n\0]/.test(headers[key]?.trim() ?? ""));
  if (broken === undefined) return headers;
  throw failedPrecondition(
    `header "${broken}" of ${where} would have a line break in it, which no ` +
      "header can have: look at what stands for it",
  );
}
