/**
 * Settings that belong to the data and not to a process, as JSON by name.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { timeMs, timeText } from "./time.ts";

/** A setting as it is kept. */
export interface SettingRow {
  readonly value: Json;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

const READ =
  "SELECT value, updated_at, updated_by FROM settings WHERE name = ?";
const WRITE = `
  INSERT INTO settings (name, value, updated_at, updated_by)
  VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET
    value = excluded.value, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by`;

/** Reads a setting, or `undefined` when it was never written. */
export function readSetting(
  database: Database,
  name: string,
): SettingRow | undefined {
  const row = database.prepare(READ).get(name);
  if (row === undefined) return undefined;
  return {
    value: JSON.parse(textOf(row, "value")),
    updatedAtMs: timeMs(textOf(row, "updated_at")),
    updatedBy: textOf(row, "updated_by"),
  };
}

/** Writes a setting over what it was. */
export function writeSetting(
  database: Database,
  name: string,
  of: {
    readonly value: Json;
    readonly nowMs: number;
    readonly identity: string;
  },
): void {
  database.prepare(WRITE).run(
    name,
    JSON.stringify(of.value),
    timeText(of.nowMs),
    of.identity,
  );
}
