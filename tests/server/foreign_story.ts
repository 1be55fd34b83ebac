/**
 * Runs the story of the calls, and makes two runs of it comparable.
 *
 * @module
 */

import type { Caller, Outcome } from "./foreign_callers.ts";
import { type Json, type Kept, type Row, ROWS } from "./foreign_rows.ts";

/** What came of one row. */
export interface Told {
  readonly row: Row;
  readonly outcome: Outcome;
}

/** Makes the calls one after another, as each needs what came before. */
export async function tell(call: Caller): Promise<readonly Told[]> {
  const told: Told[] = [];
  let kept: Kept = {};
  for (const row of ROWS) {
    const outcome = await call(row.method, row.request(kept));
    kept = { ...kept, ...keptOf(row, outcome) };
    told.push({ row, outcome });
  }
  return told;
}

function keptOf({ keep }: Row, outcome: Outcome): Kept {
  if (outcome.kind === "failed") return {};
  const kept: Record<string, Json> = {};
  for (const [name, path] of Object.entries(keep ?? {})) {
    const found = outcome.messages.map((it) => at(it, path))
      .find((it) => it !== undefined);
    if (found !== undefined) kept[name] = found;
  }
  return kept;
}

function at(json: Json, path: string): Json | undefined {
  let here: unknown = json;
  for (const key of path.split(".")) {
    if (typeof here !== "object" || here === null) return undefined;
    here = Reflect.get(here, key);
  }
  return isJson(here) ? here : undefined;
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** What differs from one home to the next, and between near and far. */
const VARIES: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z]{3}-[0-9a-hjkmnp-tv-z]{26}\b/g, "ID"],
  [/\bstigmer-sealed:[\w.:-]+/g, "SEALED"],
  // The names of executions end as their ids do.
  [/\b(?:flow|helper)-[0-9a-hjkmnp-tv-z]{6}\b/g, "RUN"],
  [/\bkey-[0-9a-z]{6,}\b/g, "KEY"],
  [/\bstg_\w+/g, "TOKEN"],
  [/\b[\d.]+ [KMGT]iB\b/g, "SIZE"],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"],
  [/\b[0-9a-f]{64}\b/g, "HASH"],
  [/(?:\/[\w.-]+)+\/(?=[\w.-]+\b)/g, "PATH/"],
];
const VARYING_KEYS: ReadonlySet<string> = new Set([
  "chunk",
  "checksum",
  "contractRevision",
  "durationMs",
  "keyId",
  "location",
  "remoteAddress",
  "requestId",
  "role",
  "sizeBytes",
  "startedAt",
  "type",
  "workerSlots",
]);

/** An outcome without what differs from one home to the next. */
export function comparable(outcome: Outcome): unknown {
  return JSON.parse(
    JSON.stringify(outcome, (key, value) => {
      if (VARYING_KEYS.has(key)) return undefined;
      return typeof value === "string" ? steady(value) : value;
    }),
  );
}

function steady(text: string): string {
  return VARIES.reduce(
    (before, [pattern, name]) => before.replaceAll(pattern, name),
    text,
  );
}
