/**
 * The history of a database for an export.
 *
 * Executions that go on stay behind, with all that they started: half a run is
 * of no use elsewhere, and two that go on with it would do everything twice.
 *
 * @module
 */

import type { ExecutionKind } from "../model/execution.ts";
import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import { member } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import {
  artifactsAfter,
  earlierSkillContents,
  sessionsAfter,
  versionsAfter,
} from "../store/history_resources.ts";
import {
  type EndedExecution,
  endedExecutionIds,
  executionsBehind,
  type JournalRow,
  readEnded,
  readJournalRows,
} from "../store/history_rows.ts";
import { skillFiles } from "../store/skill_files.ts";
import { readBytes } from "../store/values.ts";
import {
  artifactRecord,
  executionRecord,
  type HistoryRecord,
  journalRecord,
  sessionRecord,
  skillFileRecord,
  valueRecord,
  versionRecord,
} from "./history_records.ts";

/** Rows of one read; a snapshot can have 1 MiB. */
const PAGE_MAX = 50;
/** Ids of one read. */
const IDS_MAX = 1000;
/** Characters of the events of one document, about. */
const JOURNAL_PART_MAX: number = 512 * 1024;
/** Events of one read, and of one document at the most. */
const JOURNAL_EVENTS_MAX = 500;
/** Bytes of a value in one document; a multiple of three leaves no padding. */
const VALUE_PART_BYTES: number = 768 * 1024;

/** What the executions of an export refer to. */
interface Referred {
  readonly executions: ReadonlySet<string>;
  readonly values: Set<string>;
}

/** How many executions an export leaves behind now. */
export function stayedBehindCount(database: Database): number {
  return executionsBehind(database).size;
}

/**
 * Gives all history in its order: by kind, and within a kind by name.
 *
 * Each step is small, so that who iterates can let others work between two.
 * Which executions go is decided once: what ends meanwhile stays behind.
 */
export function* historyRecords(
  database: Database,
): Generator<HistoryRecord, void, void> {
  for (const row of paged((page) => versionsAfter(database, page))) {
    yield versionRecord(row);
  }
  for (const row of paged((page) => sessionsAfter(database, page))) {
    yield sessionRecord(row);
  }
  const behind = executionsBehind(database);
  const ids = [
    ...travellers(database, "AgentExecution", behind),
    ...travellers(database, "WorkflowExecution", behind),
  ];
  const referred: Referred = { executions: new Set(ids), values: new Set() };
  for (const id of ids) {
    const row = readEnded(database, id);
    if (row === undefined) continue;
    noteOutput(row, referred);
    yield executionRecord(row);
  }
  for (const id of ids) yield* journalRecords(database, id, referred);
  yield* artifactRecords(database, referred);
  yield* skillRecords(database);
  yield* valueRecords(database, referred);
}

function* travellers(
  database: Database,
  kind: ExecutionKind,
  behind: ReadonlySet<string>,
): Generator<ExecutionId, void, void> {
  let after = "";
  for (;;) {
    const ids = endedExecutionIds(database, kind, { after, limit: IDS_MAX });
    for (const text of ids) {
      const id = parseExecutionId(text);
      if (id !== undefined && !behind.has(id)) yield id;
    }
    const last = ids.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

function noteOutput(row: EndedExecution, { values }: Referred): void {
  const value = member(JSON.parse(row.status), "outputValue");
  if (typeof value === "string") values.add(value);
}

/** The journal of an execution in parts; the same rows give the same parts. */
function* journalRecords(
  database: Database,
  id: ExecutionId,
  { values }: Referred,
): Generator<HistoryRecord, void, void> {
  let part: JournalRow[] = [];
  let size = 0;
  for (const row of journalRows(database, id)) {
    if (row.value !== null) values.add(row.value);
    const rowSize = roughSize(row);
    if (
      size + rowSize > JOURNAL_PART_MAX || part.length >= JOURNAL_EVENTS_MAX
    ) {
      yield* partRecord(id, part);
      part = [];
      size = 0;
    }
    part.push(row);
    size += rowSize;
  }
  yield* partRecord(id, part);
}

function* partRecord(
  id: ExecutionId,
  [first, ...rest]: readonly JournalRow[],
): Generator<HistoryRecord, void, void> {
  if (first !== undefined) yield journalRecord(id, [first, ...rest]);
}

function* journalRows(
  database: Database,
  id: ExecutionId,
): Generator<JournalRow, void, void> {
  let after = 0;
  for (;;) {
    const rows = readJournalRows(database, id, { after, limit: PAGE_MAX });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
}

function roughSize({ data, path, name }: JournalRow): number {
  return (data?.length ?? 0) + path.length + name.length;
}

function* artifactRecords(
  database: Database,
  { executions, values }: Referred,
): Generator<HistoryRecord, void, void> {
  for (const row of paged((page) => artifactsAfter(database, page))) {
    if (!executions.has(row.executionId)) continue;
    values.add(row.sha256);
    yield artifactRecord(row);
  }
}

function* skillRecords(
  database: Database,
): Generator<HistoryRecord, void, void> {
  let after = "";
  for (;;) {
    const [hash] = earlierSkillContents(database, { after, limit: 1 });
    if (hash === undefined) return;
    let index = 0;
    for (const file of skillFiles(database, hash)) {
      yield skillFileRecord(hash, { index, ...file });
      index++;
    }
    after = hash;
  }
}

function* valueRecords(
  database: Database,
  { values }: Referred,
): Generator<HistoryRecord, void, void> {
  // In the order of code units, which is that of the names.
  for (const sha256 of [...values].toSorted()) {
    // Whole: SQLite reads all of a value for each part of it.
    const content = readBytes(database, sha256);
    if (content !== undefined) yield* partRecords(sha256, content);
  }
}

/** The parts of a value; no bytes are one part. */
function* partRecords(
  sha256: string,
  content: Uint8Array,
): Generator<HistoryRecord, void, void> {
  const sizeBytes = content.length;
  let index = 0;
  do {
    const offset = index * VALUE_PART_BYTES;
    const bytes = content.subarray(offset, offset + VALUE_PART_BYTES);
    yield valueRecord(sha256, { index, sizeBytes, bytes });
    index++;
  } while (index * VALUE_PART_BYTES < sizeBytes);
}

function* paged<T extends { readonly id: string }>(
  read: (
    page: { readonly after: string; readonly limit: number },
  ) => readonly T[],
): Generator<T, void, void> {
  let after = "";
  for (;;) {
    const rows = read({ after, limit: PAGE_MAX });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
