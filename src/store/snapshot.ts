/**
 * A look at the whole database as it is at one moment, while others go on
 * writing.
 *
 * @module
 */

import type { Database } from "./driver.ts";

const BEGIN = "BEGIN";
/** A transaction sees what there is when it first reads. */
const FIRST_READ = "SELECT count(*) AS count FROM schema_version";

/**
 * Opens the file of a database a second time, to read what it holds now;
 * closing it ends the look. Nothing can be written through it.
 */
export function openSnapshot({ driver, path }: Database): Database {
  const database = driver.open(path, { readonly: true });
  try {
    database.prepare(BEGIN).run();
    database.prepare(FIRST_READ).get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
