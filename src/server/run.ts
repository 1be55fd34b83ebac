/**
 * A server from its start to its end: what it refuses to start with, what it
 * says, and how it drains.
 *
 * @module
 */

import type { LocalBackend } from "../backend/local.ts";
import type { OpenBackendOptions } from "../backend/open.ts";
import type { Host, HttpServer } from "../host/host.ts";
import { invalidArgument } from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import { VERSION } from "../model/version.ts";
import { createGuard, type Guard } from "./guard.ts";
import type { ServerLimits } from "./limits.ts";
import {
  isLocalAddress,
  type ListenAddress,
  parseListenAddress,
} from "./listen_address.ts";
import { type ServerEnding, untilSignal } from "./life.ts";
import { createLog, type LogOptions, type ServerLog } from "./log.ts";
import { type Listener, type Server, startServer } from "./serve.ts";
import { prepareSocketFile } from "./socket_file.ts";
import {
  addressText,
  exposure,
  listenError,
  refusePlainText,
  refuseWithoutTokens,
} from "./start_rules.ts";
import { readTlsFiles, type TlsFiles, type TlsPair } from "./tls_files.ts";

/**
 * How long all of a server stands still for the lock of another process. What
 * waits longer waits beside the others.
 */
const BUSY_TIMEOUT_MS = 250;

/** How a server runs. */
export interface RunServerOptions
  extends Pick<OpenBackendOptions, "driver" | "library"> {
  readonly host: Host;
  readonly databasePath: string;
  /** Where it listens, as {@linkcode parseListenAddress} reads it. */
  readonly listen: readonly string[];
  /** Where it speaks gRPC besides. */
  readonly grpcListen: readonly string[];
  readonly tls?: TlsFiles;
  /** Activities at once of the executions that run in it; 0 serves alone. */
  readonly workers: number;
  /** How long what runs may go on once it is to end. */
  readonly drainMs: number;
  /** Whether plain text is taken beyond this machine, and no token within. */
  readonly insecure: boolean;
  readonly log: LogOptions;
  readonly limits: Partial<ServerLimits>;
}

/**
 * Runs a server until a signal ends it.
 *
 * @throws {StigmerError} When it cannot or may not start, before it listens.
 */
export async function runServer(
  options: RunServerOptions,
): Promise<ServerEnding> {
  const { host } = options;
  using log = createLog(host, options.log);
  const addresses = options.listen.map((it) =>
    parseListenAddress(it, "--listen")
  );
  const grpc = options.grpcListen.map((it) =>
    parseListenAddress(it, "--grpc-listen")
  );
  const all = [...addresses, ...grpc];
  const { tls: files } = options;
  const tls = files === undefined ? undefined : await readTlsFiles(host, files);
  refusePlainText(all, { tls, insecure: options.insecure });
  await using backend = await openBackend(options);
  await refuseWithoutTokens(backend, all, options);
  for (const address of all) {
    if (address.kind === "unix") await prepareSocketFile(host, address.path);
  }
  await using guard = createGuard({ host, access: backend.access });
  const places = addresses.map((it) => placeOf(it, { ...options, tls }));
  await using server = listening(backend, { options, places, guard, log });
  const spoken = await speaking(
    server,
    grpc.map((it) => placeOf(it, { ...options, tls })),
  );
  const begin = (): void =>
    sayListening([
      ...server.listeners.slice(0, places.length).map((it, index) => ({
        at: it,
        place: places[index],
        speaks: "Connect, gRPC-Web",
      })),
      ...spoken.map((it) => ({ ...it, speaks: "gRPC" })),
    ], { options, log, backend });
  return await untilSignal(backend, {
    server,
    host,
    log,
    begin,
    ...(files === undefined
      ? {}
      : { readTls: () => readTlsFiles(host, files) }),
    workers: options.workers,
    drainMs: options.drainMs,
  });
}

async function openBackend(options: RunServerOptions): Promise<LocalBackend> {
  const { host, databasePath, workers } = options;
  const [{ openLocalBackend }, { driverOf }] = await Promise.all([
    importUnseen<typeof import("../backend/local.ts")>(
      "../backend/local.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("../backend/open.ts")>(
      "../backend/open.ts",
      import.meta.url,
    ),
  ]);
  const driver = await driverOf(host, options);
  return openLocalBackend({
    host,
    databasePath,
    ...(driver === undefined ? {} : { driver }),
    execute: workers > 0 ? "own" : "none",
    busyTimeoutMs: BUSY_TIMEOUT_MS,
    ...(workers > 0 ? { concurrency: workers } : {}),
  });
}

/** A listener of what it shall be: TLS is for networks, and so are tokens. */
function placeOf(
  address: ListenAddress,
  { insecure, tls }: {
    readonly insecure: boolean;
    readonly tls: TlsPair | undefined;
  },
): Listener {
  const isUnix = address.kind === "unix";
  return {
    address,
    ...(tls === undefined || isUnix ? {} : { tls }),
    open: isUnix || (insecure && isLocalAddress(address)),
  };
}

function listening(
  backend: LocalBackend,
  parts: {
    readonly options: RunServerOptions;
    readonly places: readonly Listener[];
    readonly guard: Guard;
    readonly log: ServerLog;
  },
): Server {
  const { options, places, guard, log } = parts;
  const { host, limits, workers } = options;
  const [first, ...also] = places;
  if (first === undefined) {
    throw invalidArgument("Cannot start a server that listens nowhere");
  }
  try {
    return startServer({
      host,
      backend,
      ...first,
      also,
      authenticate: guard.authenticate,
      authorize: guard.authorize,
      hold: guard.hold,
      denied: guard.denied,
      limits,
      log,
      workerSlots: workers,
    });
  } catch (error) {
    throw listenError(error, places.map((it) => addressText(it.address)));
  }
}

/** Listens for gRPC as well. */
async function speaking(
  server: Server,
  places: readonly Listener[],
): Promise<readonly { readonly at: HttpServer; readonly place: Listener }[]> {
  const spoken: { readonly at: HttpServer; readonly place: Listener }[] = [];
  for (const place of places) {
    try {
      spoken.push({ at: await server.listenGrpc(place), place });
    } catch (error) {
      throw listenError(error, [addressText(place.address)]);
    }
  }
  return spoken;
}

function sayListening(
  all: readonly {
    readonly at: HttpServer;
    readonly place: Listener | undefined;
    readonly speaks: string;
  }[],
  { options, log, backend }: {
    readonly options: RunServerOptions;
    readonly log: ServerLog;
    readonly backend: LocalBackend;
  },
): void {
  for (const { at, place, speaks } of all) {
    if (place === undefined) continue;
    const url = urlOf(place, at);
    log.write("info", `Listening on ${url}`, {
      url,
      speaks,
      version: VERSION,
      workers: options.workers,
      database: backend.location,
    });
    const warning = exposure(place, options);
    if (warning !== undefined) log.write("warn", `${url}: ${warning}`);
  }
}

function urlOf({ address, tls }: Listener, at: HttpServer): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${tls === undefined ? "http" : "https"}://${at.address}`;
}
