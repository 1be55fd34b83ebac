/**
 * The runner of one process: claims runs, drives their machines, carries out
 * their effects, and hands back what it does not finish.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Activity } from "../model/durable.ts";
import {
  failedPrecondition,
  messageOf,
  notFound,
  StigmerError,
} from "../model/error.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import type {
  ClaimRefusal,
  RunKey,
  RunRequest,
  RunStore,
} from "../model/run.ts";
import {
  type Leaving,
  type LiveRun,
  makeSlots,
  type RunDelta,
  type Workshop,
} from "./_live.ts";
import { newRecord } from "./_child.ts";
import { drop } from "./_outbox.ts";
import { endSpoiled } from "./_leave.ts";
import { deliver, startRun, takeRequest } from "./drive.ts";
import { GroupCommit, isBusy } from "./group_commit.ts";
import { type Lease, takeLease } from "./lease.ts";
import { loadRun } from "./load.ts";
import type { LoadProgram, PrepareChild, WorkerNote } from "./ports.ts";

export type { RunDelta } from "./_live.ts";

/** What a worker is made of. */
export interface WorkerOptions {
  readonly host: Host;
  /** `openRunStore(database)` of the store. */
  readonly store: RunStore;
  /** Folder of the workers' lock files; made when it is not there. */
  readonly lockDirectory: string;
  readonly loadProgram: LoadProgram;
  readonly prepareChild: PrepareChild;
  /** Who carries out effects, by the name of the activity. */
  readonly activities: Readonly<Record<string, Activity>>;
  /** Called when a run left memory: ended, parked or lost. */
  readonly onRelease?: (executionId: ExecutionId) => Promise<void>;
  /** Called for each thing worth telling. */
  readonly onNote?: (note: WorkerNote) => void;
  /** Activities at work at once at the most; default 256. */
  readonly concurrency?: number;
}

/** How long and what a worker serves. */
export interface ServeOptions {
  /**
   * Whether to end when nothing is runnable, due within a second or owned by
   * a live process.
   */
  readonly untilIdle?: boolean;
  /** Ends it; what runs goes on until the worker is closed. */
  readonly signal: AbortSignal;
}

/** The runner of one process. */
export interface Worker extends AsyncDisposable {
  /** Number of this worker in the store. */
  readonly number: number;
  /**
   * Stores an execution owned by this worker and runs it, also after it was
   * parked; resolves once it is stored.
   */
  create(execution: NewExecution): Promise<void>;
  /**
   * Claims one run and runs it, also after it was parked. The children it
   * starts are run here too.
   *
   * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended,
   * is paused, or a live worker owns it.
   */
  own(executionId: ExecutionId): Promise<void>;
  /** Claims whatever is pending, due or orphaned. */
  serve(options: ServeOptions): Promise<void>;
  /** Calls back for live output of a run; returns what ends that. */
  watchDeltas(
    executionId: string,
    listener: (delta: RunDelta) => void,
  ): () => void;
  /**
   * Stops taking, aborts what runs and hands it back, so that another worker
   * can take it at once.
   */
  close(): Promise<void>;
}

const CONCURRENCY_DEFAULT = 256;
/** Runs in memory at the most; more are claimed as these leave. */
const LIVE_RUNS_MAX = 20_000;
/** Runs claimed in one transaction at the most. */
const CLAIM_BATCH_MAX = 500;
/** How often other processes are looked at while there is work. */
const POLL_MS = 25;
/** How often they are looked at without any. */
const POLL_IDLE_MS = 250;
/** How often dead workers are looked for. */
const SWEEP_MS = 1000;
/** When a run that could not be written or read is tried again. */
const STUCK_DELAY_MS = 2000;
/** When a lost lease that could not be taken anew is tried again. */
const LEASE_RETRY_MS = 1000;
/** How soon the same trouble is told again. */
const TROUBLE_REPEAT_MS = 30_000;
/** How near a due run still counts as work for `untilIdle`. */
const IDLE_HORIZON_MS = 1000;
/** How long aborted effects may take when the worker closes. */
const CLOSE_GRACE_MS = 2000;

/** Starts the runner of this process. */
export function startWorker(options: WorkerOptions): Worker {
  return new LocalWorker(options);
}

class LocalWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #host: Host;
  readonly #store: RunStore;
  readonly #commit: GroupCommit;
  readonly #shop: Workshop;
  readonly #live: Map<ExecutionId, LiveRun> = new Map();
  readonly #loading: Set<ExecutionId> = new Set();
  /** Runs that this process is to finish, in memory or parked. */
  readonly #mine: Set<ExecutionId> = new Set();
  readonly #listeners: Map<string, Set<(delta: RunDelta) => void>> = new Map();
  /** Runs that could not be written, to be given back once that works. */
  readonly #stuck: Set<RunKey> = new Set();
  readonly #releases: Set<Promise<void>> = new Set();
  readonly #idleWaiters: Set<() => void> = new Set();
  readonly #unsubscribe: () => void;
  #lease: Lease;
  /** Whether the lease is known to be gone, and no other was to be had yet. */
  #leaseGone = false;
  #stopLeaseRetry: (() => void) | undefined;
  #serving = 0;
  #closed = false;
  #version = "";
  #nextDueAtMs: number | undefined;
  #lastSweepMs = -Infinity;
  #stopPoll: (() => void) | undefined;
  #trouble = { detail: "", toldAtMs: -Infinity };
  #kicked = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#store = options.store;
    this.#commit = new GroupCommit(options.store, options.host);
    this.#lease = this.#takeLease();
    this.#shop = {
      host: options.host,
      store: options.store,
      commit: this.#commit,
      activities: options.activities,
      loadProgram: options.loadProgram,
      prepareChild: options.prepareChild,
      slots: makeSlots(options.concurrency ?? CONCURRENCY_DEFAULT),
      closing: () => this.#closed,
      owner: () => this.#lease.number,
      deliver,
      holds: (executionId) => this.#holds(executionId),
      spoil: endSpoiled,
      left: (run, leaving) => this.#left(run, leaving),
      adopt: (key, child) => {
        this.#mine.add(key.executionId);
        void this.#load(key, child);
      },
      emit: (run, delta) => this.#emit(run, delta),
      note: (note) => this.#note(note),
    };
    this.#unsubscribe = options.store.subscribe(() => this.#kick());
  }

  get number(): number {
    return this.#lease.number;
  }

  create(execution: NewExecution): Promise<void> {
    this.#refuseClosed();
    const nowMs = this.#host.clock.now();
    return new Promise((resolve, reject) => {
      let key: RunKey | undefined;
      this.#commit.add({
        write: () => {
          const owner = this.#lease.number;
          key = this.#store.insert(execution, { nowMs, owner });
          return true;
        },
        settled: () => {
          resolve();
          if (key === undefined || this.#closed) return;
          this.#mine.add(execution.id);
          void this.#load(key, newRecord(execution, nowMs));
        },
        failed: reject,
      });
    });
  }

  async own(executionId: ExecutionId): Promise<void> {
    this.#refuseClosed();
    this.#mine.add(executionId);
    if (this.#holds(executionId)) return;
    let claimed = this.#claim(executionId);
    if (claimed === "owned") {
      this.#lease.sweep();
      claimed = this.#claim(executionId);
    }
    if (typeof claimed !== "string") {
      await this.#load(claimed);
      return;
    }
    this.#mine.delete(executionId);
    throw refusal(executionId, claimed);
  }

  #claim(executionId: ExecutionId): RunKey | ClaimRefusal {
    return this.#store.claim(executionId, { owner: this.#lease.number });
  }

  #holds(executionId: ExecutionId): boolean {
    return this.#live.has(executionId) || this.#loading.has(executionId);
  }

  async serve({ untilIdle = false, signal }: ServeOptions): Promise<void> {
    this.#refuseClosed();
    if (signal.aborted) return;
    this.#serving++;
    this.#version = "";
    this.#kick();
    try {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (signal.aborted || this.#closed) end();
          else if (untilIdle && this.#isIdle()) end();
        };
        const end = (): void => {
          signal.removeEventListener("abort", look);
          this.#idleWaiters.delete(look);
          resolve();
        };
        signal.addEventListener("abort", look, { once: true });
        this.#idleWaiters.add(look);
      });
    } finally {
      this.#serving--;
    }
  }

  watchDeltas(
    executionId: string,
    listener: (delta: RunDelta) => void,
  ): () => void {
    const known = this.#listeners.get(executionId) ?? new Set();
    this.#listeners.set(executionId, known);
    known.add(listener);
    return () => {
      known.delete(listener);
      if (known.size === 0) this.#listeners.delete(executionId);
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#stopPoll?.();
    this.#stopLeaseRetry?.();
    this.#commit.flush();
    const flights = [...this.#live.values()].flatMap((
      run,
    ) => [...run.inFlight.values()]);
    for (const run of [...this.#live.values()]) drop(run, { kind: "lost" });
    await this.#grace(flights.map((it) => it.ended));
    this.#commit.close();
    await this.#grace([...this.#releases]);
    try {
      await this.#lease.end();
    } catch (error) {
      // Its lock is free: others take what it had without being told.
      this.#tellTrouble(error);
    }
    for (const look of [...this.#idleWaiters]) look();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Waits for work to end, but not forever. */
  async #grace(work: readonly Promise<void>[]): Promise<void> {
    if (work.length === 0) return;
    await new Promise<void>((resolve) => {
      const stop = this.#host.clock.timer(CLOSE_GRACE_MS, resolve);
      void Promise.allSettled(work).then(() => {
        stop();
        resolve();
      });
    });
  }

  #takeLease(): Lease {
    return takeLease({
      host: this.#options.host,
      store: this.#options.store,
      lockDirectory: this.#options.lockDirectory,
      onLost: () => this.#leaseLost(),
      onTrouble: (error) => this.#tellTrouble(error),
    });
  }

  /** Others took this process for dead: what it has is theirs now. */
  #leaseLost(): void {
    if (this.#closed) return;
    this.#note({ kind: "trouble", detail: "The lease ran out" });
    this.#leaseGone = true;
    for (const run of [...this.#live.values()]) drop(run, { kind: "lost" });
    this.#stuck.clear();
    void this.#lease.end().catch(() => undefined);
    this.#renewLease();
  }

  /** Enters this process anew, with a number of its own. */
  #renewLease(): void {
    try {
      this.#lease = this.#takeLease();
    } catch (error) {
      if (!isBusy(error)) this.#tellTrouble(error);
      this.#stopLeaseRetry = this.#host.clock.timer(
        LEASE_RETRY_MS,
        () => this.#renewLease(),
      );
      return;
    }
    this.#leaseGone = false;
    this.#version = "";
    this.#kick();
  }

  /** Looks at once rather than at the next poll. */
  #kick(): void {
    if (this.#kicked || this.#closed) return;
    this.#kicked = true;
    setImmediate(() => {
      this.#kicked = false;
      this.#poll();
    });
  }

  #poll(): void {
    if (this.#closed) return;
    this.#stopPoll?.();
    this.#stopPoll = undefined;
    try {
      this.#look();
      for (const look of [...this.#idleWaiters]) look();
    } catch (error) {
      if (!isBusy(error)) this.#tellTrouble(error);
      this.#version = "";
    }
    this.#armPoll();
  }

  #look(): void {
    if (this.#leaseGone) return;
    const nowMs = this.#host.clock.now();
    this.#releaseStuck(nowMs);
    if (this.#serving > 0 && nowMs - this.#lastSweepMs >= SWEEP_MS) {
      this.#lastSweepMs = nowMs;
      this.#lease.sweep();
    }
    const version = this.#store.version();
    const due = this.#nextDueAtMs !== undefined && this.#nextDueAtMs <= nowMs;
    if (version === this.#version && !due) return;
    this.#version = version;
    this.#takeRequests();
    this.#claimDue(nowMs);
    this.#nextDueAtMs = this.#store.nextDueAtMs();
  }

  #takeRequests(): void {
    if (this.#live.size === 0) return;
    const requests = this.#store.openRequests(this.#lease.number);
    for (const request of requests) {
      const run = this.#live.get(request.executionId);
      if (run !== undefined) takeRequest(run, request);
    }
  }

  #requestsOf(key: RunKey): readonly RunRequest[] {
    return this.#store.openRequests(key.owner, key.number);
  }

  /** Gives back what could not be written when it should have been. */
  #releaseStuck(nowMs: number): void {
    if (this.#stuck.size === 0) return;
    try {
      this.#store.transaction(() => {
        for (const key of this.#stuck) {
          this.#store.release(key, nowMs + STUCK_DELAY_MS);
        }
      });
      this.#stuck.clear();
      this.#version = "";
    } catch (error) {
      // What can still be read, as a request to cancel, must not wait for it.
      if (!isBusy(error)) this.#tellTrouble(error);
    }
  }

  #claimDue(nowMs: number): void {
    const next = this.#store.nextDueAtMs();
    if (next === undefined || next > nowMs) return;
    const room = LIVE_RUNS_MAX - this.#live.size - this.#loading.size;
    const limit = Math.min(CLAIM_BATCH_MAX, room);
    if (limit <= 0) return;
    const owner = this.#lease.number;
    const parked = [...this.#mine].filter((it) => !this.#holds(it));
    if (this.#serving === 0 && parked.length === 0) return;
    const keys = this.#store.claimDue({
      owner,
      nowMs,
      limit,
      ...(this.#serving > 0 ? {} : { among: parked }),
    });
    for (const key of keys) void this.#load(key);
    // More may be due than one batch: they are taken in the next turn.
    if (keys.length === limit) this.#kick();
  }

  #armPoll(): void {
    const working = this.#live.size > 0 || this.#loading.size > 0;
    if (!working && this.#serving === 0 && this.#mine.size === 0) return;
    const pollMs = working ? POLL_MS : POLL_IDLE_MS;
    const dueMs = (this.#nextDueAtMs ?? Infinity) - this.#host.clock.now();
    const floorMs = this.#serving > 0 ? 1 : POLL_MS;
    this.#stopPoll = this.#host.clock.timer(
      Math.max(floorMs, Math.min(pollMs, dueMs)),
      () => this.#poll(),
    );
  }

  #isIdle(): boolean {
    if (this.#live.size > 0 || this.#loading.size > 0) return false;
    if (this.#commit.busy) return false;
    const dueAtMs = this.#store.nextDueAtMs();
    const horizonMs = this.#host.clock.now() + IDLE_HORIZON_MS;
    if (dueAtMs !== undefined && dueAtMs <= horizonMs) return false;
    if (this.#store.ownedCount() === 0) return true;
    this.#lease.sweep();
    return false;
  }

  async #load(key: RunKey, known?: ExecutionRecord): Promise<void> {
    const { executionId } = key;
    this.#loading.add(executionId);
    try {
      const run = await loadRun(this.#shop, key, known);
      if (run === undefined || this.#closed) return;
      this.#live.set(executionId, run);
      this.#note({ kind: "taken", executionId, detail: run.execution.name });
      if (run.leaving !== undefined) return;
      startRun(run, known === undefined ? this.#requestsOf(key) : []);
    } catch (error) {
      this.#note({ kind: "trouble", executionId, detail: messageOf(error) });
      if (!this.#live.has(executionId)) this.#stuck.add(key);
    } finally {
      this.#loading.delete(executionId);
      // A request may have come while it was not there to take it.
      if (known !== undefined) this.#version = "";
      if (this.#stopPoll === undefined) this.#kick();
    }
  }

  #left(run: LiveRun, leaving: Leaving): void {
    const { executionId } = run.key;
    if (this.#live.get(executionId) === run) this.#live.delete(executionId);
    if (leaving.kind === "trouble") this.#stuck.add(run.key);
    else if (leaving.kind !== "parked" && leaving.kind !== "lost") {
      this.#mine.delete(executionId);
    }
    if (!this.#closed) {
      const detail = "detail" in leaving
        ? leaving.detail
        : "waitingFor" in leaving
        ? leaving.waitingFor
        : "";
      this.#note({ kind: leaving.kind, executionId, detail });
    }
    if (["parked", "lost", "trouble"].includes(leaving.kind)) {
      this.#reconsiderParent(run);
    }
    const released = this.#options.onRelease?.(executionId);
    if (released !== undefined) {
      const settled = released.catch((error) =>
        this.#note({ kind: "trouble", executionId, detail: messageOf(error) })
      ).finally(() => this.#releases.delete(settled));
      this.#releases.add(settled);
    }
    if (leaving.kind === "parked" || leaving.kind === "lost") {
      this.#version = "";
    }
    if (leaving.kind === "parked" || this.#serving > 0) this.#kick();
  }

  /**
   * A parent stays in memory only as long as one of its children does; it is
   * told of one that ended.
   */
  #reconsiderParent(run: LiveRun): void {
    const parentId = run.execution.parent?.executionId;
    const parent = parentId === undefined
      ? undefined
      : this.#live.get(parentId);
    if (parent !== undefined && !this.#closed) deliver(parent, []);
  }

  #emit(run: LiveRun, delta: RunDelta): void {
    const listeners = this.#listeners.get(run.key.executionId);
    for (const listener of listeners ?? []) listener(delta);
  }

  #note(note: WorkerNote): void {
    this.#options.onNote?.(note);
  }

  /** Tells what goes wrong with the store; not each time that it does. */
  #tellTrouble(error: unknown): void {
    const detail = messageOf(error);
    const nowMs = this.#host.clock.now();
    const { toldAtMs } = this.#trouble;
    if (
      detail === this.#trouble.detail && nowMs - toldAtMs < TROUBLE_REPEAT_MS
    ) return;
    this.#trouble = { detail, toldAtMs: nowMs };
    this.#note({ kind: "trouble", detail });
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new StigmerError("CANCELLED", "Cannot run anything: it is closing");
  }
}

function refusal(executionId: ExecutionId, why: ClaimRefusal): StigmerError {
  switch (why) {
    case "missing":
      return notFound("execution", executionId);
    case "terminal":
      return failedPrecondition(
        `Cannot run execution "${executionId}": it has ended`,
      );
    case "paused":
      return failedPrecondition(
        `Cannot run execution "${executionId}": it is paused`,
        { hints: [`stigmer execution resume ${executionId}`] },
      );
    case "owned":
      return failedPrecondition(
        `Cannot run execution "${executionId}": a live worker has it`,
        { hints: [`stigmer execution watch ${executionId}`] },
      );
  }
}
