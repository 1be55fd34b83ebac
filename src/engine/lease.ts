/**
 * The life of a worker as other processes see it: its row, its lease, its
 * lock file.
 *
 * The kernel frees a lock when its process dies, however it dies. So a dead
 * worker is known at once, and the lease counts only where the lock does not
 * tell: on another machine, or for a process that hangs.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { newId } from "../model/id.ts";
import type { RunStore, WorkerRecord } from "../model/run.ts";
import { isBusy } from "./group_commit.ts";

/** How long a worker counts as alive without a sign. */
const LEASE_MS = 15_000;
/** How often it gives one. */
const HEARTBEAT_MS = 5000;
/** When a heartbeat that found the database locked is tried again. */
const HEARTBEAT_RETRY_MS = 250;
/** When one that could not be written, as on a full disk, is tried again. */
const HEARTBEAT_TROUBLE_MS = 1000;

/** This process's place among the workers. */
export interface Lease {
  readonly number: number;
  /** Removes dead workers and frees their runs; gives how many runs. */
  sweep(): number;
  /** Leaves; the runs it still owns can be claimed at once. */
  end(): Promise<void>;
}

/** What a lease is made of. */
export interface LeaseOptions {
  readonly host: Host;
  readonly store: RunStore;
  readonly lockDirectory: string;
  /** Called once when others took this worker for dead. */
  readonly onLost: () => void;
  /** Called when a sign of life could not be given; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Enters this process among the workers. */
export function takeLease(options: LeaseOptions): Lease {
  const { host, store, lockDirectory } = options;
  host.files.makeDirectory(lockDirectory, { mode: 0o700 });
  const id = newId("wrk", {
    now: () => host.clock.now(),
    bytes: (length) => host.random.bytes(length),
  });
  const path = lockPath(lockDirectory, id);
  // The lock comes first: a row without one would be taken for a dead worker.
  const lock = host.files.lock(path);
  const number = store.addWorker({
    id,
    pid: host.platform.pid,
    hostname: host.platform.hostname,
    startedAtMs: host.clock.now(),
    leaseUntilMs: host.clock.now() + LEASE_MS,
  });
  const stop = beat(options, number);
  return {
    number,
    sweep: () => sweep(options, number),
    async end() {
      stop();
      try {
        store.removeWorker(number, host.clock.now());
      } finally {
        // Without the lock others see that it is gone, whatever the row says.
        lock?.release();
        await host.files.remove(path);
      }
    },
  };
}

/** Renews the lease until the returned function is called. */
function beat(options: LeaseOptions, number: number): () => void {
  const { host, store } = options;
  let stop: () => void;
  const next = (delayMs: number): void => {
    stop = host.clock.timer(delayMs, () => {
      try {
        if (store.renewLease(number, host.clock.now() + LEASE_MS)) {
          next(HEARTBEAT_MS);
        } else options.onLost();
      } catch (error) {
        if (!isBusy(error)) options.onTrouble(error);
        next(isBusy(error) ? HEARTBEAT_RETRY_MS : HEARTBEAT_TROUBLE_MS);
      }
    });
  };
  next(HEARTBEAT_MS);
  return () => stop();
}

function sweep(options: LeaseOptions, own: number): number {
  const { host, store } = options;
  let freed = 0;
  for (const worker of store.workers()) {
    if (worker.number === own || isAlive(options, worker)) continue;
    freed += store.removeWorker(worker.number, host.clock.now());
    void host.files.remove(lockPath(options.lockDirectory, worker.id))
      .catch(() => undefined);
  }
  return freed;
}

/** Says whether a worker lives: its lease holds, and its lock is taken. */
export function isAlive(
  options: Pick<LeaseOptions, "host" | "lockDirectory">,
  worker: WorkerRecord,
): boolean {
  const { host, lockDirectory } = options;
  if (worker.leaseUntilMs <= host.clock.now()) return false;
  // A lock says nothing about a process of another machine.
  if (worker.hostname !== host.platform.hostname) return true;
  const path = lockPath(lockDirectory, worker.id);
  // It has its lock before its row; a row without one came with a backup.
  if (host.files.stat(path) === undefined) return false;
  const lock = host.files.lock(path);
  lock?.release();
  return lock === undefined;
}

function lockPath(lockDirectory: string, workerId: string): string {
  return `${lockDirectory}/${workerId}.lock`;
}
