/**
 * Opens a backend: the door between those who use the contract and those who
 * answer it.
 *
 * @module
 */

import type { Client } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { WorkerNote } from "../engine/ports.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/os.ts";
import { systemHost } from "../host/system.ts";
import type { ModelTape } from "../llm/cassette.ts";
import { invalidArgument } from "../model/error.ts";
import type { ProgramHost } from "../model/served.ts";
import { importUnseen } from "../model/unseen.ts";
import type { Driver } from "../store/driver.ts";
import type { CloudOptions } from "./cloud_options.ts";

/** Something that a worker did, for people to follow. */
export type WorkEvent = WorkerNote;

/**
 * The typed client of the whole contract, the same over every backend.
 *
 * @internal
 */
export type BackendClient = Client<typeof BackendService>;

/** Name of the database within the home folder. */
export const DATABASE_NAME = "stigmer.db";

/** How a backend is opened. */
export interface OpenBackendOptions {
  /** The folder that holds everything; default `STIGMER_HOME`, else `~/.stigmer`. */
  readonly home?: string;
  /** Path of the database file, when it is not in the home folder. */
  readonly databasePath?: string;
  /**
   * What SQLite the database is opened with: the one inside Deno (`node`, the
   * default), or a library of the system that is called by FFI (`ffi`).
   */
  readonly driver?: "node" | "ffi";
  /** Path of the library for `ffi`; default where the system has it. */
  readonly library?: string;
  /**
   * Which executions run in this process: `own` (the default) those that are
   * created or resumed through this client, `none` leaves them to a worker.
   */
  readonly execute?: "none" | "own";
  /**
   * The server to use in place of a home folder of this machine. With it,
   * `home`, `databasePath`, `driver` and `execute` have no meaning.
   */
  readonly cloud?: CloudOptions;
  /**
   * What stands between the runs of this process and their models, as what
   * records a cassette. A backend that runs nothing in this process cannot
   * take one.
   *
   * @internal
   */
  readonly tape?: ModelTape;
  /**
   * The machine; default the real one.
   *
   * @internal
   */
  readonly host?: Host;
}

/** How a worker runs. */
export interface WorkOptions {
  /**
   * Whether it takes only executions of the programs of this process, and what
   * those start.
   *
   * @internal
   */
  readonly onlyServed?: boolean;
  /** Ends when nothing is runnable, due within a second or owned by a live process. */
  readonly untilIdle?: boolean;
  /** Ends the worker gracefully. */
  readonly signal: AbortSignal;
  /** Called for each thing worth telling: an execution taken, parked, ended. */
  readonly onEvent?: (event: WorkEvent) => void;
}

/** What a worker did. */
export interface WorkSummary {
  /** Executions that reached a terminal phase here. */
  readonly ended: number;
}

/** An open backend. */
export interface Backend extends AsyncDisposable {
  /** Whether it answers in this process or over HTTPS. */
  readonly type: "local" | "cloud";
  /** Path of the database, or the endpoint. */
  readonly location: string;
  /** The client of the whole contract. */
  readonly client: BackendClient;
  /**
   * What runs workflows that are functions of this process; absent where the
   * database is not on this machine.
   *
   * @internal
   */
  readonly programs?: () => Promise<ProgramHost>;
  /** Runs whatever is pending or orphaned, until it is stopped. */
  work(options: WorkOptions): Promise<WorkSummary>;
  /** Hands back what still runs here and closes; a second call is fine. */
  close(): Promise<void>;
}

/**
 * Opens the backend of a home folder, and makes it when it is not there; or,
 * with `cloud`, that of a server, to which nothing is sent before the first
 * call.
 *
 * @example
 * ```ts
 * import { openBackend } from "@stigmer/cli";
 *
 * const home = await Deno.makeTempDir();
 * await using backend = await openBackend({ home });
 * const info = await backend.client.getBackendInfo({});
 * console.log(info.type);
 * ```
 *
 * @example A server
 * ```ts
 * import { openBackend } from "@stigmer/cli";
 *
 * await using backend = await openBackend({
 *   cloud: { endpoint: "https://stigmer.example.com", token: "stg_…" },
 * });
 * console.log(backend.location);
 * ```
 *
 * @param options Where it is and what it runs.
 * @returns The open backend; `await using` closes it.
 * @throws {StigmerError} When the database cannot be opened, with its path;
 * INVALID_ARGUMENT when the endpoint is none.
 */
export async function openBackend(
  options: OpenBackendOptions = {},
): Promise<Backend> {
  const host = options.host ?? systemHost();
  if (options.cloud !== undefined) return await openCloud(host, options);
  const home = options.home ?? defaultHome(host);
  const driver = await driverOf(host, options);
  const { openLocalBackend } = await importUnseen<typeof import("./local.ts")>(
    "./local.ts",
    import.meta.url,
  );
  return openLocalBackend({
    host,
    databasePath: options.databasePath ??
      joinPath(host.platform.os, home, DATABASE_NAME),
    execute: options.execute ?? "own",
    ...(driver === undefined ? {} : { driver }),
    ...(options.tape === undefined ? {} : { tape: options.tape }),
  });
}

/** The driver that is asked for; `undefined` where none is. */
export async function driverOf(
  host: Host,
  { driver: name, library }: Pick<OpenBackendOptions, "driver" | "library">,
): Promise<Driver | undefined> {
  if (name === undefined && library === undefined) return undefined;
  const { chooseDriver } = await importUnseen<
    typeof import("../store/drivers.ts")
  >("../store/drivers.ts", import.meta.url);
  return await chooseDriver(host, {
    ...(name === undefined ? {} : { name }),
    ...(library === undefined ? {} : { library }),
  });
}

async function openCloud(
  host: Host,
  { cloud, tape }: OpenBackendOptions,
): Promise<Backend> {
  if (cloud === undefined || tape !== undefined) {
    throw invalidArgument(
      "Cannot record or replay a cassette on a server: executions run there",
      { hints: ["Use the local backend: --backend local"] },
    );
  }
  const { openCloudBackend } = await importUnseen<typeof import("./cloud.ts")>(
    "./cloud.ts",
    import.meta.url,
  );
  return openCloudBackend({ host, ...cloud });
}

/**
 * Says which home folder is used when none is given.
 *
 * @throws {StigmerError} When neither STIGMER_HOME nor a user's folder is set.
 */
export function defaultHome(host: Host): string {
  const given = host.env.get("STIGMER_HOME");
  if (given !== undefined && given !== "") return given;
  const user = host.platform.homeDirectory;
  if (user !== undefined) return joinPath(host.platform.os, user, ".stigmer");
  const variable = host.platform.os === "windows" ? "USERPROFILE" : "HOME";
  throw invalidArgument(
    `Cannot find a home folder: neither STIGMER_HOME nor ${variable} is set`,
    { hints: ["Give one with --home, or set STIGMER_HOME"] },
  );
}
