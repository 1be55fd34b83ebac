/**
 * What may go besides executions: versions, sessions, and what nothing refers
 * to any more. Found by reading alone.
 *
 * @module
 */

import { isJsonArray, type Json } from "../model/json.ts";
import { textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { KINDS, LIVE, TABLES } from "./execution_rows.ts";
import {
  type ExecutionPlan,
  planExecutions,
  type PlanOptions,
} from "./garbage_plan.ts";
import { type DoomedRange, planRanges } from "./garbage_ranges.ts";
import { planValues } from "./garbage_values.ts";
import { digestsOfAgents } from "./skill_contents.ts";
import { timeText } from "./time.ts";

/** Everything that may go. */
export interface GarbagePlan extends ExecutionPlan {
  /** Ids of versions of resources. */
  readonly versions: readonly string[];
  readonly sessions: readonly string[];
  /** Stored values that nothing refers to once the rest is gone. */
  readonly values: readonly string[];
  /** Contents of skills that nothing refers to. */
  readonly skillContents: readonly string[];
  /** How many files those are. */
  readonly skillFileCount: number;
  /** Rows that a condition finds, by the tables they are in. */
  readonly ranges: readonly DoomedRange[];
  /** Bytes of what goes, about. */
  readonly sizeBytes: number;
}

/** Rows of one read. */
const BATCH_MAX = 1000;

/** Finds everything that may go. */
export async function planGarbage(
  database: Database,
  options: PlanOptions,
): Promise<GarbagePlan> {
  const executions = await planExecutions(database, options);
  const doomed = new Set(executions.executions.map(({ id }) => id));
  const versions = await planVersions(database, { ...options, doomed });
  const sessions = await planSessions(database, { ...options, doomed });
  const values = await planValues(database, { ...options, executions, doomed });
  const skills = planSkills(database, { versions: new Set(versions), doomed });
  return {
    ...executions,
    versions,
    sessions,
    values: values.ids,
    skillContents: skills.contents,
    skillFileCount: skills.fileCount,
    ranges: planRanges(database, options),
    sizeBytes: values.sizeBytes + await sizeOf(database, {
      ...options,
      executions,
      versions,
    }),
  };
}

/** The versions of resources past the newest ones that nothing needs. */
async function planVersions(
  database: Database,
  options: PlanOptions & { readonly doomed: ReadonlySet<string> },
): Promise<readonly string[]> {
  const { versions: kept } = options.rule;
  if (kept === undefined) return [];
  const pinned = await pinnedVersions(database, options);
  const crowded = database.prepare(`
    SELECT resource_id FROM api_resource_versions
    GROUP BY resource_id HAVING count(*) > ? ORDER BY resource_id`).all(kept);
  const found: string[] = [];
  for (const row of crowded) {
    const resourceId = textOf(row, "resource_id");
    const rows = database.prepare(`
      SELECT id, json_extract(snapshot, '$.spec.document.version') AS document
      FROM api_resource_versions WHERE resource_id = ?
      ORDER BY version_number DESC`).all(resourceId);
    found.push(...spareVersions(database, { resourceId, rows, kept, pinned }));
    await options.pause();
  }
  return found;
}

function spareVersions(
  database: Database,
  of: {
    readonly resourceId: string;
    readonly rows: readonly SqlRow[];
    readonly kept: number;
    readonly pinned: ReadonlySet<string>;
  },
): readonly string[] {
  const documents = new Set<string>();
  const spare: string[] = [];
  for (const [i, row] of of.rows.entries()) {
    const id = textOf(row, "id");
    const { document } = row;
    // Tasks may name the version of a document: its newest answers to it.
    const answers = typeof document === "string" && !documents.has(document);
    if (typeof document === "string") documents.add(document);
    if (i < of.kept || of.pinned.has(id)) continue;
    if (answers && isNamed(database, of.resourceId, document)) continue;
    spare.push(id);
  }
  return spare;
}

/** Whether some workflow may run that version of the document of another. */
function isNamed(
  database: Database,
  resourceId: string,
  document: string,
): boolean {
  const text = JSON.stringify(document);
  const row = database.prepare(`
    SELECT 1 AS one FROM workflows AS w
    WHERE w.id <> ?1 AND instr(w.spec, ?2) > 0
    UNION ALL
    SELECT 1 FROM workflow_executions AS e
    LEFT JOIN api_resource_versions AS v
      ON v.id = json_extract(e.spec, '$.resourceVersionId')
    WHERE e.${LIVE} AND v.resource_id IS NOT ?1
      AND (instr(e.spec, ?2) > 0 OR instr(v.snapshot, ?2) > 0)
    LIMIT 1`).get(resourceId, text);
  return row !== undefined;
}

/** The versions that executions which stay run, and that are the newest. */
async function pinnedVersions(
  database: Database,
  options: PlanOptions & { readonly doomed: ReadonlySet<string> },
): Promise<ReadonlySet<string>> {
  const pinned = new Set<string>();
  for (const kind of KINDS) {
    const read = database.prepare(`
      SELECT id, json_extract(spec, '$.resourceVersionId') AS version,
        (SELECT json_group_array(json_extract(value, '$.resourceVersionId'))
          FROM json_each(spec, '$.mcpServers')) AS servers
      FROM ${TABLES[kind]} WHERE id > ? ORDER BY id LIMIT ${BATCH_MAX}`);
    for (let after = "";;) {
      const rows = read.all(after);
      for (const { id, version, servers } of rows) {
        if (options.doomed.has(String(id))) continue;
        if (typeof version === "string") pinned.add(version);
        for (const it of parsedTexts(servers)) pinned.add(it);
      }
      const last = rows.at(-1);
      if (last === undefined) break;
      after = textOf(last, "id");
      await options.pause();
    }
  }
  for (const table of VERSIONED) {
    const rows = database.prepare(`SELECT version_id FROM ${table}`).all();
    for (const row of rows) pinned.add(textOf(row, "version_id"));
  }
  const schedules = database.prepare(
    "SELECT workflow_version_id AS version_id FROM schedules",
  ).all();
  for (const row of schedules) pinned.add(textOf(row, "version_id"));
  for (const id of versionsOfNamedContents(database)) pinned.add(id);
  return pinned;
}

function parsedTexts(json: unknown): readonly string[] {
  const list: Json = typeof json === "string" ? JSON.parse(json) : [];
  return isJsonArray(list) ? list.filter((it) => typeof it === "string") : [];
}

/** The newest versions of the contents that agents and tags name. */
function versionsOfNamedContents(database: Database): readonly string[] {
  const digests = digestsOfAgents(database);
  const tagged = new Set(
    database.prepare("SELECT content_hash FROM skill_tags").all()
      .map((row) => textOf(row, "content_hash")),
  );
  if (digests.length === 0 && tagged.size === 0) return [];
  const newest = new Map<string, string>();
  const rows = database.prepare(`
    SELECT id, resource_id,
      json_extract(snapshot, '$.status.contentHash') AS hash
    FROM api_resource_versions WHERE resource_kind = 'Skill'
    ORDER BY version_number`).all();
  for (const row of rows) {
    const hash = String(row.hash);
    const isNamed = tagged.has(hash) ||
      digests.some((digits) => hash.startsWith(digits));
    if (isNamed) newest.set(`${row.resource_id} ${hash}`, textOf(row, "id"));
  }
  return [...newest.values()];
}

/** The tables of resources that have versions. */
const VERSIONED = [
  "environments",
  "mcp_servers",
  "skills",
  "agents",
  "agent_instances",
  "workflows",
  "workflow_instances",
] as const;

/**
 * Sessions past the time of executions in which none is left, and from which
 * no other one goes on.
 */
async function planSessions(
  database: Database,
  options: PlanOptions & { readonly doomed: ReadonlySet<string> },
): Promise<readonly string[]> {
  const { rule: { executionsMs }, nowMs, doomed, pause } = options;
  if (executionsMs === undefined) return [];
  const rows = database.prepare(
    `SELECT id FROM sessions AS s WHERE updated_at < ? AND NOT EXISTS (
       SELECT 1 FROM sessions
       WHERE json_extract(spec, '$.forkedFromSessionId') = s.id)
     ORDER BY id`,
  ).all(timeText(nowMs - executionsMs));
  const members = database.prepare(
    "SELECT id FROM agent_executions WHERE session_id = ?",
  );
  const found: string[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % BATCH_MAX === BATCH_MAX - 1) await pause();
    const id = textOf(row, "id");
    if (members.all(id).every((it) => doomed.has(String(it.id)))) {
      found.push(id);
    }
  }
  return found;
}

/** The contents of skills that no skill, version, tag or execution has. */
function planSkills(
  database: Database,
  going: {
    readonly versions: ReadonlySet<string>;
    /** Executions. */
    readonly doomed: ReadonlySet<string>;
  },
): { readonly contents: readonly string[]; readonly fileCount: number } {
  const needed = new Set<string>();
  const rows = database.prepare(`
    SELECT '' AS id, json_extract(status, '$.contentHash') AS hash FROM skills
    UNION ALL SELECT '', content_hash FROM skill_tags
    UNION ALL
    SELECT id, json_extract(snapshot, '$.status.contentHash')
    FROM api_resource_versions WHERE resource_kind = 'Skill'`).all();
  for (const { id, hash } of rows) {
    if (!going.versions.has(String(id))) needed.add(String(hash));
  }
  const stored = database.prepare(`
    SELECT content_hash AS hash, count(*) AS count FROM skill_files
    GROUP BY content_hash`).all();
  // Few contents are at stake: only then are all executions looked through.
  const spare = stored.filter((row) => !needed.has(String(row.hash)));
  const pinned = spare.length === 0
    ? new Set<string>()
    : pinnedContents(database, going.doomed);
  const contents = spare.filter((row) => !pinned.has(String(row.hash)));
  return {
    contents: contents.map((row) => textOf(row, "hash")),
    fileCount: contents.reduce((sum, row) => sum + Number(row.count), 0),
  };
}

/** The contents that executions which stay may load. */
function pinnedContents(
  database: Database,
  doomed: ReadonlySet<string>,
): ReadonlySet<string> {
  const rows = database.prepare(`
    SELECT e.id AS id, json_extract(pin.value, '$.contentHash') AS hash
    FROM agent_executions AS e, json_each(e.spec, '$.skills') AS pin`).all();
  return new Set(
    rows.filter(({ id }) => !doomed.has(String(id)))
      .map(({ hash }) => String(hash)),
  );
}

/** Bytes that executions, journals and versions take, about. */
async function sizeOf(
  database: Database,
  options: PlanOptions & {
    readonly executions: ExecutionPlan;
    readonly versions: readonly string[];
  },
): Promise<number> {
  const { executions, versions, pause } = options;
  const journal = database.prepare(`
    SELECT sum(length(data) + length(path) + length(name) + ${ROW_BYTES})
      AS bytes FROM journal WHERE run = ?`);
  const version = database.prepare(`
    SELECT length(snapshot) AS bytes FROM api_resource_versions WHERE id = ?`);
  const runs = [...executions.executions, ...executions.journals];
  let bytes = executions.executions.length * EXECUTION_BYTES;
  for (const [i, { run }] of runs.entries()) {
    if (i % BATCH_MAX === BATCH_MAX - 1) await pause();
    bytes += Number(journal.get(run ?? 0)?.bytes ?? 0);
  }
  for (const id of versions) bytes += Number(version.get(id)?.bytes ?? 0);
  return bytes;
}

/** What a row of a journal takes besides its texts, about. */
const ROW_BYTES = 40;
/** What the row of an execution takes with its indices, about. */
const EXECUTION_BYTES = 1500;
