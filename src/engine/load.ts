/**
 * Brings a claimed run into memory: its program, and its machine with the
 * whole journal.
 *
 * @module
 */

import type { JournalEvent, Machine } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { RunKey } from "../model/run.ts";
import { Running } from "../model/running.ts";
import { absorb, type LiveRun, type Workshop } from "./_live.ts";
import { isBusy } from "./group_commit.ts";
import type { Program } from "./ports.ts";

/** When a run whose program could not be read is tried again. */
const LOAD_RETRY_MS = 1000;

/** A run in memory. */
export interface Loaded {
  readonly run: LiveRun;
  /** Why it cannot begin: it is to fail for good. */
  readonly unfit?: { readonly error: unknown };
}

/**
 * Loads a run.
 *
 * @param known Its execution, when it was only just stored: the journal then
 * holds nothing but the first event.
 * @returns `undefined` when the store was locked; the run is given back.
 */
export async function loadRun(
  shop: Workshop,
  key: RunKey,
  known?: ExecutionRecord,
): Promise<Loaded | undefined> {
  const execution = known ?? shop.store.execution(key.executionId);
  if (execution === undefined) throw new Error("the execution is gone");
  const events = known === undefined
    ? shop.store.events(key)
    : [created(known)];
  let program: Program;
  try {
    program = await shop.loadProgram(execution);
  } catch (error) {
    if (isBusy(error)) return giveBack(shop, key);
    const run = newRun(shop, key, { execution, program: NO_PROGRAM });
    for (const event of events) absorb(run, event);
    return { run, unfit: { error } };
  }
  const run = newRun(shop, key, { execution, program });
  try {
    for (const event of events) {
      absorb(run, event);
      run.machine.apply(event);
    }
  } catch (error) {
    return { run, unfit: { error } };
  }
  return { run };
}

function giveBack(shop: Workshop, key: RunKey): undefined {
  shop.store.release(key, shop.host.clock.now() + LOAD_RETRY_MS);
  return undefined;
}

/** The only event of an execution that was just stored. */
function created(execution: ExecutionRecord): JournalEvent {
  return {
    sequence: 1,
    timeMs: execution.createdAtMs,
    type: "EXECUTION_CREATED",
    path: "",
    name: "",
    attempt: 0,
    data: execution.input,
  };
}

const NO_MACHINE: Machine = {
  apply() {},
  decide: () => ({ kind: "blocked", commands: [] }),
  tasks: () => [],
};
const NO_PROGRAM: Program = {
  createMachine: () => NO_MACHINE,
  variables: {},
  workingDirectory: "",
};

function newRun(
  shop: Workshop,
  key: RunKey,
  { execution, program }: {
    readonly execution: ExecutionRecord;
    readonly program: Program;
  },
): LiveRun {
  const { phase, startedAtMs } = execution;
  return {
    shop,
    key,
    execution,
    program,
    machine: program.createMachine(),
    sequence: 0,
    lastTimeMs: 0,
    status: { phase, ...(startedAtMs === undefined ? {} : { startedAtMs }) },
    paused: false,
    cancelReason: undefined,
    leaving: undefined,
    outbox: undefined,
    inFlight: new Map(),
    timers: new Map(),
    children: new Map(),
    signals: new Map(),
    listeners: new Map(),
    gone: new Map(),
    isLooking: false,
    withheld: new Map(),
    past: {
      timersDue: new Map(),
      children: new Map(),
      hadChildren: false,
      started: new Set(),
      takenBy: new Map(),
      firstStartedAtMs: undefined,
      running: new Running(),
      cancelReason: undefined,
    },
    taken: new Set(),
    stopDeadline: undefined,
    spoiled: false,
  };
}
