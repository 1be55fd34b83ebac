/**
 * What stands beside the database that no agent is to read.
 *
 * @module
 */

import { KEY_FILE_NAME } from "../vault/key_file_source.ts";
import { beside, folderOf } from "./beside.ts";
import { CREDENTIALS_NAME } from "./credentials.ts";

/** Names what is kept in the folder of a database. */
export function ownFilesOf(
  databasePath: string,
): { readonly folder: string; readonly names: readonly string[] } {
  const database = databasePath.slice(beside(databasePath, "").length);
  return {
    folder: folderOf(databasePath),
    names: [database, KEY_FILE_NAME, CREDENTIALS_NAME, "workers/", "logins/"],
  };
}
