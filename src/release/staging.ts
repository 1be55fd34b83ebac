/**
 * The folder beside an executable in which its successor is made ready, for
 * one process at a time.
 *
 * Beside it, because only within one file system is a file put over another in
 * one step. Whatever a process that was killed left there, the next one clears
 * away.
 *
 * @module
 */

import type { FileLock, Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";

/** A folder to make something ready in; removed with all in it at the end. */
export interface Staging extends AsyncDisposable {
  /** Gives the path of a file in it. */
  path(name: string): string;
}

type StagingHost = Pick<Host, "files" | "platform">;

/** How often a lock is tried whose file was just removed. */
const LOCK_TRIES_MAX = 10;

/**
 * Opens the folder beside an executable.
 *
 * @throws {StigmerError} PERMISSION_DENIED when nothing may be written there,
 * ABORTED when another process is at it.
 */
export async function openStaging(
  host: StagingHost,
  executable: string,
): Promise<Staging> {
  const name = nameOf(executable);
  const folder = beside(executable, `.${name}.upgrade`);
  const lockPath = `${folder}.lock`;
  const lock = takeLock(host, lockPath, executable);
  try {
    await host.files.remove(folder);
    await removeOld(host, executable);
    host.files.makeDirectory(folder, { mode: 0o700 });
  } catch (error) {
    await host.files.remove(lockPath).catch(() => {});
    lock.release();
    throw error;
  }
  return {
    path: (file) => `${folder}${separatorOf(executable)}${file}`,
    async [Symbol.asyncDispose]() {
      // What cannot be removed now is cleared away by the next one.
      await host.files.remove(folder).catch(() => {});
      // While it is held: who waits for it sees that it is another file.
      await host.files.remove(lockPath).catch(() => {});
      lock.release();
    },
  };
}

/** The path of something in the folder of a file. */
export function beside(path: string, name: string): string {
  return path.slice(0, path.length - nameOf(path).length) + name;
}

/** What stands before the last part of a path; a folder of Windows has its own. */
function separatorOf(path: string): string {
  return path.at(-nameOf(path).length - 1) ?? "/";
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** Bytes of chance in the name of what was moved aside. */
const ASIDE_MARK_BYTES = 6;
const ASIDE_REGEXP = /^[0-9a-f]{12}\.old$/;

/**
 * Names a file that is to be moved aside, as on Windows alone:
 * `stigmer.exe.0f3a51c2b7d4.old`.
 */
export function asideName(
  executable: string,
  { random }: Pick<Host, "random">,
): string {
  const mark = random.bytes(ASIDE_MARK_BYTES).toHex();
  return `${nameOf(executable)}.${mark}.old`;
}

/** Removes what was moved aside, except for what still runs. */
async function removeOld(
  { files, platform }: StagingHost,
  executable: string,
): Promise<void> {
  if (platform.os !== "windows") return;
  const start = `${nameOf(executable)}.`;
  for (const { name, kind } of await files.entries(beside(executable, ""))) {
    if (kind !== "file" || !name.startsWith(start)) continue;
    if (!ASIDE_REGEXP.test(name.slice(start.length))) continue;
    await files.remove(beside(executable, name)).catch(() => {});
  }
}

function takeLock(
  { files }: StagingHost,
  path: string,
  executable: string,
): FileLock {
  for (let i = 0; i < LOCK_TRIES_MAX; i++) {
    try {
      files.createNew(path, { mode: 0o600 });
      const before = files.stat(path)?.fileId;
      const lock = files.lock(path);
      if (lock === undefined) break;
      // Its last holder removes it: what is locked must be what stands there.
      if (files.stat(path)?.fileId === before) return lock;
      lock.release();
    } catch (error) {
      throw notWritable(error, executable);
    }
  }
  throw new StigmerError(
    "ABORTED",
    `Cannot replace "${executable}": another process is replacing it`,
    { hints: ["Wait until it has ended"] },
  );
}

/** Says who could write there, when we may not. */
function notWritable(thrown: unknown, executable: string): unknown {
  const isRefused = thrown instanceof Error &&
    (thrown.name === "PermissionDenied" ||
      /read-only file system/i.test(thrown.message));
  if (!isRefused) return thrown;
  const folder = beside(executable, "").replace(/[\\/]$/, "");
  return new StigmerError(
    "PERMISSION_DENIED",
    `Cannot replace "${executable}": nothing may be written in "${folder}"`,
    {
      hints: [
        "Run it as who owns the folder, as with: sudo stigmer upgrade",
        "If a package manager put it there, let that one replace it",
      ],
      cause: thrown,
    },
  );
}
