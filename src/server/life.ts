/**
 * How a server lives: it works and answers until a signal, and drains then.
 *
 * @module
 */

import type { LocalBackend } from "../backend/local.ts";
import type { Host } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import { databaseLost } from "./database_file.ts";
import type { LogFields, ServerLog } from "./log.ts";
import type { Server } from "./serve.ts";
import type { TlsPair } from "./tls_files.ts";
import { keepWorking } from "./work_loop.ts";

/** Executions that a line of the log names at the most. */
const IDS_LOGGED_MAX = 10;

/** How a server ended. */
export type ServerEnding = "drained" | "forced";

/** What a server lives by. */
export interface LifeOptions {
  readonly server: Server;
  readonly host: Host;
  readonly log: ServerLog;
  /** Reads the certificate anew, where there is one. */
  readonly readTls?: () => Promise<TlsPair>;
  /** Called once a signal would be heard. */
  readonly begin: () => void;
  /** Activities at once; 0 when it only serves. */
  readonly workers: number;
  /** How long what runs may go on once it is to end. */
  readonly drainMs: number;
}

/**
 * Works and answers until a signal; then drains, until it is over or a second
 * signal forces it.
 *
 * @throws What ended the work before any signal.
 */
export async function untilSignal(
  backend: LocalBackend,
  options: LifeOptions,
): Promise<ServerEnding> {
  const { server, host, log, workers, drainMs } = options;
  const stop = new AbortController();
  const ended = new AbortController();
  const { promise: forced, resolve: force } = Promise.withResolvers<"forced">();
  const remove = host.terminal.onInterrupt((signal) => {
    if (stop.signal.aborted) return force("forced");
    log.write(
      "info",
      `Draining on ${signal}: ${underWay(server, drainMs)}; once more to ` +
        "stop at once",
      idsOf(server),
    );
    stop.abort();
  });
  const removeHangup = renewing(options);
  // One call that goes wrong must not end what runs beside it.
  const removeUncaught = host.platform.onUncaught((thrown) =>
    log.write("error", `Nobody caught: ${messageOf(thrown)}`, {
      stack: thrown instanceof Error ? thrown.stack : undefined,
    })
  );
  try {
    options.begin();
    const working = workers > 0
      ? keepWorking({
        backend,
        clock: host.clock,
        readiness: server.readiness,
        log,
        signal: stop.signal,
      })
      : Promise.resolve();
    await Promise.race([
      aborted(stop.signal),
      failing(working),
      failing(databaseLost(host, backend.location, ended.signal)),
    ]);
    const drained = drain(server, { working, host, drainMs });
    const how = await Promise.race([drained, forced]);
    if (how === "forced") return how;
    const left = server.work.running();
    if (left === 0) log.write("info", "Drained");
    else {
      const what = counted(left, "execution");
      const message =
        `Drained; ${what} did not end in time and will go on later`;
      log.write("warn", message, idsOf(server));
    }
    return "drained";
  } finally {
    ended.abort();
    removeUncaught();
    removeHangup();
    remove();
  }
}

/** What is waited for, and for how long. */
function underWay({ work }: Server, drainMs: number): string {
  const count = work.running();
  return count === 0
    ? "no execution runs"
    : `${counted(count, "execution")} may take ${drainMs / 1000} s to end`;
}

/** Which executions run; a log that names thousands is read by nobody. */
function idsOf({ work }: Server): LogFields {
  const ids = work.some(IDS_LOGGED_MAX);
  return ids.length === 0 ? {} : { executions: ids.join(" ") };
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** Takes the certificate that is in its files now, at each SIGHUP. */
function renewing({ server, host, log, readTls }: LifeOptions): () => void {
  if (readTls === undefined) return () => {};
  let last: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      await server.renew(await readTls());
      log.write("info", "Took the certificate anew");
    } catch (error) {
      log.write("error", `Cannot renew the certificate: ${messageOf(error)}`);
    }
  };
  return host.terminal.onHangup(() => void (last = last.then(renew)));
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
