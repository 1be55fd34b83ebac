/**
 * What a worker takes in: runs that are due, and what is asked of those it
 * has; and what it gives back.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ExecutionId } from "../model/id.ts";
import { isTerminal } from "../model/phase.ts";
import type { RunKey, RunStore } from "../model/run.ts";
import { listenAgain } from "./_listeners.ts";
import type { LiveRun } from "./_live.ts";
import type { Standing } from "./_standing.ts";
import { takeRequest } from "./drive.ts";
import { isBusy } from "./group_commit.ts";

/** Runs in memory at the most; more are claimed as these leave. */
const LIVE_RUNS_MAX = 20_000;
/** Runs claimed in one transaction at the most. */
const CLAIM_BATCH_MAX = 500;
/** How often other processes are looked at while there is work. */
const POLL_MS = 25;
/** How often they are looked at without any. */
const POLL_IDLE_MS = 250;
/** How often dead workers, and runs that others ended, are looked for. */
const SWEEP_MS = 1000;
/** How long something due is left to who asked for it. */
const ABANDONED_MS = 3000;
/** Runs looked at in one sweep at the most. */
const SWEEP_RUNS_MAX = 100;
/** Runs of one family that are looked through at once at the most. */
const FAMILY_MAX = 1000;
/** How near a due run still counts as work. */
const IDLE_HORIZON_MS = 1000;
/** When a run that could not be written or read is tried again. */
const STUCK_DELAY_MS = 2000;

/** What a worker has and does, as its intake sees it. */
export interface IntakeOptions {
  readonly host: Pick<Host, "clock">;
  readonly store: RunStore;
  readonly standing: Standing;
  readonly live: ReadonlyMap<ExecutionId, LiveRun>;
  readonly loading: ReadonlySet<ExecutionId>;
  /** Whether it takes whatever is due, not only what is its own. */
  readonly isServing: () => boolean;
  /** Whether it takes whatever is due of the programs in this process. */
  readonly isServingPrograms: () => boolean;
  /** The workflows whose programs are in this process. */
  readonly served: () => readonly string[];
  /** Whether what another process left behind holds up what waits for it. */
  readonly leavesAbandoned: boolean;
  readonly load: (key: RunKey) => void;
  /** Has it look once more at once. */
  readonly kick: () => void;
  readonly tellTrouble: (error: unknown) => void;
}

/** How far a worker has looked, and what it has to come back to. */
export interface Intake extends IntakeOptions {
  /** Runs that this process is to finish, in memory or parked. */
  readonly mine: Set<ExecutionId>;
  /** Runs that could not be written, to be given back once that works. */
  readonly stuck: Set<RunKey>;
  /** Of the store when it was last looked at; empty to look in any case. */
  version: string;
  /** Sequence number of the newest event when it was last looked at. */
  newestEvent: number;
  nextDueAtMs: number | undefined;
  lastSweepMs: number;
}

/** Makes an intake that has not looked yet. */
export function newIntake(options: IntakeOptions): Intake {
  return {
    ...options,
    mine: new Set(),
    stuck: new Set(),
    version: "",
    newestEvent: 0,
    nextDueAtMs: undefined,
    lastSweepMs: -Infinity,
  };
}

/** Says whether a run is in memory, or on its way. */
export function holds(
  { live, loading }: Pick<IntakeOptions, "live" | "loading">,
  executionId: ExecutionId,
): boolean {
  return live.has(executionId) || loading.has(executionId);
}

/**
 * Counts what a run waits for among what this process is to finish: its
 * children, those that they started, and so on. Who has them now goes on with
 * them; once nobody does, they are taken here.
 */
export function takeOnFamily(intake: Intake, executionId: ExecutionId): void {
  const { mine, store } = intake;
  const family = new Set([executionId]);
  const before = mine.size;
  // It grows as it is walked through.
  for (const member of family) {
    if (family.size > FAMILY_MAX) break;
    for (const child of store.liveChildren(member)) {
      family.add(child);
      mine.add(child);
    }
  }
  if (mine.size === before) return;
  // Who had them may be dead, which a sweep finds out.
  intake.version = "";
  intake.lastSweepMs = -Infinity;
  intake.kick();
}

/** Looks at the store once, and takes what there is to take. */
export function look(intake: Intake): void {
  const { store, standing } = intake;
  if (standing.gone) return;
  const nowMs = intake.host.clock.now();
  releaseStuck(intake, nowMs);
  sweep(intake, nowMs);
  const version = store.version();
  const isDue = intake.nextDueAtMs !== undefined && intake.nextDueAtMs <= nowMs;
  if (version === intake.version && !isDue) return;
  intake.version = version;
  takeRequests(intake);
  takeEvents(intake);
  claimDue(intake, nowMs);
  intake.nextDueAtMs = store.nextDueAtMs(intake.served());
}

/** When to look next; `undefined` when there is nothing to look for. */
export function lookDelayMs(intake: Intake): number | undefined {
  const isWorking = intake.live.size > 0 || intake.loading.size > 0;
  const isServing = intake.isServing() || intake.isServingPrograms();
  if (!isWorking && !isServing && intake.mine.size === 0) return undefined;
  const pollMs = isWorking ? POLL_MS : POLL_IDLE_MS;
  const dueMs = (intake.nextDueAtMs ?? Infinity) - intake.host.clock.now();
  return Math.max(isServing ? 1 : POLL_MS, Math.min(pollMs, dueMs));
}

/** Says whether nothing runs, is due soon or is owned by a live worker. */
export function isIdle(intake: Intake): boolean {
  if (intake.live.size > 0 || intake.loading.size > 0) return false;
  const dueAtMs = intake.store.nextDueAtMs(intake.served());
  const horizonMs = intake.host.clock.now() + IDLE_HORIZON_MS;
  if (dueAtMs !== undefined && dueAtMs <= horizonMs) return false;
  if (intake.store.ownedCount() === 0) return true;
  intake.standing.sweep();
  return false;
}

/** Says whether a run here was asked to stop, and has not ended. */
export function isCancelling(intake: Intake): boolean {
  const { live, loading, store, standing } = intake;
  if (standing.gone || live.size + loading.size === 0) return false;
  for (const run of live.values()) {
    if (run.cancelReason !== undefined) return true;
  }
  return store.openRequests(standing.number).some(({ type, executionId }) =>
    type === "CANCEL" && holds(intake, executionId)
  );
}

/** Gives back what could not be written when it should have been. */
function releaseStuck(intake: Intake, nowMs: number): void {
  const { store, stuck } = intake;
  if (stuck.size === 0) return;
  try {
    store.transaction(() => {
      for (const key of stuck) store.release(key, nowMs + STUCK_DELAY_MS);
    });
    stuck.clear();
    intake.version = "";
  } catch (error) {
    // What can still be read, as a request to cancel, must not wait for it.
    if (!isBusy(error)) intake.tellTrouble(error);
  }
}

/** Looks for what nobody tells of. */
function sweep(intake: Intake, nowMs: number): void {
  if (nowMs - intake.lastSweepMs < SWEEP_MS) return;
  intake.lastSweepMs = nowMs;
  const isServing = intake.isServing();
  if (
    isServing || intake.isServingPrograms() || parked(intake).length > 0
  ) intake.standing.sweep();
  for (const executionId of [...intake.mine].slice(0, SWEEP_RUNS_MAX)) {
    // What stays goes to the end, so that the next sweep looks at others.
    intake.mine.delete(executionId);
    if (hasEnded(intake, executionId)) continue;
    intake.mine.add(executionId);
    // Who serves takes whatever is due, also of a family.
    if (isServing) continue;
    takeOnChildren(intake, executionId);
    takeOnAbandoned(intake, executionId, nowMs);
  }
}

/** Whether another process ended a run. */
function hasEnded(intake: Intake, executionId: ExecutionId): boolean {
  if (holds(intake, executionId)) return false;
  const execution = intake.store.execution(executionId);
  return execution === undefined || isTerminal(execution.phase);
}

/** Takes on the children that another process started for a run. */
function takeOnChildren(intake: Intake, executionId: ExecutionId): void {
  const { mine, store } = intake;
  for (const child of store.liveChildren(executionId)) {
    if (mine.has(child)) continue;
    mine.add(child);
    intake.version = "";
  }
}

/**
 * Takes on what holds up a run that waits for its turn, once nobody else does:
 * whoever was at it is gone.
 */
function takeOnAbandoned(
  intake: Intake,
  executionId: ExecutionId,
  nowMs: number,
): void {
  if (intake.leavesAbandoned || holds(intake, executionId)) return;
  const sinceMs = nowMs - ABANDONED_MS;
  const first = intake.store.abandonedBefore(executionId, sinceMs);
  if (first === undefined || intake.mine.has(first)) return;
  intake.mine.add(first);
  intake.version = "";
}

function takeRequests({ live, store, standing }: Intake): void {
  if (live.size === 0) return;
  for (const request of store.openRequests(standing.number)) {
    const run = live.get(request.executionId);
    if (run !== undefined) takeRequest(run, request);
  }
}

/** Lets the runs in memory that listen look for new events. */
function takeEvents(intake: Intake): void {
  const { live, store } = intake;
  if (live.size === 0) return;
  const newest = store.lastEventSequence();
  if (newest === intake.newestEvent) return;
  intake.newestEvent = newest;
  for (const run of live.values()) {
    if (run.listeners.size > 0) listenAgain(run);
  }
}

function claimDue(intake: Intake, nowMs: number): void {
  const { store } = intake;
  const next = store.nextDueAtMs(intake.served());
  if (next === undefined || next > nowMs) return;
  const room = LIVE_RUNS_MAX - intake.live.size - intake.loading.size;
  const limit = Math.min(CLAIM_BATCH_MAX, room);
  if (limit <= 0) return;
  const keys = claimUpTo(intake, { nowMs, limit });
  for (const key of keys) intake.load(key);
  // More may be due than one batch: they are taken in the next turn.
  if (keys.length >= limit) intake.kick();
}

/** Claims what is due of that which it takes. */
function claimUpTo(
  intake: Intake,
  due: { readonly nowMs: number; readonly limit: number },
): readonly RunKey[] {
  const { store } = intake;
  const options = {
    ...due,
    owner: intake.standing.number,
    served: intake.served(),
  };
  if (intake.isServing()) return store.claimDue(options);
  const among = parked(intake);
  const own = among.length === 0 ? [] : store.claimDue({ ...options, among });
  if (!intake.isServingPrograms()) return own;
  const served = store.claimDue({ ...options, onlyServed: true });
  // What they start is to be finished here as well.
  for (const { executionId } of served) intake.mine.add(executionId);
  return [...own, ...served];
}

/** The runs that it is to finish and that are not in memory. */
function parked(intake: Intake): ExecutionId[] {
  return [...intake.mine].filter((it) => !holds(intake, it));
}
