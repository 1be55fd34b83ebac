/**
 * Serves the database of the home folder to others.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import { LISTEN_DEFAULT } from "../server/listen_address.ts";
import type { ServerLimits } from "../server/limits.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogOptions } from "../server/log.ts";
import type { TlsFiles } from "../server/tls_files.ts";
import type { Ending } from "./command.ts";
import { type Context, refuseServer } from "./context.ts";
import { parseDurationMs } from "./duration.ts";
import { absolutePath, joinPath } from "./path.ts";

/** What the command line says of a server. */
export interface ServeOptions {
  readonly listen: readonly string[];
  readonly grpcListen: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly insecure: boolean;
  readonly workers: string | undefined;
  readonly drain: string | undefined;
  readonly logFormat: string | undefined;
  readonly logLevel: string | undefined;
  readonly rateLimit: string | undefined;
  readonly maxCalls: string | undefined;
  readonly maxStreams: string | undefined;
  readonly maxMessageSize: string | undefined;
}

const DATABASE_NAME = "stigmer.db";
const WORKERS_DEFAULT = 256;
const WORKERS_MAX = 10_000;
const COUNT_MAX = 1_000_000;
const DRAIN_MS_DEFAULT = 30_000;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};
/** A message is held in memory more than once. */
const SIZE_BYTES_MAX: number = 512 * 1024 ** 2;
const SIZE_BYTES_MIN = 1024;

/** Serves until a signal ends it. */
export async function serve(
  context: Context,
  options: ServeOptions,
): Promise<Ending> {
  const { host, settings } = context;
  await refuseElsewhere(context);
  const { runServer } = await importUnseen<typeof import("../server/run.ts")>(
    "../server/run.ts",
    import.meta.url,
  );
  const tls = tlsOf(context, options);
  const ending = await runServer({
    host,
    databasePath: settings.databasePath ??
      joinPath(host, settings.home, DATABASE_NAME),
    ...settings.sqlite,
    listen: options.listen.length === 0 ? [LISTEN_DEFAULT] : options.listen,
    grpcListen: options.grpcListen,
    ...(tls === undefined ? {} : { tls }),
    insecure: options.insecure,
    workers: countOf(options.workers, "--workers", WORKERS_MAX) ??
      WORKERS_DEFAULT,
    drainMs: options.drain === undefined
      ? DRAIN_MS_DEFAULT
      : parseDurationMs(options.drain, "--drain"),
    log: logOf(context, options),
    limits: limitsOf(options),
  });
  return ending === "drained" ? "ok" : "CANCELLED";
}

/**
 * Whoever names a server for this command does not mean this database. What is
 * configured is for the other commands on this machine.
 */
async function refuseElsewhere(context: Context): Promise<void> {
  const { byKey } = context.settings;
  const keys = ["backend.type", "backend.cloud.endpoint"] as const;
  const isNamed = keys.some((key) => {
    const origin = byKey.get(key)?.origin;
    return origin === "flag" || origin === "environment";
  });
  if (isNamed) await refuseServer(context, "serve a database");
}

function tlsOf(
  { host }: Context,
  { tlsCert, tlsKey }: ServeOptions,
): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const missing = tlsCert === undefined ? "--tls-cert" : "--tls-key";
    throw invalidArgument(`Cannot speak TLS without "${missing}"`, {
      hints: ["Give both --tls-cert FILE and --tls-key FILE"],
    });
  }
  return {
    certFile: absolutePath(host, tlsCert),
    keyFile: absolutePath(host, tlsKey),
  };
}

function logOf(
  { settings }: Context,
  { logFormat, logLevel }: ServeOptions,
): LogOptions {
  const level = settings.quiet ? "warn" : "info";
  return {
    format: LOG_FORMATS.find((it) => it === logFormat) ?? "text",
    level: LOG_LEVELS.find((it) => it === logLevel) ?? level,
  };
}

function limitsOf(options: ServeOptions): Partial<ServerLimits> {
  const rate = countOf(options.rateLimit, "--rate-limit", COUNT_MAX);
  const calls = countOf(options.maxCalls, "--max-calls", COUNT_MAX);
  const streams = countOf(options.maxStreams, "--max-streams", COUNT_MAX);
  const size = options.maxMessageSize;
  return {
    ...(rate === undefined ? {} : { callsPerSecondMax: rate }),
    ...(calls === undefined ? {} : { callsMax: calls }),
    ...(streams === undefined ? {} : { streamsPerCallerMax: streams }),
    ...(size === undefined ? {} : { messageBytesMax: parseSize(size) }),
  };
}

function countOf(
  text: string | undefined,
  option: string,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text) && Number(text) <= max) return Number(text);
  throw invalidArgument(
    `Option "${option}" cannot be "${text}", give a number from 0 to ${max}`,
  );
}

/** Reads `16MiB`, `16M` or a number of bytes. */
function parseSize(text: string): number {
  const [, number, unit] = /^(\d{1,12})([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(number) * (SIZE_UNITS[(unit ?? "").toLowerCase()] ?? 1);
  if (bytes >= SIZE_BYTES_MIN && bytes <= SIZE_BYTES_MAX) return bytes;
  throw invalidArgument(
    `Option "--max-message-size" cannot be "${text}", give a size from 1KiB to 512MiB`,
  );
}
