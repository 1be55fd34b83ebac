/**
 * History of an import: what was elsewhere is stored as it was, with its ids,
 * its times and its order.
 *
 * All calls belong into the transaction of the import, which is rolled back
 * where one throws, and at the end of a dry run.
 *
 * @module
 */

import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import { member } from "../model/json.ts";
import { findKind } from "../model/kind.ts";
import { changed } from "../store/changes.ts";
import type { Database } from "../store/driver.ts";
import { findByIdempotencyKey, phaseOf } from "../store/executions.ts";
import {
  insertRawSession,
  insertRawVersion,
  isPinnedLive,
  lastVersionNumber,
  type RawSession,
  rawSession,
  type RawVersion,
  rawVersion,
  renumberCurrent,
  versionIdAt,
} from "../store/history_resources.ts";
import {
  deleteEnded,
  deleteJournalRows,
  type EndedExecution,
  insertEnded,
  insertJournalRows,
  type JournalRow,
  readEnded,
  readJournalRows,
} from "../store/history_rows.ts";
import { isTerminal } from "../model/phase.ts";
import { resourceBySlug } from "../store/resources.ts";
import {
  createHistoryContents,
  type HistoryContents,
  type Sha256,
} from "./history_contents.ts";
import { orderKeeper } from "./history_order.ts";
import {
  done,
  equal,
  type HistoryConflict,
  outcomeOf,
  skippedWith,
} from "./history_outcome.ts";
import {
  parseExecution,
  parseJournal,
  parseSession,
  parseVersion,
} from "./history_parse.ts";
import type {
  HistoryOutcome,
  HistoryRecord,
  HistoryResult,
} from "./history_records.ts";
import {
  elsewhere,
  type Here,
  lacksServer,
  mapped,
  SKIPPED,
  withServersHere,
} from "./history_specs.ts";

/** How history is imported. */
export interface HistoryImportOptions extends Here {
  readonly onConflict: HistoryConflict;
  /** The platform's own, which is many times as fast as one in JavaScript. */
  readonly sha256Hex: Sha256;
}

/** Takes the history of an import. */
export interface HistoryImport {
  /**
   * Looks at a record before any is taken: an execution may come before the one
   * that started it, and must not stay without it.
   *
   * @throws {StigmerError} INVALID_ARGUMENT for what is no history.
   */
  foresee(record: HistoryRecord): void;
  /**
   * Stores a record; they come in the order of their export.
   *
   * @throws {StigmerError} INVALID_ARGUMENT for what is no history.
   */
  take(record: HistoryRecord): HistoryResult;
  /**
   * Ends the import.
   *
   * @throws {StigmerError} DATA_LOSS when something did not come that what
   * came refers to.
   */
  finish(): void;
}

/** Executions above another one that are looked at; fewer can be started. */
const DEPTH_MAX = 100;

/** What an import remembers from record to record. */
interface Scene extends HistoryImportOptions {
  /** What became of each execution. */
  readonly executions: Map<string, HistoryOutcome>;
  /** Executions that are skipped with what they belong to, as foreseen. */
  readonly passedOver: Set<string>;
  /** By what each execution was started, as foreseen. */
  readonly parents: Map<string, string>;
  readonly requireOrder: ReturnType<typeof orderKeeper>;
  /** Resources of which versions came, by their ids, with their kinds. */
  readonly versioned: Map<string, string>;
  readonly contents: HistoryContents;
}

/** Begins to take the history of an import. */
export function createHistoryImport(
  options: HistoryImportOptions,
): HistoryImport {
  const executions = new Map<string, HistoryOutcome>();
  const scene: Scene = {
    ...options,
    executions,
    passedOver: new Set(),
    parents: new Map(),
    requireOrder: orderKeeper(),
    versioned: new Map(),
    contents: createHistoryContents({ ...options, executions }),
  };
  return {
    foresee(record) {
      if (isExecutionKind(record.kind)) foresee(scene, parseExecution(record));
    },
    take: (record) => takeRecord(scene, record),
    finish() {
      scene.contents.finish();
      for (const [id, kind] of scene.versioned) {
        const info = findKind(kind);
        if (info !== undefined) renumberCurrent(scene.database, info.kind, id);
      }
      changed(scene.database);
    },
  };
}

function takeRecord(scene: Scene, record: HistoryRecord): HistoryResult {
  switch (record.kind) {
    case "ResourceVersion":
      return takeVersion(scene, parseVersion(record));
    case "Session":
      return takeSession(scene, parseSession(record));
    case "AgentExecution":
    case "WorkflowExecution":
      return takeExecution(scene, parseExecution(record));
    case "Journal":
      return takeJournal(scene, parseJournal(record));
    case "Artifact":
      return scene.contents.takeArtifact(record);
    case "SkillContent":
      return scene.contents.takeSkillFile(record);
    case "StoredValue":
      return scene.contents.takeValue(record);
  }
}

function takeVersion(scene: Scene, row: RawVersion): HistoryResult {
  const { database, onConflict } = scene;
  if (scene.idOf(row.resourceId) === SKIPPED) {
    return skippedWith(row.resourceKind);
  }
  scene.versioned.set(row.resourceId, row.resourceKind);
  const known = rawVersion(database, row.id);
  if (known !== undefined) {
    // One that found its number taken has another one here.
    if (equal({ ...known, number: row.number }, row)) {
      const detail = `as version ${known.number}`;
      return done("unchanged", known.number === row.number ? "" : detail);
    }
    const isElsewhere = known.resourceId !== row.resourceId;
    // A run that goes on would go on as another one than it began; and the
    // number that it has here is that of its own resource.
    if (isElsewhere || isPinnedLive(database, row.id)) {
      return outcomeOf(
        onConflict === "replace" ? "fail" : onConflict,
        isElsewhere
          ? `it is a version of "${known.resourceId}" here`
          : "an execution that has not ended runs it here",
      );
    }
    const outcome = outcomeOf(onConflict, "it is another one here");
    if (outcome.outcome !== "replaced") return outcome;
    insertRawVersion(database, { ...row, number: known.number });
    return outcome;
  }
  const taken = versionIdAt(database, row.resourceId, row.number);
  if (taken === undefined) {
    insertRawVersion(database, row);
    return done("created");
  }
  const why = `version ${row.number} is "${taken}" here`;
  if (onConflict !== "replace") return outcomeOf(onConflict, why);
  // Executions refer to both by their ids, so both stay.
  const number = lastVersionNumber(database, row.resourceId) + 1;
  insertRawVersion(database, { ...row, number });
  return done("created", `as version ${number}: ${why}`);
}

function takeSession(scene: Scene, given: RawSession): HistoryResult {
  const { database, onConflict } = scene;
  const spec = mapped(scene, given.columns.spec, ["agentInstanceId"]);
  if (spec === undefined) return skippedWith("agent");
  const row = { ...given, columns: { ...given.columns, spec } };
  const known = rawSession(database, row.id);
  if (known === undefined) {
    const { slug } = row.columns;
    const other = resourceBySlug(database, "Session", slug);
    if (other !== undefined) {
      return outcomeOf(
        onConflict === "replace" ? "fail" : onConflict,
        `its slug is that of session "${other.id}" here`,
      );
    }
    insertRawSession(database, row);
    return done("created", elsewhere(given.columns.spec, spec));
  }
  if (equal(known, row)) {
    return done("unchanged", elsewhere(given.columns.spec, spec));
  }
  const outcome = outcomeOf(onConflict, "it is another one here");
  if (outcome.outcome === "replaced") insertRawSession(database, row);
  return outcome;
}

function isExecutionKind(kind: string): boolean {
  return kind === "AgentExecution" || kind === "WorkflowExecution";
}

function foresee(scene: Scene, { id, spec }: EndedExecution): void {
  const keys = ["resourceId", "instanceId"];
  const isSkipped = mapped(scene, spec, keys) === undefined ||
    lacksServer(scene, spec);
  if (isSkipped) scene.passedOver.add(id);
  const parent = member(JSON.parse(spec), "parentExecutionId");
  if (typeof parent === "string" && parent !== "") {
    scene.parents.set(id, parent);
  }
}

/** Whether what started an execution is skipped, and is not here either. */
function isOrphan(
  { passedOver, parents, database }: Scene,
  id: string,
): boolean {
  let parent = parents.get(id);
  for (let depth = 0; depth < DEPTH_MAX && parent !== undefined; depth++) {
    const known = parseExecutionId(parent);
    if (known === undefined || phaseOf(database, known) !== undefined) break;
    if (passedOver.has(parent)) return true;
    parent = parents.get(parent);
  }
  return false;
}

function takeExecution(scene: Scene, given: EndedExecution): HistoryResult {
  const result = decideExecution(scene, given);
  scene.executions.set(given.id, result.outcome);
  return result;
}

function decideExecution(scene: Scene, given: EndedExecution): HistoryResult {
  const { database, onConflict } = scene;
  const own = mapped(scene, given.spec, ["resourceId", "instanceId"]);
  if (own === undefined) return skippedWith("resource");
  if (lacksServer(scene, own)) return skippedWith("MCP server");
  const spec = withServersHere(scene, own);
  if (isOrphan(scene, given.id)) return skippedWith("parent");
  const row = { ...given, spec };
  const known = readEnded(database, row.id);
  if (known !== undefined && equal(known, row)) {
    return done("unchanged", elsewhere(given.spec, spec));
  }
  if (known !== undefined && isRemovedHere(known, row)) {
    return done("skipped", "its journal was removed here, past its retention");
  }
  const taken = keyTaken(scene, row);
  if (taken !== undefined) {
    return outcomeOf(
      onConflict === "replace" ? "fail" : onConflict,
      `its idempotency key is that of execution "${taken}" here`,
    );
  }
  if (known === undefined) {
    store(scene, row);
    return done("created", elsewhere(given.spec, spec));
  }
  if (!hasEnded(database, row.id)) {
    return outcomeOf(
      onConflict === "replace" ? "fail" : onConflict,
      "it has not ended here",
    );
  }
  const outcome = outcomeOf(onConflict, "it is another one here");
  if (outcome.outcome !== "replaced") return outcome;
  deleteEnded(database, row.id);
  store(scene, row);
  return outcome;
}

function store(scene: Scene, row: EndedExecution): void {
  insertEnded(scene.database, row);
  scene.contents.expect(row);
}

function hasEnded(database: Database, id: ExecutionId): boolean {
  const phase = phaseOf(database, id);
  return phase !== undefined && isTerminal(phase);
}

/** Whether two are the same but for a journal that was removed here. */
function isRemovedHere(known: EndedExecution, row: EndedExecution): boolean {
  const { eventCount, journalRemovedAtMs } = row;
  return known.journalRemovedAtMs !== null && journalRemovedAtMs === null &&
    equal({ ...known, eventCount, journalRemovedAtMs }, row);
}

/** The execution here that has the idempotency key of another one. */
function keyTaken(
  { database }: Scene,
  { id, spec }: EndedExecution,
): ExecutionId | undefined {
  const key = member(JSON.parse(spec), "idempotencyKey");
  if (typeof key !== "string") return undefined;
  const taken = findByIdempotencyKey(database, key);
  return taken === id ? undefined : taken;
}

function takeJournal(
  scene: Scene,
  part: ReturnType<typeof parseJournal>,
): HistoryResult {
  const { database, onConflict } = scene;
  const { executionId, rows } = part;
  scene.requireOrder(part);
  const outcome = scene.executions.get(executionId);
  switch (outcome) {
    case "created":
    case "replaced":
      insertJournalRows(database, executionId, rows);
      scene.contents.want(rows);
      return done(outcome);
    case "unchanged":
      break;
    case "conflict":
    case "skipped":
      return skippedWith("execution");
    case undefined:
      return done("conflict", `execution "${executionId}" did not come`);
  }
  const known = rowsHere(database, executionId, rows);
  if (equal(known, rows)) return done("unchanged");
  const result = outcomeOf(onConflict, "its events are others here");
  if (result.outcome !== "replaced") return result;
  const [first] = rows;
  const to = rows.at(-1)?.sequence ?? first.sequence;
  deleteJournalRows(database, executionId, { from: first.sequence, to });
  insertJournalRows(database, executionId, rows);
  scene.contents.want(rows);
  return result;
}

/** The events that are here in the place of some that came. */
function rowsHere(
  database: Database,
  executionId: ExecutionId,
  rows: readonly [JournalRow, ...JournalRow[]],
): readonly JournalRow[] {
  return readJournalRows(database, executionId, {
    after: rows[0].sequence - 1,
    limit: rows.length,
  });
}
