/**
 * Puts a backup in the place of a database: checked and migrated beside it
 * first, then in one step, so that whoever is killed in the middle leaves the
 * old one or the new one.
 *
 * @module
 */

import type { FileInfo, FileLock, Host } from "../host/host.ts";
import { isAlive } from "../engine/lease.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import { checkCopy, notStigmers } from "../store/backup.ts";
import { fileError } from "../store/file_error.ts";
import type { Database, Driver } from "../store/driver.ts";
import { holdFile, standardDriver } from "../store/drivers.ts";
import { openStore } from "../store/open.ts";
import {
  HEAD_BYTES,
  isStigmerHead,
  lookAtReplaced,
  newestSchema,
  type Replaced,
  settleDatabase,
} from "../store/restore.ts";
import { beside, folderOf } from "./beside.ts";
import { driverOf, type OpenBackendOptions } from "./open.ts";

/** What is restored, and where to. */
export interface RestoreOptions
  extends Pick<OpenBackendOptions, "driver" | "library"> {
  readonly host: Host;
  readonly databasePath: string;
  /** The backup. */
  readonly file: string;
  /** Whether a database that holds something may be replaced. */
  readonly force: boolean;
  /** Whether no copy of it is kept. */
  readonly discard: boolean;
  readonly signal: AbortSignal;
}

/** What was restored. */
export interface Restored {
  /** The schema of the backup. */
  readonly fromSchemaVersion: number;
  /** The schema it has now. */
  readonly schemaVersion: number;
  /** Where the database is that was replaced; absent when none is kept. */
  readonly keptPath?: string;
}

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** Databases that were replaced and are kept beside it at the most. */
const KEPT_MAX = 1000;
const WORKER_LOCK_REGEXP = /^(wrk-\w+)\.lock$/;

/**
 * Restores a database.
 *
 * @throws {StigmerError} NOT_FOUND for a backup that is not there;
 * FAILED_PRECONDITION when it is none, is of a newer release, or when the
 * database is in use or holds something; DATA_LOSS when it is damaged.
 */
export async function restoreDatabase(
  options: RestoreOptions,
): Promise<Restored> {
  await requireBackup(options.host, options.file);
  const driver = await driverOf(options.host, options) ?? standardDriver();
  using _ = holdFile(options.host, options.databasePath, driver);
  const lock = takeLock(options);
  try {
    return await restoreLocked({ ...options, by: driver });
  } finally {
    lock.release();
  }
}

/** A restore whose driver is ready. */
interface Restore extends RestoreOptions {
  readonly by: Driver;
}

/** One at a time: each would take the other's half copy for its own. */
function takeLock({ host, databasePath }: RestoreOptions): FileLock {
  const folder = beside(databasePath, "workers");
  host.files.makeDirectory(folder, { mode: DIRECTORY_MODE });
  const lock = host.files.lock(`${folder}/restore.lock`);
  if (lock !== undefined) return lock;
  throw failedPrecondition(
    `Cannot restore over "${databasePath}": another restore is under way`,
    { hints: ["Wait for its end"] },
  );
}

async function restoreLocked(options: Restore): Promise<Restored> {
  const { host, databasePath } = options;
  const replaced = statOf(host, databasePath);
  if (replaced !== undefined) {
    await refuseInUse(options);
    refuseFull(options);
  }
  const path = `${databasePath}.restoring`;
  await removeLeft(host, databasePath);
  try {
    const versions = await prepare(options, path);
    if (replaced === undefined) {
      await host.files.rename(path, databasePath);
      return versions;
    }
    const keptPath = await setAside(options);
    await host.files.rename(path, databasePath);
    return { ...versions, ...(keptPath === undefined ? {} : { keptPath }) };
  } finally {
    await removeLeft(host, databasePath);
  }
}

async function requireBackup(host: Host, file: string): Promise<void> {
  const info = statOf(host, file);
  if (info === undefined) {
    throw new StigmerError("NOT_FOUND", `Cannot find backup "${file}"`);
  }
  if (info.kind !== "file") throw notStigmers(file);
  const head = await host.files.readHead(file, HEAD_BYTES);
  if (!isStigmerHead(head)) throw notStigmers(file);
}

/** Copies the backup beside the database, checks and migrates the copy. */
async function prepare(
  { host, file, signal, by }: Restore,
  path: string,
): Promise<Restored> {
  const { files, clock } = host;
  // A copy that was made by hand has what is newest in a log beside it.
  for (const end of ["", "-wal"]) {
    if (files.stat(`${file}${end}`) === undefined) continue;
    await files.writeChunks(`${path}${end}`, files.readChunks(file + end), {
      mode: FILE_MODE,
      replace: true,
    });
  }
  using copy = by.open(path);
  const fromSchemaVersion = await schemaOf(copy, { clock, signal, name: file });
  copy.close();
  signal.throwIfAborted();
  const store = openStore(path, { host, driver: by });
  store.close();
  settleDatabase(path, { driver: by });
  return { fromSchemaVersion, schemaVersion: store.schemaVersion };
}

async function schemaOf(
  copy: Database,
  options: Parameters<typeof checkCopy>[1],
): Promise<number> {
  const { schemaVersion } = await checkCopy(copy, options);
  const known = newestSchema();
  if (schemaVersion <= known) return schemaVersion;
  throw failedPrecondition(
    `Cannot restore "${options.name}": it has schema version ` +
      `${schemaVersion}, and this release of Stigmer knows ${known} at the most`,
    { hints: ["Install the newer release that wrote it; nothing was changed"] },
  );
}

/**
 * Makes the database that is replaced one file and gives that a second name,
 * under which it stays.
 */
async function setAside(
  { host, databasePath, discard, by }: Restore,
): Promise<string | undefined> {
  const { files } = host;
  try {
    settleDatabase(databasePath, { driver: by });
  } catch (error) {
    if (error instanceof StigmerError && error.code === "UNAVAILABLE") {
      throw inUse(databasePath, "another process");
    }
    // One that is damaged stays as it is, with its log.
  }
  const keptPath = discard ? undefined : freeName(host, databasePath);
  if (keptPath !== undefined) await files.link(databasePath, keptPath);
  // The log of one database is never that of another.
  if (files.stat(`${databasePath}-wal`) !== undefined) {
    if (keptPath === undefined) await files.remove(`${databasePath}-wal`);
    else await files.rename(`${databasePath}-wal`, `${keptPath}-wal`);
  }
  await files.remove(`${databasePath}-shm`);
  await files.remove(`${databasePath}-journal`);
  return keptPath;
}

function freeName(host: Host, databasePath: string): string {
  for (let i = 1; i <= KEPT_MAX; i++) {
    const path = `${databasePath}.before-restore-${i}`;
    if (host.files.stat(path) === undefined) return path;
  }
  throw failedPrecondition(
    `Cannot keep the database that is replaced: there are ${KEPT_MAX} already`,
    { hints: ["Remove some, or give --discard"] },
  );
}

/** Refuses while a worker or a server has the database. */
async function refuseInUse(
  { host, databasePath, by }: Restore,
): Promise<void> {
  const lockDirectory = beside(databasePath, "workers");
  const workers = look({ host, databasePath, by })?.workers ?? [];
  const alive = workers.find((it) => isAlive({ host, lockDirectory }, it));
  if (alive !== undefined) {
    const where = alive.hostname === host.platform.hostname
      ? ""
      : ` on ${alive.hostname}`;
    throw inUse(databasePath, `process ${alive.pid}${where}`);
  }
  if (host.files.stat(lockDirectory) === undefined) return;
  // The table may not be readable any more, which is why one restores.
  for (const name of await host.files.list(lockDirectory)) {
    if (!WORKER_LOCK_REGEXP.test(name)) continue;
    const lock = host.files.lock(`${lockDirectory}/${name}`);
    if (lock === undefined) {
      throw inUse(databasePath, `the worker of "${lockDirectory}/${name}"`);
    }
    lock.release();
  }
}

function inUse(databasePath: string, who: string): StigmerError {
  return failedPrecondition(
    `Cannot restore over "${databasePath}": ${who} has it open`,
    { hints: ["Stop every server, worker and command that uses it first"] },
  );
}

function look(
  { host, databasePath, by }: Pick<Restore, "host" | "databasePath" | "by">,
): Replaced | undefined {
  const hasLog = host.files.stat(`${databasePath}-wal`) !== undefined;
  return lookAtReplaced(databasePath, { hasLog, driver: by });
}

function refuseFull({ force, databasePath, ...of }: Restore): void {
  if (force) return;
  const found = look({ ...of, databasePath });
  if (found?.holdsSomething === false) return;
  const what = found === undefined
    ? "it cannot be read"
    : "there is something in it";
  throw failedPrecondition(
    `Cannot restore over "${databasePath}" unasked: ${what}`,
    { hints: ["Replace it with --force; a copy of it is kept beside it"] },
  );
}

/** Removes what a restore left that was killed. */
async function removeLeft(host: Host, databasePath: string): Promise<void> {
  const folder = folderOf(databasePath);
  if (host.files.stat(folder) === undefined) return;
  const start = `${
    databasePath.slice(beside(databasePath, "").length)
  }.restoring`;
  for (const name of await host.files.list(folder)) {
    if (name.startsWith(start)) {
      await host.files.remove(beside(databasePath, name));
    }
  }
}

function statOf(host: Host, path: string): FileInfo | undefined {
  try {
    return host.files.stat(path);
  } catch (error) {
    throw fileError(path, error);
  }
}
