/**
 * Serves agents and workflows as tools until the client, or a person, ends it.
 *
 * @module
 */

import { invalidArgument } from "../../model/error.ts";
import { importUnseen } from "../../model/unseen.ts";
import type { Offer } from "../../offer/server.ts";
import { parseListenAddress } from "../../server/listen_address.ts";
import { prepareSocketFile } from "../../server/socket_file.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor, serverOf } from "../context.ts";
import { approvalOf } from "../execution/approval_mode.ts";
import { readNamedText } from "../read_text.ts";

/** What the command line says. */
export interface ServeToolsOptions {
  readonly address: string | undefined;
  readonly http: boolean;
  readonly only: readonly string[];
  readonly approve: string | undefined;
  readonly answers: boolean;
  readonly tokenFile: string | undefined;
}

const LISTEN_DEFAULT = "127.0.0.1:7235";
const PORT_DEFAULT = 7235;
const TOKEN_VARIABLE = "STIGMER_MCP_TOKEN";
const TOKEN_SIZE_BYTES_MAX = 4096;
/** How often it is looked for changes in this machine's database. */
const POLL_MS_LOCAL = 2000;
/** How often it is looked for changes at a server. */
const POLL_MS_CLOUD = 15_000;

/** Serves until it is ended. */
export async function serveTools(
  context: Context,
  options: ServeToolsOptions,
): Promise<Ending> {
  const { host, io } = context;
  if (!options.http) refuseHttpOnly(options);
  else if (io.interactive) io.note("Stop it with Ctrl-C");
  const token = options.http ? await tokenOf(context, options) : undefined;
  const isLocal = await serverOf(context) === undefined;
  await using backend = await openFor(context, "own");
  const { createOffer } = await importUnseen<
    typeof import("../../offer/server.ts")
  >("../../offer/server.ts", import.meta.url);
  const offer = await createOffer({
    host,
    client: backend.client,
    only: options.only,
    approval: approvalOf(options.approve),
    workingDirectory: isLocal ? host.platform.cwd() : "",
    answers: options.answers,
    pollMs: isLocal ? POLL_MS_LOCAL : POLL_MS_CLOUD,
  });
  const ended = new AbortController();
  const remove = host.terminal.onInterrupt(() => ended.abort());
  try {
    const signal = AbortSignal.any([context.signal, ended.signal]);
    for (const glob of await offer.idleGlobs(signal)) {
      io.warn(`--only "${glob}" matches no agent and no workflow so far`);
    }
    if (options.http) {
      await overHttp(context, { offer, options, signal, token });
    } else await overStdio(context, { offer, signal });
  } finally {
    remove();
  }
  return "ok";
}

async function overStdio(
  { host, io }: Context,
  { offer, signal }: { readonly offer: Offer; readonly signal: AbortSignal },
): Promise<void> {
  if (host.terminal.isTerminal("stdin")) {
    io.alert(
      "It speaks MCP over stdin and stdout, for an IDE to start it; " +
        "Ctrl-D ends it",
    );
  }
  const { serveStdio } = await importUnseen<
    typeof import("../../offer/stdio.ts")
  >("../../offer/stdio.ts", import.meta.url);
  await serveStdio(offer, {
    host,
    signal,
    onError: ({ message }) => io.note(message),
  });
}

async function overHttp(
  { host, io }: Context,
  { offer, options, signal, token }: {
    readonly offer: Offer;
    readonly options: ServeToolsOptions;
    readonly signal: AbortSignal;
    readonly token: string | undefined;
  },
): Promise<void> {
  const { serveHttp } = await importUnseen<
    typeof import("../../offer/http.ts")
  >("../../offer/http.ts", import.meta.url);
  const address = parseListenAddress(addressOf(options.address), "ADDRESS");
  if (address.kind === "unix") await prepareSocketFile(host, address.path);
  await serveHttp(offer, {
    host,
    signal,
    address,
    ...(token === undefined ? {} : { token }),
    onListening: (url) => io.alert(`Serving MCP at ${url}`),
    onError: ({ message }) => io.note(message),
  });
}

/** What is said without a port has another one than a server of Stigmer. */
function addressOf(text: string | undefined): string {
  if (text === undefined) return LISTEN_DEFAULT;
  const hasPort = /^\d+$|:\d+$/.test(text) || text.startsWith("unix:");
  return hasPort ? text : `${text}:${PORT_DEFAULT}`;
}

function refuseHttpOnly({ address, tokenFile }: ServeToolsOptions): void {
  const given = address ?? tokenFile;
  if (given === undefined) return;
  throw invalidArgument(`Cannot use "${given}" over stdio, add --http`);
}

async function tokenOf(
  context: Context,
  { tokenFile }: ServeToolsOptions,
): Promise<string | undefined> {
  const { host } = context;
  const text = tokenFile === undefined
    ? host.env.get(TOKEN_VARIABLE)
    : await readNamedText(host, tokenFile, {
      what: "the token",
      sizeBytesMax: TOKEN_SIZE_BYTES_MAX,
    });
  const token = text?.trim() ?? "";
  if (token !== "") return token;
  if (tokenFile === undefined) return undefined;
  throw invalidArgument(`Cannot read a token from "${tokenFile}": it is empty`);
}
