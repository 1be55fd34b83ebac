/**
 * The events that a run sees: those after the newest one at its creation.
 *
 * @module
 */

import type { ExecutionId } from "../model/id.ts";
import type { Database } from "./driver.ts";

const COPY = `
  UPDATE runs SET events_after =
    (SELECT events_after FROM runs WHERE execution_id = ?)
  WHERE execution_id = ?`;

/**
 * Lets one execution see the events that another one could: what came for that
 * one must not be lost for who goes on in its place.
 */
export function copyEventsAfter(
  database: Database,
  options: { readonly from: ExecutionId; readonly to: ExecutionId },
): void {
  database.prepare(COPY).run(options.from, options.to);
}
