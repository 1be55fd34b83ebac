/**
 * Names owners of secrets as people know them: nobody knows an id.
 *
 * @module
 */

import { parseExecutionId } from "../model/id.ts";
import type { Database } from "../store/driver.ts";
import { loginOfOwner } from "../store/mcp_logins.ts";
import { resourceById } from "../store/resources.ts";
import type { SealedRow } from "../store/sealed_values.ts";

/** An owner that secrets are sealed for: `environment "prod"`. */
export function ownerInWords(database: Database, ownerId: string): string {
  // It has no name as long as it is not stored.
  return known(database, ownerId) ?? "a new environment";
}

/** A sealed value, by where it came from: `secret "A" of environment "prod"`. */
export function secretInWords(
  database: Database,
  value: Pick<SealedRow, "alias" | "ownerId" | "originId">,
): string {
  const { alias, ownerId, originId } = value;
  // Executions keep what they were handed by one that is deleted since.
  const from = known(database, originId) ?? known(database, ownerId) ??
    `"${ownerId}"`;
  return `secret "${alias}" of ${from}`;
}

function known(database: Database, id: string): string | undefined {
  if (parseExecutionId(id) !== undefined) return `execution "${id}"`;
  const slug = resourceById(database, "Environment", id)?.slug;
  if (slug !== undefined) return `environment "${slug}"`;
  const login = loginOfOwner(database, id);
  return login === undefined ? undefined : `the login to "${login.server}"`;
}
