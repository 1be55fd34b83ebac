/**
 * History as documents of an export: versions, conversations, ended
 * executions with their journals, artifacts and values.
 *
 * What was stored as JSON stands in them as text. An export sorts the keys of
 * its documents, and the order of keys in an output is part of it.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { API_VERSION } from "../model/kind.ts";
import type { ArtifactRecord } from "../store/artifacts.ts";
import {
  type RawSession,
  type RawVersion,
  SESSION_COLUMNS,
} from "../store/history_resources.ts";
import type { EndedExecution, JournalRow } from "../store/history_rows.ts";

/** The kinds of history, in their order in an export. */
export const HISTORY_KINDS = [
  "ResourceVersion",
  "Session",
  "AgentExecution",
  "WorkflowExecution",
  "Journal",
  "Artifact",
  "SkillContent",
  "StoredValue",
] as const;
/** A kind of history. */
export type HistoryKind = typeof HISTORY_KINDS[number];

/** A document of an export that is history. */
export interface HistoryRecord {
  readonly kind: HistoryKind;
  /** Unique within the kind; by it, its records are in order. */
  readonly name: string;
  readonly document: JsonObject;
}

/** What becomes of a record. */
export type HistoryOutcome =
  | "created"
  | "replaced"
  | "unchanged"
  | "skipped"
  | "conflict";

/** What became of a record, and why where that must be said. */
export interface HistoryResult {
  readonly outcome: HistoryOutcome;
  readonly detail: string;
}

/** Says whether documents of a kind are history. */
export function isHistoryKind(kind: string): kind is HistoryKind {
  return HISTORY_KINDS.some((it) => it === kind);
}

/** Digits of the sequence number in the name of a part of a journal. */
const SEQUENCE_DIGITS = 10;
/** Digits of the number of a part of a value, or of a file of a skill. */
const PART_DIGITS = 4;

/** Writes a version. */
export function versionRecord(row: RawVersion): HistoryRecord {
  const { id, ...spec } = row;
  return record("ResourceVersion", id, spec);
}

/** Writes a conversation. */
export function sessionRecord(row: RawSession): HistoryRecord {
  const { id, versionNumber, columns } = row;
  const named = SESSION_COLUMNS.map((it) => [camelCase(it), columns[it]]);
  return record("Session", id, {
    versionNumber,
    ...Object.fromEntries(named),
  });
}

/** The key in the document of a conversation for a column. */
export function camelCase(column: string): string {
  return column.replaceAll(
    /_([a-z])/g,
    (_, letter: string) => letter.toUpperCase(),
  );
}

/** Writes an execution without its journal. */
export function executionRecord(row: EndedExecution): HistoryRecord {
  const { id, ...spec } = row;
  const kind = id.startsWith("aex-") ? "AgentExecution" : "WorkflowExecution";
  return record(kind, id, spec);
}

/** Writes a part of a journal, which has its events one after another. */
export function journalRecord(
  executionId: string,
  rows: readonly [JournalRow, ...JournalRow[]],
): HistoryRecord {
  const first = padded(rows[0].sequence, SEQUENCE_DIGITS);
  return record("Journal", `${executionId}/${first}`, {
    events: rows.map((row): JsonObject => ({ ...row })),
  });
}

/** Writes an artifact without its bytes. */
export function artifactRecord(row: ArtifactRecord): HistoryRecord {
  const { id, ...spec } = row;
  return record("Artifact", id, spec);
}

/** Writes a file of an earlier content of a skill. */
export function skillFileRecord(
  contentHash: string,
  file: {
    readonly index: number;
    readonly path: string;
    readonly content: Uint8Array;
  },
): HistoryRecord {
  const name = `${contentHash}/${padded(file.index, PART_DIGITS)}`;
  return record("SkillContent", name, {
    path: file.path,
    content: file.content.toBase64(),
  });
}

/** Writes a part of a stored value. */
export function valueRecord(
  sha256: string,
  part: {
    readonly index: number;
    readonly sizeBytes: number;
    readonly bytes: Uint8Array;
  },
): HistoryRecord {
  return record("StoredValue", `${sha256}/${padded(part.index, PART_DIGITS)}`, {
    sizeBytes: part.sizeBytes,
    content: part.bytes.toBase64(),
  });
}

function record(
  kind: HistoryKind,
  name: string,
  spec: Readonly<Record<string, Json>>,
): HistoryRecord {
  const document = { apiVersion: API_VERSION, kind, metadata: { name }, spec };
  return { kind, name, document };
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** What a document says, without what names it. */
export function specOf({ document }: HistoryRecord): JsonObject {
  const spec = document["spec"];
  return isJsonObject(spec) ? spec : {};
}
