/**
 * Asks before something is lost.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { FlagSpec } from "./command.ts";
import type { Context } from "./context.ts";

/** The option that answers before it is asked. */
export const YES_OPTION: FlagSpec = {
  kind: "flag",
  short: "y",
  summary: "Do not ask",
};

/** Things that a question names one by one at the most. */
const NAMED_MAX = 5;

/**
 * Asks whether something shall be deleted.
 *
 * @throws {StigmerError} When nobody can be asked and `--yes` was not given.
 */
export async function confirmDeletion(
  context: Context,
  what: readonly string[],
  yes: boolean,
): Promise<boolean> {
  if (yes) return true;
  const { io } = context;
  const named = what.length > NAMED_MAX
    ? `${what.length} resources`
    : what.join(", ");
  if (!io.interactive) {
    throw invalidArgument(`Cannot ask whether to delete ${named}`, {
      hints: ["Give --yes to delete without being asked"],
    });
  }
  const answer = await io.ask(`Delete ${named}? [y/N] `);
  if (/^y(es)?$/i.test((answer ?? "").trim())) return true;
  io.alert("Nothing was deleted");
  return false;
}
