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

/** What is asked about. */
export interface Act {
  /** As `revoke`. */
  readonly verb: string;
  /** As `revoked`. */
  readonly done: string;
  /** To what it is done. */
  readonly what: readonly string[];
  /** Whether the answer was given before. */
  readonly yes: boolean;
}

/**
 * Asks whether something shall be deleted.
 *
 * @throws {StigmerError} When nobody can be asked and `--yes` was not given.
 */
export function confirmDeletion(
  context: Context,
  what: readonly string[],
  yes: boolean,
): Promise<boolean> {
  return confirmAct(context, { verb: "delete", done: "deleted", what, yes });
}

/**
 * Asks whether something shall be done.
 *
 * @throws {StigmerError} When nobody can be asked and `--yes` was not given.
 */
export async function confirmAct(
  context: Context,
  { verb, done, what, yes }: Act,
): Promise<boolean> {
  if (yes) return true;
  const { io } = context;
  const named = what.length > NAMED_MAX
    ? `${what.length} resources`
    : what.join(", ");
  if (!io.interactive) {
    throw invalidArgument(`Cannot ask whether to ${verb} ${named}`, {
      hints: [`Give --yes to ${verb} without being asked`],
    });
  }
  const answer = await io.ask(`${capitalised(verb)} ${named}? [y/N] `);
  if (/^y(es)?$/i.test((answer ?? "").trim())) return true;
  io.alert(`Nothing was ${done}`);
  return false;
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
