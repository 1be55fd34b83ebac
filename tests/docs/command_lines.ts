/**
 * The command lines of Stigmer in a text, and whether the program takes them:
 * for what stands on a page and cannot be run there.
 *
 * @module
 */

import { parseCommand } from "../../src/cli/invoke.ts";
import { resolveCommand } from "../../src/cli/resolve.ts";
import { unknownCommand } from "../../src/cli/unknown_command.ts";
import { messageOf } from "../../src/model/error.ts";

/** What may stand before the program on a line. */
const LAUNCHERS =
  /^(?:[A-Z_]+=(?:"[^"]*"|\S*) +|runuser -u \w+ -- +|(?:npx -y deno@\S+|deno) task +|sudo +)+/;
/** What parts the commands of a line, and what a reader is told behind them. */
const PARTS = /\s(?:&&|\|\|?|;)(?=\s)|\s+#\s.*$|\s+(?:2>&1|\d?>>?.*|<.*|&)$/;

/** What a shell puts in its own place. */
const SUBSTITUTED = /\$\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g;

/** Lists the command lines of Stigmer, without the word itself. */
export function commandLinesOf(text: string): readonly string[] {
  const inner = [...text.matchAll(SUBSTITUTED)].map(([, it = ""]) => it);
  const outer = text.replaceAll(SUBSTITUTED, "SUBSTITUTED")
    .replaceAll(/\\\n\s*/g, "");
  return [...outer.split("\n"), ...inner].flatMap((line) =>
    line.replace(/^\$ /, "").split(PARTS)
      .map((part) => part.trim().replace(LAUNCHERS, ""))
      .filter((part) => /^stigmer(?: |$)/.test(part))
      .map((part) => part.slice("stigmer".length).trim())
  );
}

/** Says what is wrong with a command line; nothing when all is well. */
export async function commandProblem(
  line: string,
): Promise<string | undefined> {
  const words = shellWords(line);
  try {
    const found = resolveCommand(words);
    if (found.kind === "unknown") return unknownCommand(found).message;
    if (found.kind !== "verb") return undefined;
    const { command } = await found.verb.load();
    parseCommand(found.rest, { name: found.name, command });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Splits a command line as a shell does, quotes taken off. */
function shellWords(line: string): readonly string[] {
  const words = line.matchAll(
    /(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|[^\s'"])+/g,
  );
  return [...words].map(([word]) =>
    word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, "$1$2")
  );
}
