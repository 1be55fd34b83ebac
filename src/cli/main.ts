/**
 * The program: finds the command, runs it, and turns how it ended into an exit
 * code. The only catch-all and the only exit codes of the whole.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  EXIT_CODES,
  NEWER_EXIT_CODE,
  WAITING_EXIT_CODE,
} from "../model/error.ts";
import { VERSION } from "../model/version.ts";
import type { Command, Ending } from "./command.ts";
import type { Resolved } from "./resolve.ts";
import { isPipeClosed, writeStdout } from "./stdout.ts";

type HelpWanted = Exclude<Resolved, { kind: "verb" | "unknown" }>;

/**
 * Runs one command line.
 *
 * @param words What was typed after the name of the program.
 * @param host The machine.
 * @returns The exit code.
 */
export async function main(
  words: readonly string[],
  host: Host,
): Promise<number> {
  try {
    // The answer to this question must not wait for anything.
    if (words.length === 1 && /^(version|--version|-V)$/.test(words[0] ?? "")) {
      host.permissions.giveUp("all");
      writeStdout(host, `${VERSION}\n`);
      return 0;
    }
    return exitCodeOf(await dispatch(words, host));
  } catch (thrown) {
    if (isPipeClosed(thrown)) return 0;
    const { reportError } = await import("./report.ts");
    return EXIT_CODES[await reportError(thrown, { words, host })];
  }
}

/** Gives the exit code for how a command ended. */
export function exitCodeOf(ending: Ending): number {
  switch (ending) {
    case "ok":
      return 0;
    case "failed":
      return 1;
    case "waiting":
      return WAITING_EXIT_CODE;
    case "newer":
      return NEWER_EXIT_CODE;
    default:
      return EXIT_CODES[ending];
  }
}

async function dispatch(
  words: readonly string[],
  host: Host,
): Promise<Ending> {
  const { resolveCommand } = await import("./resolve.ts");
  const resolved = resolveCommand(words);
  if (resolved.kind === "verb") {
    const { command } = await resolved.verb.load();
    return await runCommand(host, { ...resolved, command });
  }
  if (resolved.kind === "unknown") {
    const { unknownCommand } = await import("./unknown_command.ts");
    throw unknownCommand(resolved);
  }
  return await showHelp(host, resolved);
}

/** Without a command there is this one besides; it may be what was meant. */
const VERSION_OPTION = { kind: "flag", short: "V", summary: "" } as const;

/** Shows the help of the whole or of a noun. */
async function showHelp(host: Host, resolved: HelpWanted): Promise<Ending> {
  if (resolved.rest.some((it) => it === "--version" || it === "-V")) {
    writeStdout(host, `${VERSION}\n`);
    return "ok";
  }
  const [
    { splitOptions, withUsageHint },
    { GLOBAL_OPTIONS },
    { nounHelp, rootHelp },
  ] = await Promise.all([
    import("./parse.ts"),
    import("./globals.ts"),
    import("./help.ts"),
  ]);
  host.permissions.giveUp("all");
  // Only to refuse what does not exist.
  const options = { ...GLOBAL_OPTIONS, version: VERSION_OPTION };
  const name = resolved.kind === "noun" ? resolved.name : "";
  withUsageHint(name, () => splitOptions(resolved.rest, options));
  const text = resolved.kind === "noun"
    ? nounHelp(resolved.name, resolved.noun)
    : rootHelp();
  writeStdout(host, `${text}\n`);
  return "ok";
}

async function runCommand(
  host: Host,
  found: Extract<Resolved, { kind: "verb" }> & { readonly command: Command },
): Promise<Ending> {
  const { invoke, parseCommand } = await import("./invoke.ts");
  const { command, name } = found;
  const parsed = parseCommand(found.rest, { command, name });
  if (parsed.options["help"] === true) {
    const { commandHelp } = await import("./help.ts");
    host.permissions.giveUp("all");
    const text = commandHelp(name, command, found.verb.aliases);
    writeStdout(host, `${text}\n`);
    return "ok";
  }
  return await invoke(host, { name, command, parsed });
}
