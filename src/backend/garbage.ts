/**
 * CollectGarbage: removes what is past its time, and what nothing refers to.
 *
 * It works in pieces so small that whoever else writes hardly waits, and one
 * process at a time.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { CollectGarbageResponseSchema } from "../../gen/stigmer/backend/v1/operations_pb.ts";
import { StigmerError } from "../model/error.ts";
import type { RetentionRule } from "../model/retention.ts";
import { dataKeysUnder } from "../store/data_keys.ts";
import type { Database } from "../store/driver.ts";
import {
  isWantedSince,
  removeArtifact,
  removeEvents,
  removeExecution,
  removeRange,
  removeSession,
  removeSkillContent,
  removeValue,
  removeVersion,
} from "../store/garbage.ts";
import {
  type DoomedExecution,
  type DoomedJournal,
  journalOf,
} from "../store/garbage_plan.ts";
import { type GarbagePlan, planGarbage } from "../store/garbage_rest.ts";
import { giveBackAllPages } from "../store/vacuum.ts";
import {
  deleteVaultKey,
  type VaultKeyRow,
  vaultKeys,
} from "../store/vault_keys.ts";
import { noteAudit } from "./audit_events.ts";
import { beside } from "./beside.ts";
import type { ServiceDeps } from "./deps.ts";
import { noteCollected, readRetention, ruleOf, ruleText } from "./retention.ts";
import { removeKept } from "./vault_forgetting.ts";

/** The RPCs of garbage. */
export type GarbageService = Pick<
  ServiceImpl<typeof BackendService>,
  "collectGarbage"
>;

/** What a collection removed, or would remove. */
export type Collected = MessageInitShape<typeof CollectGarbageResponseSchema>;

/** How long one transaction may take, about: others wait for it. */
const PIECE_MS = 10;
/**
 * How long others have their turn after it. Who waits for SQLite's lock looks
 * again after 25 ms: in a shorter time it would hardly find it free.
 */
const PAUSE_MS = 25;
const DIRECTORY_MODE = 0o700;

/** Makes the RPCs of garbage. */
export function garbageService(deps: ServiceDeps): GarbageService {
  return {
    collectGarbage({ retention, dryRun }, context) {
      const { signal } = context;
      const rule = retention === undefined
        ? readRetention(deps.store.database)
        : ruleOf(retention);
      if (dryRun) return wouldCollect(deps, { rule, signal });
      // It may take away what tells of the past, but not who had it taken.
      const detail = ruleText(rule);
      noteAudit(deps, context, { action: "gc", subject: "", detail });
      return collectGarbage(deps, { rule, signal });
    },
  };
}

/** How garbage is collected. */
export interface CollectOptions {
  readonly rule: RetentionRule;
  readonly signal: AbortSignal;
}

/**
 * Removes what is past its time.
 *
 * @throws {StigmerError} UNAVAILABLE while another process does so.
 */
export async function collectGarbage(
  deps: ServiceDeps,
  options: CollectOptions,
): Promise<Collected> {
  const lock = deps.host.files.lock(lockPath(deps));
  if (lock === undefined) {
    throw new StigmerError(
      "UNAVAILABLE",
      "Cannot collect garbage: another process is at it",
      { hints: ["Try again when that has ended"] },
    );
  }
  try {
    const before = deps.store.sizeBytes();
    const plannedAtMs = deps.host.clock.now();
    const plan = await planOf(deps, options);
    const counts = await remove(deps, { ...options, plan, plannedAtMs });
    await giveBackAllPages(deps.store.database, pauses(deps, options));
    noteCollected(deps);
    const freed = Math.max(0, before - deps.store.sizeBytes());
    return { ...counts, freedBytes: BigInt(freed) };
  } finally {
    lock.release();
  }
}

/** Says what would be removed, and removes nothing. */
async function wouldCollect(
  deps: ServiceDeps,
  options: CollectOptions,
): Promise<Collected> {
  const plan = await planOf(deps, options);
  const ranged = (...tables: readonly string[]): number =>
    plan.ranges.filter(({ table }) => tables.includes(table))
      .reduce((sum, { count }) => sum + count, 0);
  return {
    executionCount: plan.executions.length,
    journalCount: plan.journals.length,
    artifactCount: plan.artifacts.length,
    versionCount: plan.versions.length,
    eventCount: ranged("events"),
    auditCount: ranged(...AUDITS),
    valueCount: plan.values.length,
    otherCount: plan.skillFileCount + plan.sessions.length +
      ranged(...SPENT) + forgottenKeys(deps).length,
    freedBytes: BigInt(plan.sizeBytes),
  };
}

/** The tables of the audits. */
const AUDITS: readonly string[] = ["secret_accesses", "audit_events"];
/** The tables of what is spent. */
const SPENT: readonly string[] = [
  "idempotency_keys",
  "imports",
  "tokens",
  "data_keys",
  "tool_pins",
];

function planOf(
  deps: ServiceDeps,
  options: CollectOptions,
): Promise<GarbagePlan> {
  return planGarbage(deps.store.database, {
    rule: options.rule,
    nowMs: deps.host.clock.now(),
    pause: pauses({ ...deps, pauseMs: 0 }, options),
  });
}

function pauses(
  { host, pauseMs = PAUSE_MS }: ServiceDeps & { readonly pauseMs?: number },
  { signal }: CollectOptions,
): () => Promise<void> {
  return () => host.clock.sleep(pauseMs, signal);
}

/** Removes what a plan says, and counts what really went. */
async function remove(
  deps: ServiceDeps,
  options: CollectOptions & {
    readonly plan: GarbagePlan;
    readonly plannedAtMs: number;
  },
): Promise<Collected> {
  const { database } = deps.store;
  const { plan, plannedAtMs } = options;
  const each = <T>(
    items: readonly T[],
    removeOne: (item: T) => number | boolean,
  ): Promise<number> => inPieces(deps, options, items, removeOne);
  const isSpared = sparing(database, plannedAtMs);
  await removeJournals(deps, options, plan.journals);
  // Journals may be long: they go first, so that the rest is a small piece.
  await removeJournals(
    deps,
    { ...options, isSpared },
    plan.executions.flatMap((execution) =>
      journalOf(database, execution.run).map((it) => ({ ...it, execution }))
    ),
  );
  const artifactCount = await each(
    plan.artifacts,
    ({ id, execution }) => !isSpared(execution) && removeArtifact(database, id),
  );
  const executionCount = await each(
    plan.executions,
    (it) => !isSpared(it) && removeExecution(database, it),
  );
  const versionCount = await each(
    plan.versions,
    (id) => removeVersion(database, id, plannedAtMs),
  );
  const sessions = await each(
    plan.sessions,
    (id) => removeSession(database, id),
  );
  const skillFiles = await each(
    plan.skillContents,
    (hash) => removeSkillContent(database, hash),
  );
  const valueCount = await each(
    plan.values,
    (id) => removeValue(database, id),
  );
  const ranged = await removeRanges(deps, options);
  const keys = await forgetKeys(deps);
  return {
    executionCount,
    journalCount: plan.journals.length,
    artifactCount,
    versionCount,
    eventCount: ranged("events"),
    auditCount: ranged(...AUDITS),
    valueCount,
    otherCount: skillFiles + sessions + ranged(...SPENT) + keys,
  };
}

/** Says whether a family stays, because one of it is needed since the plan. */
type IsSpared = (execution: DoomedExecution | undefined) => boolean;

function sparing(database: Database, plannedAtMs: number): IsSpared {
  const spared = new Set<string>();
  return (execution) => {
    if (execution === undefined) return false;
    const { id, rootId } = execution;
    if (spared.has(rootId)) return true;
    if (!isWantedSince(database, id, plannedAtMs)) return false;
    spared.add(rootId);
    return true;
  };
}

/**
 * Removes journals but for their first and last events. Each is marked before:
 * who is killed in the middle leaves one that says that it is not whole.
 */
async function removeJournals(
  deps: ServiceDeps,
  options: CollectOptions & { readonly isSpared?: IsSpared },
  journals: readonly (DoomedJournal & {
    /** The execution that it goes with, where that goes as well. */
    readonly execution?: DoomedExecution;
  })[],
): Promise<void> {
  const { host: { clock }, store: { database } } = deps;
  let rest = journals;
  // Each pass takes a piece of each: as many as the longest has.
  while (rest.length > 0) {
    const longer: typeof rest[number][] = [];
    await inPieces(deps, options, rest, (journal) => {
      if (options.isSpared?.(journal.execution) === true) return 0;
      if (removeEvents(database, journal, clock.now())) longer.push(journal);
      return 0;
    });
    rest = longer;
  }
}

/** Removes one thing after another, as many in a transaction as it may take. */
async function inPieces<T>(
  { host: { clock }, store: { database } }: ServiceDeps,
  { signal }: CollectOptions,
  items: readonly T[],
  removeOne: (item: T) => number | boolean,
): Promise<number> {
  let count = 0;
  const queue = items.values();
  for (let next = queue.next(); next.done !== true;) {
    signal.throwIfAborted();
    database.transaction(() => {
      const endMs = clock.monotonic() + PIECE_MS;
      do {
        if (next.done === true) return;
        count += Number(removeOne(next.value));
        next = queue.next();
      } while (clock.monotonic() < endMs);
    });
    await clock.sleep(PAUSE_MS, signal);
  }
  return count;
}

/** Removes the rows of ranges; says how many there were in some tables. */
async function removeRanges(
  deps: ServiceDeps,
  options: CollectOptions & { readonly plan: GarbagePlan },
): Promise<(...tables: readonly string[]) => number> {
  const { host: { clock }, store: { database } } = deps;
  const counts = new Map<string, number>();
  for (const range of options.plan.ranges) {
    let left = range.count;
    while (left > 0) {
      options.signal.throwIfAborted();
      const count = database.transaction(() => removeRange(database, range));
      if (count === 0) break;
      left -= count;
      counts.set(range.table, (counts.get(range.table) ?? 0) + count);
      await clock.sleep(PAUSE_MS, options.signal);
    }
  }
  return (...tables) =>
    tables.reduce((sum, table) => sum + (counts.get(table) ?? 0), 0);
}

/** Master keys that were to go, and that nothing is under. */
function forgottenKeys(
  { store: { database } }: ServiceDeps,
): readonly VaultKeyRow[] {
  return vaultKeys(database).filter(({ id, state }) =>
    state === "forgotten" && dataKeysUnder(database, id).length === 0
  );
}

/** Ends what a rotation began that could not take its old keys away. */
async function forgetKeys(deps: ServiceDeps): Promise<number> {
  let count = 0;
  for (const row of forgottenKeys(deps)) {
    try {
      await removeKept(deps, row);
    } catch {
      // Where it is kept cannot be asked now: the next collection tries again.
      continue;
    }
    deleteVaultKey(deps.store.database, row.id);
    count++;
  }
  return count;
}

function lockPath({ host, store }: ServiceDeps): string {
  const folder = beside(store.path, "workers");
  host.files.makeDirectory(folder, { mode: DIRECTORY_MODE });
  return `${folder}/garbage.lock`;
}
