/**
 * A server from its start to its end: what it refuses to start with, what it
 * says, and how it drains.
 *
 * @module
 */

import type { LocalBackend } from "../backend/local.ts";
import type { Host } from "../host/host.ts";
import {
  failedPrecondition,
  invalidArgument,
  messageOf,
  StigmerError,
} from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import { VERSION } from "../model/version.ts";
import { createGuard } from "./guard.ts";
import type { ServerLimits } from "./limits.ts";
import {
  isLocalAddress,
  type ListenAddress,
  parseListenAddress,
} from "./listen_address.ts";
import { createLog, type LogOptions, type ServerLog } from "./log.ts";
import { type Server, startServer } from "./serve.ts";
import { prepareSocketFile } from "./socket_file.ts";
import { readTlsFiles, type TlsFiles, type TlsPair } from "./tls_files.ts";
import { keepWorking } from "./work_loop.ts";

/** How a server runs. */
export interface RunServerOptions {
  readonly host: Host;
  readonly databasePath: string;
  /** Where it listens, as {@linkcode parseListenAddress} reads it. */
  readonly listen: readonly string[];
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

/** How a server ended. */
export type ServerEnding = "drained" | "forced";

/**
 * Runs a server until a signal ends it.
 *
 * @throws {StigmerError} When it cannot or may not start, before it listens.
 */
export async function runServer(
  options: RunServerOptions,
): Promise<ServerEnding> {
  const { host } = options;
  const log = createLog(host, options.log);
  const addresses = options.listen.map((it) =>
    parseListenAddress(it, "--listen")
  );
  const tls = options.tls === undefined
    ? undefined
    : await readTlsFiles(host, options.tls);
  refusePlainText(addresses, { tls, insecure: options.insecure });
  await using backend = await openBackend(options);
  await refuseWithoutTokens(backend, addresses, options);
  for (const address of addresses) {
    if (address.kind === "unix") await prepareSocketFile(host, address.path);
  }
  await using guard = createGuard({ host, access: backend.access });
  await using server = listening(backend, {
    options,
    addresses,
    tls,
    guard,
    log,
  });
  sayListening(server, { options, addresses, tls, log, backend });
  return await untilSignal(backend, { server, options, log });
}

function openBackend(options: RunServerOptions): Promise<LocalBackend> {
  const { host, databasePath, workers } = options;
  return importUnseen<typeof import("../backend/local.ts")>(
    "../backend/local.ts",
    import.meta.url,
  ).then(({ openLocalBackend }) =>
    openLocalBackend({
      host,
      databasePath,
      execute: workers > 0 ? "own" : "none",
      ...(workers > 0 ? { concurrency: workers } : {}),
    })
  );
}

/** Refuses to have tokens and secrets read on their way. */
function refusePlainText(
  addresses: readonly ListenAddress[],
  how: { readonly tls: TlsPair | undefined; readonly insecure: boolean },
): void {
  if (how.tls !== undefined || how.insecure) return;
  const beyond = addresses.find((it) => !isLocalAddress(it));
  if (beyond === undefined) return;
  throw invalidArgument(
    `Cannot listen on "${
      addressText(beyond)
    }" without TLS: who is on the way could read tokens and secrets`,
    {
      hints: [
        "Give --tls-cert FILE and --tls-key FILE",
        "Where something else speaks TLS before it, say --insecure",
      ],
    },
  );
}

/**
 * Refuses to listen where nobody could call, or everybody. A socket needs no
 * token: its folder is its lock.
 */
async function refuseWithoutTokens(
  backend: LocalBackend,
  addresses: readonly ListenAddress[],
  { insecure }: RunServerOptions,
): Promise<void> {
  const guarded = addresses.find((it) =>
    it.kind === "tcp" && !(insecure && isLocalAddress(it))
  );
  if (guarded === undefined) return;
  const access = await backend.access();
  if (access.hasAdmin()) return;
  throw failedPrecondition(
    `Cannot listen on "${
      addressText(guarded)
    }": no admin token is in force, so nobody could call`,
    {
      hints: [
        "Make one: stigmer token create NAME --role admin",
        ...(isLocalAddress(guarded)
          ? [
            "For a trial on this machine alone, say --insecure: everyone on it is admin then",
          ]
          : []),
      ],
    },
  );
}

function listening(
  backend: LocalBackend,
  parts: {
    readonly options: RunServerOptions;
    readonly addresses: readonly ListenAddress[];
    readonly tls: TlsPair | undefined;
    readonly guard: ReturnType<typeof createGuard>;
    readonly log: ServerLog;
  },
): Server {
  const { options, addresses, tls, guard, log } = parts;
  const { host, insecure, limits, workers } = options;
  const [first, ...also] = addresses.map((address) => ({
    address,
    // A socket is on no network: TLS has nothing to hide there.
    ...(tls === undefined || address.kind === "unix" ? {} : { tls }),
    open: address.kind === "unix" || (insecure && isLocalAddress(address)),
  }));
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
      limits,
      log,
      workerSlots: workers,
    });
  } catch (error) {
    throw listenError(error, addresses.map(addressText).join(", "));
  }
}

/** What the platform throws, in words with a way out. */
function listenError(error: unknown, where: string): unknown {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "AddrInUse":
      return failedPrecondition(
        `Cannot listen on "${where}": something else listens there`,
        { cause: error, hints: ["Name another port with --listen"] },
      );
    case "AddrNotAvailable":
      return invalidArgument(
        `Cannot listen on "${where}": it is no address of this machine`,
        { cause: error },
      );
    case "PermissionDenied":
      return new StigmerError(
        "PERMISSION_DENIED",
        `Cannot listen on "${where}": this user may not`,
        { cause: error, hints: ["Take a port from 1024 on"] },
      );
    case "InvalidData":
      return invalidArgument(
        `Cannot use the certificate with its key: ${messageOf(error)}`,
        {
          cause: error,
          hints: ["Check that the key is that of the certificate"],
        },
      );
    default:
      return error;
  }
}

function sayListening(
  server: Server,
  parts: {
    readonly options: RunServerOptions;
    readonly addresses: readonly ListenAddress[];
    readonly tls: TlsPair | undefined;
    readonly log: ServerLog;
    readonly backend: LocalBackend;
  },
): void {
  const { addresses, tls, log, options, backend } = parts;
  server.listeners.forEach((listener, index) => {
    const address = addresses[index];
    const unix = address?.kind === "unix";
    const scheme = tls === undefined ? "http" : "https";
    const url = unix
      ? `unix:${listener.address}`
      : `${scheme}://${listener.address}`;
    log.write("info", `Listening on ${url}`, {
      url,
      version: VERSION,
      workers: options.workers,
      database: backend.location,
    });
    const warning = unix || address === undefined
      ? undefined
      : exposure(address, { tls, insecure: options.insecure });
    if (warning !== undefined) log.write("warn", `${url}: ${warning}`);
  });
}

/** What --insecure gives away at an address. */
function exposure(
  address: ListenAddress,
  how: { readonly tls: TlsPair | undefined; readonly insecure: boolean },
): string | undefined {
  if (!how.insecure) return undefined;
  if (isLocalAddress(address)) {
    return "everyone on this machine is admin, without a token";
  }
  return how.tls === undefined
    ? "whoever is on the way can read tokens and secrets"
    : undefined;
}

/** Works and answers until a signal; then drains, until it is over or forced. */
async function untilSignal(
  backend: LocalBackend,
  parts: {
    readonly server: Server;
    readonly options: RunServerOptions;
    readonly log: ServerLog;
  },
): Promise<ServerEnding> {
  const { server, options, log } = parts;
  const { host, workers, drainMs } = options;
  const stop = new AbortController();
  const { promise: forced, resolve: force } = Promise.withResolvers<"forced">();
  const remove = host.terminal.onInterrupt((signal) => {
    if (stop.signal.aborted) return force("forced");
    log.write("info", `Draining on ${signal}; once more to stop at once`);
    stop.abort();
  });
  try {
    const working = workers > 0
      ? keepWorking({
        backend,
        clock: host.clock,
        readiness: server.readiness,
        log,
        signal: stop.signal,
      })
      : Promise.resolve();
    await Promise.race([aborted(stop.signal), failing(working)]);
    const drained = drain(server, { working, host, drainMs });
    const how = await Promise.race([drained, forced]);
    if (how === "forced") return how;
    log.write("info", "Drained");
    return "drained";
  } finally {
    remove();
  }
}

async function drain(
  server: Server,
  { working, host, drainMs }: {
    readonly working: Promise<void>;
    readonly host: Host;
    readonly drainMs: number;
  },
): Promise<"drained"> {
  const answered = server.drain();
  const ended = Promise.all([
    answered,
    working,
    server.work.idle(),
  ]);
  const waited = new AbortController();
  try {
    await Promise.race([
      ended,
      host.clock.sleep(drainMs, waited.signal).catch(() => {}),
    ]);
  } finally {
    waited.abort();
  }
  return "drained";
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Rejects when the work fails; that it ends is no end of the server. */
function failing(work: Promise<void>): Promise<void> {
  return new Promise((_, reject) => void work.catch(reject));
}

function addressText(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const { hostname, port } = address;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
