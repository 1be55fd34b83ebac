/**
 * What the history of an import is made of beside its rows: artifacts, values
 * in parts, and files of skills; and whether all of it came.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { parseExecutionId } from "../model/id.ts";
import { member } from "../model/json.ts";
import { getArtifact } from "../store/artifacts.ts";
import type { Database } from "../store/driver.ts";
import {
  hasValue,
  insertArtifact,
  insertValue,
} from "../store/history_resources.ts";
import {
  countJournal,
  type EndedExecution,
  type JournalRow,
} from "../store/history_rows.ts";
import {
  insertSkillFiles,
  type SkillFileRow,
  skillFiles,
} from "../store/skill_files.ts";
import {
  parseArtifact,
  parseSkillFile,
  parseValue,
  type ValuePart,
} from "./history_parse.ts";
import type {
  HistoryOutcome,
  HistoryRecord,
  HistoryResult,
} from "./history_records.ts";

/** Takes what rows of history refer to. */
export interface HistoryContents {
  /** Notes an execution whose journal is to come, and its output. */
  expect(row: EndedExecution): void;
  /** Notes values that events refer to. */
  want(rows: readonly JournalRow[]): void;
  /** Stores an artifact of an execution that came before. */
  takeArtifact(record: HistoryRecord): HistoryResult;
  /** Stores a file of an earlier content of a skill. */
  takeSkillFile(record: HistoryRecord): HistoryResult;
  /** Stores a part of a value. */
  takeValue(record: HistoryRecord): HistoryResult;
  /**
   * Checks that nothing is missing.
   *
   * @throws {StigmerError} DATA_LOSS when something is.
   */
  finish(): void;
}

/** Gives the SHA-256 of some bytes in hexadecimal digits, at once. */
export type Sha256 = (bytes: Uint8Array) => string;

interface Scene {
  readonly database: Database;
  readonly sha256Hex: Sha256;
  readonly executions: ReadonlyMap<string, HistoryOutcome>;
  /** Events that the journal of each execution must have. */
  readonly expected: Map<string, number>;
  /** Values that something refers to. */
  readonly wanted: Set<string>;
  /** The value whose parts are coming; its bytes are at most an artifact's. */
  value: { readonly sha256: string; readonly bytes: Uint8Array[] } | undefined;
  /** The content of a skill whose files are coming. */
  skill:
    | { readonly contentHash: string; readonly files: SkillFileRow[] }
    | undefined;
}

/** Begins to take contents. */
export function createHistoryContents(
  options: Pick<Scene, "database" | "sha256Hex" | "executions">,
): HistoryContents {
  const scene: Scene = {
    ...options,
    expected: new Map(),
    wanted: new Set(),
    value: undefined,
    skill: undefined,
  };
  return {
    expect(row) {
      scene.expected.set(row.id, row.eventCount);
      const value = member(JSON.parse(row.status), "outputValue");
      if (typeof value === "string") scene.wanted.add(value);
    },
    want(rows) {
      for (const { value } of rows) {
        if (value !== null) scene.wanted.add(value);
      }
    },
    takeArtifact: (record) => takeArtifact(scene, record),
    takeSkillFile: (record) => takeSkillFile(scene, record),
    takeValue: (record) => takeValue(scene, parseValue(record)),
    finish() {
      closeSkill(scene);
      for (const [id, count] of scene.expected) checkJournal(scene, id, count);
      for (const sha256 of scene.wanted) {
        if (!hasValue(scene.database, sha256)) throw missing("value", sha256);
      }
    },
  };
}

function takeArtifact(scene: Scene, record: HistoryRecord): HistoryResult {
  const { database, executions } = scene;
  const row = parseArtifact(record);
  const outcome = executions.get(row.executionId);
  if (outcome === undefined) {
    return {
      outcome: "conflict",
      detail: `execution "${row.executionId}" did not come`,
    };
  }
  if (outcome === "skipped" || outcome === "conflict") {
    return { outcome: "skipped", detail: "its execution was skipped" };
  }
  const known = getArtifact(database, { id: row.id });
  if (known !== undefined) {
    const isSame = JSON.stringify(known) === JSON.stringify(row);
    return isSame
      ? { outcome: "unchanged", detail: "" }
      : { outcome: "conflict", detail: "it is another one here" };
  }
  const { executionId, name } = row;
  if (getArtifact(database, { executionId, name }) !== undefined) {
    return { outcome: "conflict", detail: `"${name}" is another one here` };
  }
  insertArtifact(database, row);
  scene.wanted.add(row.sha256);
  return { outcome: outcome === "unchanged" ? "created" : outcome, detail: "" };
}

function takeValue(scene: Scene, part: ValuePart): HistoryResult {
  const { database, sha256Hex } = scene;
  const { sha256, index, sizeBytes, bytes } = part;
  if (scene.value?.sha256 !== sha256) {
    scene.value = undefined;
    if (hasValue(database, sha256)) return { outcome: "unchanged", detail: "" };
    if (!scene.wanted.has(sha256)) {
      return { outcome: "skipped", detail: "nothing here refers to it" };
    }
    scene.value = { sha256, bytes: [] };
  }
  const parts = scene.value.bytes;
  if (parts.length !== index) throw missing("value", sha256);
  parts.push(bytes);
  const length = parts.reduce((sum, it) => sum + it.length, 0);
  if (length < sizeBytes) return { outcome: "created", detail: "" };
  const whole = joined(parts, length);
  if (length !== sizeBytes || sha256Hex(whole) !== sha256) {
    throw missing("value", sha256);
  }
  insertValue(database, sha256, whole);
  return { outcome: "created", detail: "" };
}

function joined(
  parts: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function takeSkillFile(scene: Scene, record: HistoryRecord): HistoryResult {
  const { contentHash, ...file } = parseSkillFile(record);
  if (scene.skill?.contentHash !== contentHash) {
    closeSkill(scene);
    if (skillFiles(scene.database, contentHash).length > 0) {
      return { outcome: "unchanged", detail: "" };
    }
    scene.skill = { contentHash, files: [] };
  }
  scene.skill.files.push(file);
  return { outcome: "created", detail: "" };
}

/** Stores the files of a content, once it is known that they are its own. */
function closeSkill(scene: Scene): void {
  const { skill, sha256Hex } = scene;
  scene.skill = undefined;
  if (skill === undefined) return;
  const files = skill.files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  const parts = files.map((it) => [it.path, sha256Hex(it.content)]);
  const text = new TextEncoder().encode(JSON.stringify(parts));
  if (sha256Hex(text) !== skill.contentHash) {
    throw missing("content of a skill", skill.contentHash);
  }
  insertSkillFiles(scene.database, skill.contentHash, skill.files);
}

function checkJournal(scene: Scene, word: string, count: number): void {
  const id = parseExecutionId(word);
  if (id !== undefined && countJournal(scene.database, id) === count) return;
  throw missing("journal of execution", word);
}

function missing(what: string, name: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot import the ${what} "${name}": not all of it is in the export`,
    { hints: ["Export again, and import that"] },
  );
}
