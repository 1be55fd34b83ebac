/**
 * Copies an open database while others write to it, and looks into copies.
 *
 * The copy is of one moment: a transaction that reads holds what SQLite sees
 * still, so that the copy is never begun anew however much is written.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import { integerOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { findDamage } from "./integrity.ts";
import { APPLICATION_ID } from "./migrate.ts";

/** What a file says it is. */
export interface CopyFacts {
  /** The newest migration applied. */
  readonly schemaVersion: number;
}

/**
 * Copies a database into a file that is empty, as one file without a log, and
 * checks every page of the copy.
 *
 * @throws {StigmerError} DATA_LOSS when the copy is not sound.
 */
export async function copyDatabase(
  { driver, path }: Database,
  to: string,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<CopyFacts> {
  const { clock, signal } = options;
  await driver.copy(path, to, () => clock.sleep(0, signal));
  using copy = driver.open(to);
  // A log beside it would be a second file without which it is not whole.
  copy.prepare("PRAGMA journal_mode = DELETE").get();
  return await checkCopy(copy, { ...options, name: path });
}

/**
 * Says what an open copy is.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it is no database of
 * Stigmer's; DATA_LOSS when it is damaged.
 */
export async function checkCopy(
  copy: Database,
  options: {
    readonly clock: Clock;
    readonly signal?: AbortSignal;
    /** What people know it as. */
    readonly name: string;
  },
): Promise<CopyFacts> {
  const { name } = options;
  const id = copy.prepare("PRAGMA application_id").get()?.application_id;
  if (Number(id) !== APPLICATION_ID) throw notStigmers(name);
  const damage = await findDamage(copy, options);
  if (damage.length > 0) throw damaged(name, damage);
  const row = copy.prepare("SELECT max(version) AS version FROM schema_version")
    .get();
  return { schemaVersion: integerOf(row ?? {}, "version") };
}

/** Makes the error for a file that is no database of Stigmer's. */
export function notStigmers(name: string): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot use "${name}": it is no database of Stigmer's`,
    { hints: ["Name a file that `stigmer backup` wrote"] },
  );
}

function damaged(name: string, damage: readonly string[]): StigmerError {
  const [first = "", ...more] = damage;
  const rest = more.length === 0 ? "" : `, and ${more.length} more`;
  return new StigmerError(
    "DATA_LOSS",
    `Cannot use "${name}": it is damaged: ${first}${rest}`,
    { hints: ["Use an earlier backup; nothing was changed"] },
  );
}
