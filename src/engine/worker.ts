/**
 * The runner of one process: claims runs, drives their machines, carries out
 * their effects, and hands back what it does not finish.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import type { ClaimRefusal, RunKey, RunStore } from "../model/run.ts";
import { makeSlots } from "../model/slots.ts";
import { newRecord } from "./_child.ts";
import { type Deltas, newDeltas } from "./_deltas.ts";
import {
  holds,
  type Intake,
  isCancelling,
  isIdle,
  look,
  lookDelayMs,
  newIntake,
  takeOnFamily,
} from "./_intake.ts";
import { endSpoiled, failUnloaded } from "./_leave.ts";
import {
  detailOf,
  type Leaving,
  type LiveRun,
  type RunDelta,
  type Workshop,
} from "./_live.ts";
import { drop } from "./_outbox.ts";
import { Poll } from "./_poll.ts";
import { refusal } from "./_refusal.ts";
import { settledWithin } from "./_settle.ts";
import { Standing } from "./_standing.ts";
import { troubleTeller } from "./_trouble.ts";
import { newWaiters, type Waiters } from "./_waiters.ts";
import { deliver, startRun } from "./drive.ts";
import { GroupCommit, isBusy } from "./group_commit.ts";
import { loadRun } from "./load.ts";
import type { WorkerNote } from "./ports.ts";
import type { ServeOptions, WorkerOptions } from "./worker_options.ts";

export type { RunDelta } from "./_live.ts";

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
   * starts are run here too, and those it has once nobody else runs them. One
   * that has to wait for another one of its session is run when its turn comes.
   *
   * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended,
   * is paused, or a live worker owns it.
   */
  own(executionId: ExecutionId): Promise<void>;
  /**
   * Runs one run as {@linkcode own} does; one that a live worker has it takes
   * once that lets go of it. One that has ended it leaves.
   */
  take(executionId: ExecutionId): Promise<void>;
  /** Claims whatever is pending, due or orphaned. */
  serve(options: ServeOptions): Promise<void>;
  /**
   * Calls back for live output of a run; returns what ends that. With `whole`
   * it begins with what the turn that is under way has said by then.
   */
  watchDeltas(
    executionId: string,
    listener: (delta: RunDelta) => void,
    how?: { readonly whole: boolean },
  ): () => void;
  /**
   * Stops taking, ends what it was asked to cancel, aborts what else runs and
   * hands it back, so that another worker can take it at once.
   */
  close(): Promise<void>;
}

const CONCURRENCY_DEFAULT = 256;
/** How long aborted effects may take when the worker closes. */
const CLOSE_GRACE_MS = 2000;
/** How long the runs that are being cancelled may take before it closes. */
const CANCELLED_WAIT_MS = 2000;

/** Starts the runner of this process. */
export function startWorker(options: WorkerOptions): Worker {
  return new LocalWorker(options);
}

class LocalWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #host: Host;
  readonly #store: RunStore;
  readonly #commit: GroupCommit;
  readonly #standing: Standing;
  readonly #poll: Poll;
  readonly #intake: Intake;
  readonly #shop: Workshop;
  readonly #live: Map<ExecutionId, LiveRun> = new Map();
  readonly #loading: Set<ExecutionId> = new Set();
  readonly #deltas: Deltas = newDeltas();
  readonly #releases: Set<Promise<void>> = new Set();
  readonly #waiters: Waiters = newWaiters();
  readonly #tellTrouble: (error: unknown) => void;
  readonly #unsubscribe: () => void;
  #serving = 0;
  #servingPrograms = 0;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#store = options.store;
    this.#tellTrouble = troubleTeller(options.host, (it) => this.#note(it));
    this.#commit = new GroupCommit(options.store, options.host);
    this.#standing = this.#newStanding();
    this.#poll = this.#newPoll();
    this.#intake = this.#newIntake();
    this.#shop = this.#newShop();
    this.#unsubscribe = options.store.subscribe(() => this.#poll.kick());
  }

  #newStanding(): Standing {
    const { host, store, lockDirectory } = this.#options;
    return new Standing({
      host,
      store,
      lockDirectory,
      onLost: () => this.#leaseLost(),
      onRenewed: () => {
        this.#intake.version = "";
        this.#poll.kick();
      },
      onTrouble: this.#tellTrouble,
    });
  }

  #newPoll(): Poll {
    return new Poll({
      host: this.#host,
      look: () => {
        look(this.#intake);
        this.#waiters.ask();
      },
      delayMs: () => lookDelayMs(this.#intake),
      onFailed: (error) => {
        if (!isBusy(error)) this.#tellTrouble(error);
        this.#intake.version = "";
      },
    });
  }

  #newIntake(): Intake {
    return newIntake({
      host: this.#host,
      store: this.#store,
      standing: this.#standing,
      live: this.#live,
      loading: this.#loading,
      // It takes nothing new for others while it waits for what is to end.
      isServing: () => this.#serving > 0 && this.#closing === undefined,
      isServingPrograms: () =>
        this.#servingPrograms > 0 && this.#closing === undefined,
      served: () => this.#served(),
      leavesAbandoned: this.#options.leavesAbandoned ?? false,
      load: (key) => void this.#load(key),
      kick: () => this.#poll.kick(),
      tellTrouble: this.#tellTrouble,
    });
  }

  #newShop(): Workshop {
    const { host, store, activities, loadProgram, prepareChild } =
      this.#options;
    return {
      host,
      store,
      commit: this.#commit,
      activities,
      loadProgram,
      prepareChild,
      createMask: this.#options.createMask,
      slots: makeSlots(this.#options.concurrency ?? CONCURRENCY_DEFAULT),
      closing: () => this.#closed,
      owner: () => this.#standing.number,
      deliver,
      runsHere: (execution) => this.#runsHere(execution),
      holds: (executionId) => holds(this.#intake, executionId),
      spoil: endSpoiled,
      left: (run, leaving) => this.#left(run, leaving),
      adopt: (child, key) => this.#adopt(child, key),
      emit: (run, delta) => this.#deltas.emit(run.key.executionId, delta),
      note: (note) => this.#note(note),
    };
  }

  get number(): number {
    return this.#standing.number;
  }

  create(execution: NewExecution): Promise<void> {
    this.#refuseClosed();
    const nowMs = this.#host.clock.now();
    const runsHere = this.#runsHere(execution);
    return new Promise((resolve, reject) => {
      let key: RunKey | undefined;
      this.#commit.add({
        write: () => {
          const owner = this.#standing.number;
          const owned = runsHere ? { owner } : {};
          key = this.#store.insert(execution, { nowMs, ...owned });
          return true;
        },
        settled: () => {
          resolve();
          if (this.#closed || !runsHere) return;
          this.#adopt(newRecord(execution, nowMs), key);
        },
        failed: reject,
      });
    });
  }

  #served(): readonly string[] {
    return this.#options.served?.() ?? [];
  }

  /** Whether this process has what an execution runs. */
  #runsHere({ servedBy }: NewExecution): boolean {
    return servedBy === undefined || this.#served().includes(servedBy);
  }

  /** Runs what was just stored: at once, or when its turn comes. */
  #adopt(execution: ExecutionRecord, key: RunKey | undefined): void {
    this.#intake.mine.add(execution.id);
    if (key === undefined) this.#poll.wake();
    else void this.#load(key, execution);
  }

  async own(executionId: ExecutionId): Promise<void> {
    this.#refuseClosed();
    const { mine } = this.#intake;
    mine.add(executionId);
    if (holds(this.#intake, executionId)) return;
    let claimed = this.#claim(executionId);
    if (claimed === "owned") {
      this.#standing.sweep();
      claimed = this.#claim(executionId);
    }
    if (typeof claimed !== "string") {
      takeOnFamily(this.#intake, executionId);
      await this.#load(claimed);
      return;
    }
    if (claimed === "held") return this.#poll.wake();
    mine.delete(executionId);
    throw refusal(executionId, claimed);
  }

  async take(executionId: ExecutionId): Promise<void> {
    try {
      await this.own(executionId);
    } catch (error) {
      const refused = error instanceof StigmerError &&
        error.code === "FAILED_PRECONDITION";
      if (!refused) throw error;
      this.#intake.mine.add(executionId);
      this.#poll.wake();
    }
  }

  #claim(executionId: ExecutionId): RunKey | ClaimRefusal {
    return this.#store.claim(executionId, {
      owner: this.#standing.number,
      served: this.#served(),
    });
  }

  async serve(
    { untilIdle = false, onlyServed = false, signal }: ServeOptions,
  ): Promise<void> {
    this.#refuseClosed();
    if (signal.aborted) return;
    if (onlyServed) this.#servingPrograms++;
    else this.#serving++;
    this.#intake.version = "";
    this.#intake.lastSweepMs = -Infinity;
    this.#poll.kick();
    try {
      await this.#waiters.until(
        () => this.#closed || (untilIdle && this.#isIdle()),
        signal,
      );
    } finally {
      if (onlyServed) this.#servingPrograms--;
      else this.#serving--;
    }
  }

  watchDeltas(
    executionId: string,
    listener: (delta: RunDelta) => void,
    how: { readonly whole: boolean } = { whole: false },
  ): () => void {
    return this.#deltas.watch(executionId, listener, how);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#endCancelled();
    this.#closed = true;
    this.#unsubscribe();
    this.#poll.close();
    this.#standing.close();
    this.#commit.flush();
    const flights = [...this.#live.values()].flatMap((
      run,
    ) => [...run.inFlight.values()]);
    for (const run of [...this.#live.values()]) drop(run, { kind: "lost" });
    await this.#grace(flights.map((it) => it.ended));
    this.#commit.close();
    await this.#grace([...this.#releases]);
    try {
      await this.#standing.end();
    } catch (error) {
      // Its lock is free: others take what it had without being told.
      this.#tellTrouble(error);
    }
    this.#waiters.ask();
  }

  /**
   * Lets the runs end that it was asked to cancel: whoever runs a parent is
   * asked for its children when that ends, and nobody else would end them.
   */
  async #endCancelled(): Promise<void> {
    this.#commit.flush();
    if (!this.#isCancelling()) return;
    const late = new AbortController();
    const stop = this.#host.clock.timer(
      CANCELLED_WAIT_MS,
      () => late.abort(),
    );
    this.#intake.version = "";
    this.#poll.kick();
    await this.#waiters.until(() => !this.#isCancelling(), late.signal);
    stop();
  }

  #isCancelling(): boolean {
    try {
      return isCancelling(this.#intake);
    } catch (error) {
      this.#tellTrouble(error);
      return false;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #grace(work: readonly Promise<void>[]): Promise<void> {
    return settledWithin(this.#host.clock, {
      work,
      timeoutMs: CLOSE_GRACE_MS,
    });
  }

  /** What this process had is another's now. */
  #leaseLost(): void {
    this.#note({ kind: "trouble", detail: "The lease ran out" });
    for (const run of [...this.#live.values()]) drop(run, { kind: "lost" });
    this.#intake.stuck.clear();
  }

  #isIdle(): boolean {
    return !this.#commit.busy && isIdle(this.#intake);
  }

  async #load(key: RunKey, known?: ExecutionRecord): Promise<void> {
    const { executionId } = key;
    // Someone took it and gave it back before what is here was told: that
    // must not go on beside the one that begins now.
    const before = this.#live.get(executionId);
    if (before !== undefined) drop(before, { kind: "lost" });
    this.#loading.add(executionId);
    try {
      const loaded = await loadRun(this.#shop, key, known);
      if (loaded === undefined || this.#closed) return;
      const { run, unfit } = loaded;
      this.#live.set(executionId, run);
      this.#note({ kind: "taken", executionId, detail: run.execution.name });
      // Only now: its end may be written at once, and it must be here to leave.
      if (unfit !== undefined) return failUnloaded(run, unfit.error);
      const { owner, number } = key;
      const isNew = known !== undefined;
      startRun(run, isNew ? [] : this.#store.openRequests(owner, number));
    } catch (error) {
      this.#note({ kind: "trouble", executionId, detail: messageOf(error) });
      if (!this.#live.has(executionId)) this.#intake.stuck.add(key);
    } finally {
      this.#loading.delete(executionId);
      // A request may have come while it was not there to take it.
      if (known !== undefined) this.#intake.version = "";
      this.#poll.wake();
    }
  }

  #left(run: LiveRun, leaving: Leaving): void {
    const { executionId } = run.key;
    this.#deltas.forget(executionId);
    if (this.#live.get(executionId) === run) this.#live.delete(executionId);
    if (leaving.kind === "trouble") this.#intake.stuck.add(run.key);
    else if (leaving.kind !== "parked" && leaving.kind !== "lost") {
      this.#intake.mine.delete(executionId);
    }
    if (!this.#closed) {
      const detail = detailOf(leaving);
      this.#note({ kind: leaving.kind, executionId, detail });
    }
    if (["parked", "lost", "trouble"].includes(leaving.kind)) {
      this.#reconsiderParent(run);
    }
    this.#release(executionId);
    if (leaving.kind === "parked" || leaving.kind === "lost") {
      this.#intake.version = "";
    }
    if (
      leaving.kind === "parked" || this.#serving > 0 ||
      this.#servingPrograms > 0
    ) this.#poll.kick();
  }

  /** Lets others free what they held for a run, and does not wait for it. */
  #release(executionId: ExecutionId): void {
    const released = this.#options.onRelease?.(executionId);
    if (released === undefined) return;
    const settled = released.catch((error) =>
      this.#note({ kind: "trouble", executionId, detail: messageOf(error) })
    ).finally(() => this.#releases.delete(settled));
    this.#releases.add(settled);
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

  #note(note: WorkerNote): void {
    this.#options.onNote?.(note);
  }

  #refuseClosed(): void {
    if (this.#closing === undefined) return;
    throw new StigmerError("CANCELLED", "Cannot run anything: it is closing");
  }
}
