/**
 * The passphrase of an export or import: from standard input, or from a person
 * who is asked for it. It never stands in an argument.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Context } from "./context.ts";

const PASSPHRASE_SIZE_BYTES_MAX = 4096;
const WAY_OUT = "Give it on standard input with --passphrase-stdin";

/**
 * Reads a passphrase.
 *
 * @param options.twice Whether a person is asked twice, as nobody can open
 * what is under a mistyped one.
 * @throws {StigmerError} INVALID_ARGUMENT when there is none.
 */
export async function passphraseFrom(
  context: Context,
  options: { readonly fromStdin: boolean; readonly twice: boolean },
): Promise<string> {
  const { host, io } = context;
  if (options.fromStdin) {
    const text = await host.terminal.readStdin(PASSPHRASE_SIZE_BYTES_MAX);
    const passphrase = text.replace(/\r?\n$/, "");
    if (passphrase !== "") return passphrase;
    throw invalidArgument("Cannot read a passphrase: standard input is empty");
  }
  if (!io.interactive) {
    throw invalidArgument("Cannot do this without a passphrase", {
      hints: [WAY_OUT],
    });
  }
  const first = await ask(context, "Passphrase: ");
  if (options.twice && await ask(context, "Once more: ") !== first) {
    throw invalidArgument("The two passphrases are not the same", {
      hints: ["Try again"],
    });
  }
  return first;
}

async function ask({ io, signal }: Context, text: string): Promise<string> {
  const answer = await io.askHidden(text, signal);
  if (answer !== undefined && answer !== "") return answer;
  throw invalidArgument("Cannot do this without a passphrase", {
    hints: [WAY_OUT],
  });
}
