/**
 * Which stored values nothing refers to once a plan is carried out.
 *
 * @module
 */

import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { KINDS, TABLES } from "./execution_rows.ts";
import type { ExecutionPlan, PlanOptions } from "./garbage_plan.ts";

/** What of a plan says who refers to values no more. */
export interface ValueOptions extends PlanOptions {
  readonly executions: ExecutionPlan;
  /** Ids of the executions that go. */
  readonly doomed: ReadonlySet<string>;
}

/** Rows of one read. */
const BATCH_MAX = 1000;

const VALUES = `
  SELECT sha256, size_bytes FROM stored_values WHERE sha256 > ?
  ORDER BY sha256 LIMIT ${BATCH_MAX}`;
const OF_EVENTS = `
  SELECT value, run, sequence FROM journal
  WHERE value IS NOT NULL AND (value, run, sequence) > (?, ?, ?)
  ORDER BY value, run, sequence LIMIT ${BATCH_MAX}`;
const OF_ARTIFACTS = `
  SELECT sha256, id FROM artifacts WHERE id > ?
  ORDER BY id LIMIT ${BATCH_MAX}`;

/** The stored values that nothing refers to once the rest is gone. */
export async function planValues(
  database: Database,
  options: ValueOptions,
): Promise<{ readonly ids: readonly string[]; readonly sizeBytes: number }> {
  const needed = new Set<string>();
  await addOfEvents(database, options, needed);
  await addOfArtifacts(database, options, needed);
  addOfOutputs(database, options, needed);
  const ids: string[] = [];
  let sizeBytes = 0;
  for (let after = "";;) {
    const rows = database.prepare(VALUES).all(after);
    for (const row of rows) {
      const id = textOf(row, "sha256");
      if (needed.has(id)) continue;
      ids.push(id);
      sizeBytes += Number(row.size_bytes);
    }
    const last = rows.at(-1);
    if (last === undefined) return { ids, sizeBytes };
    after = textOf(last, "sha256");
    await options.pause();
  }
}

/** Adds what journals refer to that stay, or events that do. */
async function addOfEvents(
  database: Database,
  { executions, pause }: ValueOptions,
  needed: Set<string>,
): Promise<void> {
  const gone = new Set(executions.executions.map(({ run }) => run));
  const journals = new Map(
    executions.journals.map(({ run, lastSequence }) => [run, lastSequence]),
  );
  const read = database.prepare(OF_EVENTS);
  let after: readonly [string, number, number] = ["", 0, 0];
  for (;;) {
    const rows = read.all(...after);
    for (const row of rows) {
      const [run, sequence] = [Number(row.run), Number(row.sequence)];
      after = [textOf(row, "value"), run, sequence];
      if (gone.has(run)) continue;
      const last = journals.get(run);
      const stays = last === undefined || sequence === 1 || sequence === last;
      if (stays) needed.add(after[0]);
    }
    if (rows.length === 0) return;
    await pause();
  }
}

async function addOfArtifacts(
  database: Database,
  { executions, pause }: ValueOptions,
  needed: Set<string>,
): Promise<void> {
  const gone = new Set(executions.artifacts.map(({ id }) => id));
  const read = database.prepare(OF_ARTIFACTS);
  for (let after = "";;) {
    const rows = read.all(after);
    for (const row of rows) {
      after = textOf(row, "id");
      if (!gone.has(after)) needed.add(textOf(row, "sha256"));
    }
    if (rows.length === 0) return;
    await pause();
  }
}

function addOfOutputs(
  database: Database,
  { doomed }: ValueOptions,
  needed: Set<string>,
): void {
  for (const kind of KINDS) {
    const rows = database.prepare(`
      SELECT id, json_extract(status, '$.outputValue') AS value
      FROM ${TABLES[kind]}
      WHERE json_extract(status, '$.outputValue') IS NOT NULL`).all();
    for (const row of rows) {
      if (!doomed.has(String(row.id))) needed.add(String(row.value));
    }
  }
}
