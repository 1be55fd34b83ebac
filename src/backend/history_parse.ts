/**
 * Documents of history as the rows that they were. They come from outside:
 * what is not as an export writes it is refused before it is stored.
 *
 * @module
 */

import { invalidArgument, StigmerError } from "../model/error.ts";
import { type ExecutionId, idPrefix, parseExecutionId } from "../model/id.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { API_VERSION, KINDS } from "../model/kind.ts";
import { ARTIFACT_SIZE_BYTES_MAX } from "../model/limits.ts";
import { isTerminal } from "../model/phase.ts";
import { JOURNAL_FORMAT } from "../model/run.ts";
import { type ArtifactRecord, checkArtifactName } from "../store/artifacts.ts";
import { parsePhase } from "../store/execution_rows.ts";
import {
  type RawSession,
  type RawVersion,
  SESSION_COLUMNS,
} from "../store/history_resources.ts";
import type { EndedExecution, JournalRow } from "../store/history_rows.ts";
import { isEventType } from "../store/journal.ts";
import type { SkillFileRow } from "../store/skill_files.ts";
import { camelCase, type HistoryRecord, specOf } from "./history_records.ts";
import {
  EXECUTION_SPEC,
  EXECUTION_STATUS,
  isTime,
  OBJECT,
  SESSION_SPEC,
  type Shape,
  TEXT_LIST,
  TEXTS,
} from "./history_shapes.ts";

const SHA256_REGEXP = /^[0-9a-f]{64}$/;
const TIME_REGEXP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const SEAL_MARK_REGEXP = /^(?:[0-9a-f]{32})?$/;
const PART_REGEXP = /^([0-9a-f]{64})\/(\d{4})$/;
const JOURNAL_REGEXP = /^([^/]*)\/(\d{10})$/;
/** Characters of a path within a skill at the most. */
const PATH_LENGTH_MAX = 255;

/** A part of a journal. */
export interface JournalPart {
  readonly executionId: ExecutionId;
  readonly rows: readonly [JournalRow, ...JournalRow[]];
}

/** A part of a stored value. */
export interface ValuePart {
  readonly sha256: string;
  readonly index: number;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads a version. */
export function parseVersion(record: HistoryRecord): RawVersion {
  const spec = readerOf(record);
  return {
    id: idOf(record, "ver"),
    resourceId: spec.text("resourceId"),
    resourceKind: spec.oneOf("resourceKind", Object.keys(KINDS)),
    number: spec.integer("number"),
    snapshot: spec.json("snapshot", OBJECT),
    message: spec.text("message"),
    previousVersionId: spec.text("previousVersionId"),
    createdAt: spec.time("createdAt"),
    createdBy: spec.text("createdBy"),
  };
}

/** Reads a conversation. */
export function parseSession(record: HistoryRecord): RawSession {
  const spec = readerOf(record);
  const columns = SESSION_COLUMNS.map((column) => {
    const key = camelCase(column);
    const shape = SESSION_SHAPES.get(column);
    if (shape !== undefined) return [column, spec.json(key, shape)];
    const isTimed = column.endsWith("_at");
    return [column, isTimed ? spec.time(key) : spec.text(key)];
  });
  return {
    id: idOf(record, KINDS.Session.prefix),
    versionNumber: spec.integer("versionNumber"),
    columns: Object.fromEntries(columns),
  };
}

/** The columns of a conversation that are JSON. */
const SESSION_SHAPES: ReadonlyMap<string, Shape> = new Map([
  ["labels", TEXTS],
  ["annotations", TEXTS],
  ["tags", TEXT_LIST],
  ["spec", SESSION_SPEC],
  ["status", OBJECT],
]);

/** Reads an execution, which must have ended. */
export function parseExecution(record: HistoryRecord): EndedExecution {
  const spec = readerOf(record);
  const kind = record.kind === "AgentExecution"
    ? KINDS.AgentExecution
    : KINDS.WorkflowExecution;
  const id = parseExecutionId(idOf(record, kind.prefix));
  if (id === undefined) throw refused(record, "metadata.name is no id");
  const status = spec.json("status", EXECUTION_STATUS);
  if (!isEnded(status)) {
    throw refused(record, "it has not ended: its journal would go on here");
  }
  return {
    id,
    name: spec.text("name"),
    labels: spec.json("labels", TEXTS),
    spec: spec.json("spec", EXECUTION_SPEC),
    status,
    createdAt: spec.time("createdAt"),
    updatedAt: spec.time("updatedAt"),
    createdBy: spec.text("createdBy"),
    updatedBy: spec.text("updatedBy"),
    epoch: spec.integer("epoch"),
    flags: spec.integer("flags"),
    variables: spec.isNull("variables") ? null : spec.json("variables", TEXTS),
    sealMark: spec.matching("sealMark", SEAL_MARK_REGEXP),
    eventCount: spec.integer("eventCount"),
    journalRemovedAtMs: spec.isNull("journalRemovedAtMs")
      ? null
      : spec.integer("journalRemovedAtMs"),
  };
}

function isEnded(status: string): boolean {
  const phase = member(JSON.parse(status), "phase");
  return isTerminal(parsePhase(phase));
}

/** Reads a part of a journal. */
export function parseJournal(record: HistoryRecord): JournalPart {
  const [, word = "", first = ""] = JOURNAL_REGEXP.exec(record.name) ?? [];
  const executionId = parseExecutionId(word);
  const events = member(specOf(record), "events");
  if (executionId === undefined || !isJsonArray(events)) {
    throw refused(record, "it is no part of a journal");
  }
  const [head, ...tail] = events.map((it) => parseEvent(record, it));
  if (head === undefined || head.sequence !== Number(first)) {
    throw refused(record, "its first event is not the one of its name");
  }
  let last = head.sequence;
  for (const { sequence } of tail) {
    if (sequence <= last) {
      throw refused(record, `event ${sequence} comes after event ${last}`);
    }
    last = sequence;
  }
  return { executionId, rows: [head, ...tail] };
}

function parseEvent(record: HistoryRecord, json: Json): JournalRow {
  const event = readerOf(record, isJsonObject(json) ? json : {});
  const isApart = event.isNull("data");
  const format = event.integer("format");
  const type = event.text("type");
  if (format > JOURNAL_FORMAT || !isEventType(type)) throw newer(record);
  return {
    sequence: event.integer("sequence"),
    format,
    timeMs: event.integer("timeMs"),
    type,
    path: event.text("path"),
    name: event.text("name"),
    attempt: event.integer("attempt"),
    data: isApart ? null : event.json("data"),
    value: isApart ? event.matching("value", SHA256_REGEXP) : null,
  };
}

/** Reads an artifact without its bytes. */
export function parseArtifact(record: HistoryRecord): ArtifactRecord {
  const spec = readerOf(record);
  const name = spec.text("name");
  checkArtifactName(name);
  const sizeBytes = spec.integer("sizeBytes");
  if (sizeBytes > ARTIFACT_SIZE_BYTES_MAX) {
    throw refused(record, `${ARTIFACT_SIZE_BYTES_MAX} bytes are allowed`);
  }
  return {
    id: idOf(record, "art"),
    executionId: spec.text("executionId"),
    name,
    contentType: spec.text("contentType"),
    sizeBytes,
    sha256: spec.matching("sha256", SHA256_REGEXP),
    createdAtMs: spec.integer("createdAtMs"),
  };
}

/** Reads a file of an earlier content of a skill. */
export function parseSkillFile(
  record: HistoryRecord,
): SkillFileRow & { readonly contentHash: string } {
  const spec = readerOf(record);
  const [, contentHash = ""] = partName(record);
  const path = spec.text("path");
  if (!isCleanPath(path)) {
    throw refused(record, `"${path}" is no path below the skill's folder`);
  }
  return { contentHash, path, content: spec.bytes("content") };
}

function isCleanPath(path: string): boolean {
  return path.length <= PATH_LENGTH_MAX &&
    !/[\\\p{Cc}]|^[A-Za-z]:/u.test(path) &&
    path.split("/").every((it) => it !== "" && it !== "." && it !== "..");
}

/** Reads a part of a stored value. */
export function parseValue(record: HistoryRecord): ValuePart {
  const spec = readerOf(record);
  const [, sha256 = "", index = ""] = partName(record);
  const sizeBytes = spec.integer("sizeBytes");
  if (sizeBytes > ARTIFACT_SIZE_BYTES_MAX) {
    throw refused(record, `${ARTIFACT_SIZE_BYTES_MAX} bytes are allowed`);
  }
  return {
    sha256,
    index: Number(index),
    sizeBytes,
    bytes: spec.bytes("content"),
  };
}

function partName(record: HistoryRecord): RegExpExecArray {
  const match = PART_REGEXP.exec(record.name);
  if (match === null) throw refused(record, "its name is not that of a part");
  return match;
}

function idOf(record: HistoryRecord, prefix: string): string {
  if (idPrefix(record.name) === prefix) return record.name;
  throw refused(record, `its name is no id that begins with "${prefix}-"`);
}

/** Reads members of a document, and refuses what is not of their type. */
interface Reader {
  text(key: string): string;
  integer(key: string): number;
  isNull(key: string): boolean;
  /** A text that is JSON, of a shape where one is given. */
  json(key: string, shape?: Shape): string;
  time(key: string): string;
  matching(key: string, regexp: RegExp): string;
  oneOf(key: string, choices: readonly string[]): string;
  bytes(key: string): Uint8Array<ArrayBuffer>;
}

function readerOf(
  record: HistoryRecord,
  json: JsonObject = specOf(record),
): Reader {
  const wrong = (key: string, what: string): StigmerError =>
    refused(record, `"${key}" is not ${what}`);
  const text = (key: string): string => {
    const value = member(json, key);
    if (typeof value === "string" && !value.includes("\0")) return value;
    throw wrong(key, "a text");
  };
  const matching = (key: string, regexp: RegExp): string => {
    const value = text(key);
    if (regexp.test(value)) return value;
    throw wrong(key, "in the form that it must have");
  };
  return {
    text,
    matching,
    time(key) {
      const value = matching(key, TIME_REGEXP);
      if (isTime(value)) return value;
      throw wrong(key, "a time");
    },
    integer(key) {
      const value = member(json, key);
      if (Number.isSafeInteger(value) && Number(value) >= 0) {
        return Number(value);
      }
      throw wrong(key, "a whole number");
    },
    isNull: (key) => (member(json, key) ?? null) === null,
    json(key, shape) {
      const value = text(key);
      const json = parsedOf(value);
      if (json === undefined) throw wrong(key, "JSON in a text");
      if (shape === undefined || shape.fits(json)) return value;
      throw wrong(key, shape.what);
    },
    oneOf(key, choices) {
      const value = text(key);
      if (choices.includes(value)) return value;
      throw wrong(key, `one of ${choices.join(", ")}`);
    },
    bytes(key) {
      try {
        return Uint8Array.fromBase64(text(key));
      } catch {
        throw wrong(key, "base64");
      }
    },
  };
}

/** Reads JSON; `undefined` for what is none. */
function parsedOf(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(record: HistoryRecord, why: string): StigmerError {
  return invalidArgument(
    `Cannot import ${record.kind} "${record.name}": ${why}`,
    { hints: [`Export again what ${API_VERSION} has, and import that`] },
  );
}

function newer(record: HistoryRecord): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot import ${record.kind} "${record.name}": a newer release of ` +
      "Stigmer wrote it",
    { hints: ["Use that release, or a newer one"] },
  );
}
