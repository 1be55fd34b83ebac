/**
 * The order in which the events of journals must come.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { JournalPart } from "./history_parse.ts";

/**
 * Makes what refuses a part of a journal whose events came before: those of a
 * run are there once, which the database would say in words of its own.
 */
export function orderKeeper(): (part: JournalPart) => void {
  const lastEvents = new Map<string, number>();
  return ({ executionId, rows }) => {
    const [{ sequence }] = rows;
    const last = lastEvents.get(executionId) ?? -1;
    if (sequence <= last) {
      throw invalidArgument(
        `Cannot import the journal of execution "${executionId}": event ` +
          `${sequence} comes after event ${last}`,
        { hints: ["Export again, and import that"] },
      );
    }
    lastEvents.set(executionId, rows.at(-1)?.sequence ?? sequence);
  };
}
