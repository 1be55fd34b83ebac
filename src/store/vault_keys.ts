/**
 * Master keys by their ids: which is in use, and where each is kept. The keys
 * themselves are never here.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { bytesOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { timeMs, timeText } from "./time.ts";

/**
 * What a master key is there for: `current` wraps what is new, `next` is what
 * a rotation has begun with, `retired` ones are for backups, `forgotten` ones
 * are about to go.
 */
export type VaultKeyState = "current" | "next" | "retired" | "forgotten";

/** Where a master key is kept. */
export type VaultKeySource = "keychain" | "env" | "env-file" | "key-file";

/** A master key as it is known here. */
export interface VaultKeyRow {
  readonly id: string;
  readonly state: VaultKeyState;
  readonly source: VaultKeySource;
  /** In the source's own words. */
  readonly location: string;
  /** A known text sealed under it. */
  readonly checkValue: Uint8Array<ArrayBuffer>;
  readonly createdAtMs: number;
}

const COLUMNS = "id, state, source, location, check_value, created_at";
const SELECT = `SELECT ${COLUMNS} FROM vault_keys`;
const ALL = `${SELECT} ORDER BY created_at, id`;
const BY_ID = `${SELECT} WHERE id = ?`;
const BY_STATE = `${SELECT} WHERE state = ? ORDER BY created_at, id LIMIT 1`;
const INSERT = `
  INSERT INTO vault_keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`;
const SET_STATE = "UPDATE vault_keys SET state = ? WHERE id = ?";
const DELETE = "DELETE FROM vault_keys WHERE id = ?";

/** All master keys that are known, oldest first. */
export function vaultKeys(database: Database): readonly VaultKeyRow[] {
  return database.prepare(ALL).all().map(toRow);
}

/** Finds a master key by its id. */
export function vaultKey(
  database: Database,
  id: string,
): VaultKeyRow | undefined {
  const row = database.prepare(BY_ID).get(id);
  return row === undefined ? undefined : toRow(row);
}

/** The master key in some state; the oldest where there are several. */
export function vaultKeyIn(
  database: Database,
  state: VaultKeyState,
): VaultKeyRow | undefined {
  const row = database.prepare(BY_STATE).get(state);
  return row === undefined ? undefined : toRow(row);
}

/** Notes a master key. */
export function insertVaultKey(database: Database, row: VaultKeyRow): void {
  database.prepare(INSERT).run(
    row.id,
    row.state,
    row.source,
    row.location,
    row.checkValue,
    timeText(row.createdAtMs),
  );
}

/** Gives a master key another state. */
export function setVaultKeyState(
  database: Database,
  id: string,
  state: VaultKeyState,
): void {
  database.prepare(SET_STATE).run(state, id);
}

/** Takes a master key out of the list; nothing may be wrapped by it. */
export function deleteVaultKey(database: Database, id: string): void {
  database.prepare(DELETE).run(id);
}

function toRow(row: SqlRow): VaultKeyRow {
  return {
    id: textOf(row, "id"),
    state: parseState(textOf(row, "state")),
    source: parseSource(textOf(row, "source")),
    location: textOf(row, "location"),
    checkValue: bytesOf(row, "check_value"),
    createdAtMs: timeMs(textOf(row, "created_at")),
  };
}

function parseState(text: string): VaultKeyState {
  switch (text) {
    case "current":
    case "next":
    case "retired":
    case "forgotten":
      return text;
  }
  throw unknownWord("state", text);
}

function parseSource(text: string): VaultKeySource {
  switch (text) {
    case "keychain":
    case "env":
    case "env-file":
    case "key-file":
      return text;
  }
  throw unknownWord("source", text);
}

function unknownWord(column: string, text: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot read the master keys: ${column} "${text}" is not known`,
    { hints: ["Something else wrote to the database, restore a backup"] },
  );
}
