/**
 * BackUpDatabase: a copy of the whole database, as it was at one moment.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackUpDatabaseResponseSchema } from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import type { FileLock, Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import { copyDatabase } from "../store/backup.ts";
import { fileError } from "../store/file_error.ts";
import { noteAudit } from "./audit_events.ts";
import { beside, folderOf } from "./beside.ts";
import type { ServiceDeps } from "./deps.ts";

/** The RPCs of backups. */
export type BackupService = Pick<
  ServiceImpl<typeof BackendService>,
  "backUpDatabase"
>;

/** A part of the answer. */
type Part = MessageInitShape<typeof BackUpDatabaseResponseSchema>;

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** What SQLite may leave beside a file. */
const SIDE_FILES = ["", "-wal", "-shm", "-journal"] as const;

/** Makes the RPCs of backups. */
export function backupService(deps: ServiceDeps): BackupService {
  return {
    async *backUpDatabase(_, context) {
      noteAudit(deps, context, { action: "backup", subject: "" });
      yield* backUp(deps, context.signal);
    },
  };
}

async function* backUp(
  deps: ServiceDeps,
  signal: AbortSignal,
): AsyncGenerator<Part, void, void> {
  const { host, store } = deps;
  const { clock } = host;
  const path = copyPath(store.path);
  const lock = takeLock(deps);
  const chunks = host.files.readChunks(path)[Symbol.asyncIterator]();
  const ended = once(async () => {
    await chunks.return?.();
    await removeCopy(host, path);
    lock.release();
  });
  // Who leaves in the middle asks for no further part.
  const leave = (): void => void ended().catch(() => {});
  try {
    await removeCopy(host, path);
    await requireRoom(deps);
    createCopy(host, path);
    const facts = await copyDatabase(store.database, path, { clock, signal });
    signal.throwIfAborted();
    signal.addEventListener("abort", leave);
    const sizeBytes = BigInt(host.files.stat(path)?.sizeBytes ?? 0);
    yield* partsOf({ next: () => chunks.next() }, { ...facts, sizeBytes });
  } catch (error) {
    // The file was closed under the part that was being read for who left.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
    await ended();
  }
}

/** The parts of an answer: what it is first, its checksum last. */
async function* partsOf(
  chunks: AsyncIterator<Uint8Array<ArrayBuffer>, unknown, void>,
  first: Part,
): AsyncGenerator<Part, void, void> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  let part = first;
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) break;
    hash.update(next.value);
    yield { ...part, chunk: next.value };
    part = {};
  }
  yield { ...part, checksum: hash.digest("hex") };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => done ??= work();
}

/**
 * Removes what a backup left behind whose process was killed. Where one is
 * under way, nothing is done.
 */
export async function removeStaleCopy(
  deps: Pick<ServiceDeps, "host" | "store">,
): Promise<void> {
  const { host, store } = deps;
  const path = copyPath(store.path);
  if (host.files.stat(path) === undefined) return;
  const lock = host.files.lock(lockPath(host, store.path));
  if (lock === undefined) return;
  try {
    await removeCopy(host, path);
  } finally {
    lock.release();
  }
}

async function removeCopy(host: Host, path: string): Promise<void> {
  for (const end of SIDE_FILES) await host.files.remove(`${path}${end}`);
}

/** Makes the file before SQLite does, which would let others read it. */
function createCopy(host: Host, path: string): void {
  try {
    host.files.createNew(path, { mode: FILE_MODE });
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Refuses to fill the disk that the database is on. */
async function requireRoom({ host, store }: ServiceDeps): Promise<void> {
  const free = await host.files.freeBytes(folderOf(store.path));
  const needed = store.sizeBytes();
  if (free === undefined || free > needed) return;
  throw new StigmerError(
    "RESOURCE_EXHAUSTED",
    `Cannot copy the database: its disk has ${free} bytes left, and the copy ` +
      `takes ${needed} for a while`,
    { hints: ["Make room there, as with: stigmer gc"] },
  );
}

/** One copy at a time: each takes as much room as the database. */
function takeLock({ host, store }: ServiceDeps): FileLock {
  const lock = host.files.lock(lockPath(host, store.path));
  if (lock !== undefined) return lock;
  throw new StigmerError(
    "UNAVAILABLE",
    "Cannot copy the database: another backup of it is under way",
    { hints: ["Try again when that has ended"] },
  );
}

function lockPath(host: Host, databasePath: string): string {
  const folder = beside(databasePath, "workers");
  host.files.makeDirectory(folder, { mode: DIRECTORY_MODE });
  return `${folder}/backup.lock`;
}

function copyPath(databasePath: string): string {
  return `${databasePath}.backup.tmp`;
}
