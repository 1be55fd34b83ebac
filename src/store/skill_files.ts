/**
 * The files of skills, each content kept once.
 *
 * @module
 */

import { member } from "../model/json.ts";
import { bytesOf, textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import type { ResourceRow } from "./resources.ts";

/** One file of a skill. */
export interface SkillFileRow {
  /** Path below the skill's folder. */
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

const INSERT = `INSERT INTO skill_files (content_hash, path, content)
  VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;
const SELECT = `SELECT path, content FROM skill_files
  WHERE content_hash = ? ORDER BY path`;

/** Stores the files of a content; those that are there already stay. */
export function insertSkillFiles(
  database: Database,
  contentHash: string,
  files: readonly SkillFileRow[],
): void {
  for (const file of files) {
    database.prepare(INSERT).run(contentHash, file.path, file.content);
  }
}

/** Reads the files of a content, by path. */
export function skillFiles(
  database: Database,
  contentHash: string,
): readonly SkillFileRow[] {
  return database.prepare(SELECT).all(contentHash).map((row) => ({
    path: textOf(row, "path"),
    content: bytesOf(row, "content"),
  }));
}

/** Says which content a skill has. */
export function contentHashOf(skill: Pick<ResourceRow, "status">): string {
  return String(member(skill.status, "contentHash") ?? "");
}
