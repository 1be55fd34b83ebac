/**
 * Who runs what: workers with their leases, and claims on runs.
 *
 * A write to a run needs its owner and its epoch, checked in the transaction
 * that writes: whoever lost a run cannot write to it any more.
 *
 * @module
 */

import type { ExecutionId } from "../model/id.ts";
import { isTerminal } from "../model/phase.ts";
import type {
  ClaimOptions,
  ClaimRefusal,
  RunKey,
  WorkerRecord,
} from "../model/run.ts";
import { changed } from "./changes.ts";
import type { Database, SqlRow } from "./driver.ts";
import { phaseOf } from "./executions.ts";
import { IS_FIRST, isHeld } from "./lines.ts";

const ADD_WORKER = `
  INSERT INTO workers (id, pid, hostname, started_at_ms, lease_until_ms)
  VALUES (?, ?, ?, ?, ?) RETURNING number`;
const RENEW = "UPDATE workers SET lease_until_ms = ? WHERE number = ?";
const REMOVE_WORKER = "DELETE FROM workers WHERE number = ?";
const ORPHAN = "UPDATE runs SET owner = NULL, due_at_ms = ? WHERE owner = ?";
// Who was taken for dead and does not know it yet must not claim anything: its
// number is gone, and nobody would ever free what it has.
const CLAIM = `
  UPDATE runs SET owner = ?1, epoch = epoch + 1, due_at_ms = NULL
  WHERE EXISTS (SELECT 1 FROM workers WHERE number = ?1) AND owner IS NULL`;
const CLAIMED = "RETURNING number, execution_id, epoch";
const CLAIM_DUE = `${CLAIM}
  AND number IN (
    SELECT number FROM runs
    WHERE owner IS NULL AND due_at_ms IS NOT NULL AND due_at_ms <= ?2
      AND served_by = ?4
    ORDER BY due_at_ms LIMIT ?3)
  ${CLAIMED}`;
const CLAIM_AMONG = `${CLAIM}
  AND number IN (
    SELECT number FROM runs
    WHERE execution_id IN (SELECT value FROM json_each(?4))
      AND owner IS NULL AND due_at_ms <= ?2
      AND (served_by = '' OR served_by IN (SELECT value FROM json_each(?5)))
    LIMIT ?3)
  ${CLAIMED}`;
const CLAIM_ONE = `${CLAIM} AND execution_id = ?2 AND ${IS_FIRST} ${CLAIMED}`;
const SERVED_BY = "SELECT served_by FROM runs WHERE execution_id = ?";
const CLAIM_OF = "SELECT owner, epoch FROM runs WHERE execution_id = ?";
const HOLDS =
  "SELECT 1 AS one FROM runs WHERE number = ? AND owner = ? AND epoch = ?";
// A request that came in between must not wait for the next one.
const RELEASE = `
  UPDATE runs SET owner = NULL, due_at_ms = CASE
    WHEN EXISTS (
      SELECT 1 FROM run_requests WHERE run = ?1 AND sequence IS NULL)
    THEN 0 ELSE ?2 END
  WHERE number = ?1 AND owner = ?3 AND epoch = ?4`;
const RETIRE = `
  UPDATE runs SET owner = NULL, due_at_ms = NULL
  WHERE number = ?1 AND owner = ?2 AND epoch = ?3
  RETURNING EXISTS (
    SELECT 1 FROM run_requests WHERE run = ?1 AND sequence IS NULL) AS asked,
    seal_mark`;
const WAKE = `
  UPDATE runs SET due_at_ms = ?
  WHERE number = ? AND owner IS NULL AND ${IS_FIRST}`;
const NEXT_DUE = `
  SELECT min(due_at_ms) AS due FROM runs
  WHERE owner IS NULL AND due_at_ms IS NOT NULL AND served_by = ?`;
const OWNED = "SELECT count(*) AS count FROM runs WHERE owner IS NOT NULL";

/**
 * Enters a worker and gives its number. What it writes later brings its row to
 * the disk as well, and no worker outlives a power cut.
 */
export function addWorker(
  database: Database,
  worker: Omit<WorkerRecord, "number">,
): number {
  return database.unsynced(() => {
    const row = database.prepare(ADD_WORKER).get(
      worker.id,
      worker.pid,
      worker.hostname,
      worker.startedAtMs,
      worker.leaseUntilMs,
    );
    return Number(row?.number);
  });
}

/** Says that a worker lives; false when it was given up meanwhile. */
export function renewLease(
  database: Database,
  owner: number,
  leaseUntilMs: number,
): boolean {
  return database.prepare(RENEW).run(leaseUntilMs, owner).changes === 1;
}

/** Every worker entered, the oldest first. */
export function listWorkers(database: Database): readonly WorkerRecord[] {
  return database.prepare("SELECT * FROM workers ORDER BY number").all()
    .map((row) => ({
      number: Number(row.number),
      id: String(row.id),
      pid: Number(row.pid),
      hostname: String(row.hostname),
      startedAtMs: Number(row.started_at_ms),
      leaseUntilMs: Number(row.lease_until_ms),
    }));
}

/**
 * Removes a worker; its runs can be claimed at once. Gives their number. A row
 * that a power cut brings back is that of a worker whose lock is free.
 */
export function removeWorker(
  database: Database,
  owner: number,
  nowMs: number,
): number {
  return database.unsynced(() => {
    const { changes } = database.prepare(ORPHAN).run(nowMs, owner);
    database.prepare(REMOVE_WORKER).run(owner);
    changed(database);
    return changes;
  });
}

/** Claims runs that nobody owns and that are due: all, or some of these. */
export function claimDue(
  database: Database,
  options: ClaimOptions,
): readonly RunKey[] {
  const { owner, nowMs, limit, among, served = [] } = options;
  const rows = among === undefined
    ? claimServed(database, options)
    : database.prepare(CLAIM_AMONG)
      .all(owner, nowMs, limit, JSON.stringify(among), JSON.stringify(served));
  return rows.map((row) => toKey(row, owner));
}

/** Claims what any worker can run, and what each of the programs here can. */
function claimServed(
  database: Database,
  { owner, nowMs, limit, served = [], onlyServed }: ClaimOptions,
): readonly SqlRow[] {
  const statement = database.prepare(CLAIM_DUE);
  const rows: SqlRow[] = [];
  for (const by of onlyServed === true ? served : ["", ...served]) {
    if (rows.length >= limit) break;
    rows.push(...statement.all(owner, nowMs, limit - rows.length, by));
  }
  return rows;
}

/** Claims one run that nobody owns, due or not. */
export function claimRun(
  database: Database,
  executionId: ExecutionId,
  { owner, served = [] }: Pick<ClaimOptions, "owner" | "served">,
): RunKey | ClaimRefusal {
  return database.transaction(() => {
    const phase = phaseOf(database, executionId);
    if (phase === undefined) return "missing";
    if (isTerminal(phase)) return "terminal";
    if (phase === "PAUSED") return "paused";
    const by = servedBy(database, executionId);
    if (by !== "" && !served.includes(by)) return "unserved";
    const row = database.prepare(CLAIM_ONE).get(owner, executionId);
    if (row !== undefined) return toKey(row, owner);
    return isHeld(database, executionId) ? "held" : "owned";
  });
}

/** The workflow whose program alone runs an execution; empty for none. */
export function servedBy(
  database: Database,
  executionId: ExecutionId,
): string {
  const row = database.prepare(SERVED_BY).get(executionId);
  return String(row?.served_by ?? "");
}

/** Whether a key still gives the right to write. */
export function holdsRun(database: Database, key: RunKey): boolean {
  return database.prepare(HOLDS).get(key.number, key.owner, key.epoch) !==
    undefined;
}

/** Gives a run back, to be claimed at `dueAtMs`, or only once woken. */
export function releaseRun(
  database: Database,
  key: RunKey,
  dueAtMs: number | undefined,
): boolean {
  const { changes } = database.prepare(RELEASE)
    .run(key.number, dueAtMs ?? null, key.owner, key.epoch);
  return changes === 1;
}

/** What is left of a run that was given up. */
export interface Retired {
  /** Whether something was asked of it. */
  readonly isAsked: boolean;
  /** Whether it may have a context. */
  readonly isMarked: boolean;
}

/** Gives up a run that has ended; says what is left of it. */
export function retireRun(database: Database, key: RunKey): Retired {
  const row = database.prepare(RETIRE).get(key.number, key.owner, key.epoch);
  if (row === undefined) return { isAsked: false, isMarked: false };
  return { isAsked: row.asked === 1, isMarked: row.seal_mark !== "" };
}

/** Makes a run that nobody owns, and that waits for no other, claimable at once. */
export function wakeRun(database: Database, run: number, nowMs: number): void {
  database.prepare(WAKE).run(nowMs, run);
}

/** The owner of a run, or `undefined` for nobody. */
export function ownerOf(database: Database, run: number): number | undefined {
  const row = database.prepare("SELECT owner FROM runs WHERE number = ?")
    .get(run);
  return typeof row?.owner === "number" ? row.owner : undefined;
}

/** Who holds the run of an execution, and since which claim. */
export function claimOf(
  database: Database,
  executionId: ExecutionId,
): { readonly owner: number; readonly epoch: number } | undefined {
  const row = database.prepare(CLAIM_OF).get(executionId);
  return row === undefined || row.owner === null
    ? undefined
    : { owner: Number(row.owner), epoch: Number(row.epoch) };
}

/** Who looks at a run that is not its own, and when. */
export interface Looking {
  readonly nowMs: number;
  /**
   * Whether the process of a worker lives; without it, it does as long as its
   * lease does.
   */
  readonly isAlive?: (worker: WorkerRecord) => boolean;
}

/** Says whether a worker that lives owns a run. */
export function hasLiveOwner(
  database: Database,
  run: number,
  { nowMs, isAlive }: Looking,
): boolean {
  const owner = ownerOf(database, run);
  if (owner === undefined) return false;
  const worker = listWorkers(database).find((it) => it.number === owner);
  if (worker === undefined) return false;
  return worker.leaseUntilMs > nowMs && (isAlive?.(worker) ?? true);
}

/** When the next run that nobody owns is due, of those that can run here. */
export function nextDueAtMs(
  database: Database,
  served: readonly string[] = [],
): number | undefined {
  const statement = database.prepare(NEXT_DUE);
  const dues = ["", ...served].map((by) => statement.get(by)?.due)
    .filter((it) => typeof it === "number");
  return dues.length === 0 ? undefined : Math.min(...dues);
}

/** How many runs some worker owns. */
export function ownedCount(database: Database): number {
  return Number(database.prepare(OWNED).get()?.count);
}

function toKey(row: SqlRow, owner: number): RunKey {
  return {
    number: Number(row.number),
    // The store writes only ids that it was given as such.
    executionId: String(row.execution_id) as ExecutionId,
    owner,
    epoch: Number(row.epoch),
  };
}
