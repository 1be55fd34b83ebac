/**
 * The contents that skills have had, and who needs them: versions and tags
 * keep one, and so do agents by a digest and executions by a pin.
 *
 * @module
 */

import { isJsonArray, isJsonObject, member } from "../model/json.ts";
import { readSkillReference } from "../model/skill.ts";
import { objectOf, textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { LIVE } from "./execution_rows.ts";
import type { Referrer } from "./references.ts";
import { timeText } from "./time.ts";
import { type SnapshotRow, versionById } from "./versions.ts";

/** An agent with the words by which it names skills. */
export interface SkillUser {
  readonly slug: string;
  readonly words: readonly string[];
}

/** Contents that a digest may mean at the most, for a message. */
const CANDIDATES_MAX = 5;
const BY_DIGEST = `
  SELECT DISTINCT hash FROM (
    SELECT json_extract(status, '$.contentHash') AS hash
    FROM skills WHERE id = ?1
    UNION ALL
    SELECT json_extract(snapshot, '$.status.contentHash')
    FROM api_resource_versions WHERE resource_id = ?1
    UNION ALL
    SELECT content_hash FROM skill_tags WHERE skill_id = ?1)
  WHERE substr(hash, 1, length(?2)) = ?2
    AND EXISTS (SELECT 1 FROM skill_files WHERE content_hash = hash)
  ORDER BY hash LIMIT ?3`;
const NEWEST_VERSION = `
  SELECT id FROM api_resource_versions
  WHERE resource_id = ?
    AND json_extract(snapshot, '$.status.contentHash') = ?
  ORDER BY version_number DESC LIMIT 1`;
const USERS = `
  SELECT slug, spec FROM agents
  WHERE updated_at >= ? AND (json_array_length(spec, '$.skills') > 0
    OR json_array_length(spec, '$.subAgents') > 0)
  ORDER BY slug`;
/** The content of a version that no newer one of its skill has. */
const HELD_BY_VERSION = `
  SELECT json_extract(v.snapshot, '$.status.contentHash') AS hash
  FROM api_resource_versions AS v
  WHERE v.id = ? AND v.resource_kind = 'Skill' AND NOT EXISTS (
    SELECT 1 FROM api_resource_versions AS newer
    WHERE newer.resource_id = v.resource_id
      AND newer.version_number > v.version_number
      AND json_extract(newer.snapshot, '$.status.contentHash') = hash)`;
const HAS_TAG =
  "SELECT 1 AS one FROM skill_tags WHERE content_hash = ? LIMIT 1";
const PINNED_BY = `
  SELECT id FROM agent_executions
  WHERE ${LIVE} AND EXISTS (
    SELECT 1 FROM json_each(spec, '$.skills') AS pin
    WHERE json_extract(pin.value, '$.name') = ?)
  ORDER BY id LIMIT ?`;

/** Finds the contents of a skill whose digest begins so, a few of them. */
export function contentsByDigest(
  database: Database,
  skillId: string,
  digits: string,
): readonly string[] {
  return database.prepare(BY_DIGEST).all(skillId, digits, CANDIDATES_MAX)
    .map((row) => textOf(row, "hash"));
}

/** Finds the newest version of a skill that has a content. */
export function versionOfContent(
  database: Database,
  skillId: string,
  contentHash: string,
): SnapshotRow | undefined {
  const row = database.prepare(NEWEST_VERSION).get(skillId, contentHash);
  return row === undefined
    ? undefined
    : versionById(database, textOf(row, "id"));
}

/**
 * Lists the agents that name skills, their sub-agents included; of those that
 * were stored since a time, where one is given.
 */
export function skillUsers(
  database: Database,
  sinceMs = 0,
): readonly SkillUser[] {
  return database.prepare(USERS).all(timeText(sinceMs)).map((row) => {
    const spec = objectOf(row, "spec");
    const subAgents = member(spec, "subAgents");
    const owners = [spec, ...isJsonArray(subAgents) ? subAgents : []];
    const words = owners.flatMap((owner) => {
      const skills = isJsonObject(owner) ? member(owner, "skills") : undefined;
      return isJsonArray(skills) ? skills.map(String) : [];
    });
    return { slug: textOf(row, "slug"), words };
  });
}

/** Finds executions under way that may load a skill, a few of them. */
export function runsWithSkill(
  database: Database,
  slug: string,
): readonly Referrer[] {
  return database.prepare(PINNED_BY).all(slug, CANDIDATES_MAX)
    .map((row) => ({ kind: "AgentExecution", name: textOf(row, "id") }));
}

/**
 * Whether the content of a version would be lost with it to a tag, or to an
 * agent that was stored since a time.
 */
export function isNamedSince(
  database: Database,
  versionId: string,
  sinceMs: number,
): boolean {
  const hash = database.prepare(HELD_BY_VERSION).get(versionId)?.hash;
  if (typeof hash !== "string") return false;
  return database.prepare(HAS_TAG).get(hash) !== undefined ||
    digestsOfAgents(database, sinceMs).some((it) => hash.startsWith(it));
}

/**
 * Digits by which agents name contents, whatever the skill; of those that were
 * stored since a time, where one is given.
 */
export function digestsOfAgents(
  database: Database,
  sinceMs = 0,
): readonly string[] {
  return skillUsers(database, sinceMs).flatMap(({ words }) =>
    words.flatMap((word) => {
      const read = readSkillReference(word);
      if (read.kind === "wrong") return [];
      const { point } = read.reference;
      return point.kind === "digest" ? [point.digits] : [];
    })
  );
}
