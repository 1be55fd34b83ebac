/**
 * The `shell` activity: runs a command of the host's shell, with a bare
 * environment and what the task gives it.
 *
 * @module
 */

import type { SpawnOptions } from "../host/host.ts";
import { cmdStart, quoteForCmd } from "../host/windows_start.ts";
import { withPlainPermissions } from "../host/missing_permission.ts";
import type { Activity, ActivityContext } from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import { isJsonObject, member } from "../model/json.ts";
import { failed, isWindows, type ProcessHost, runProcess } from "./process.ts";
import {
  parseProcessInput,
  parseText,
  type ProcessInput,
} from "./process_input.ts";

/** Characters of a command that an error names. */
const COMMAND_LENGTH_MAX = 80;

/** Makes the activity. */
export function createShellActivity(
  { host }: { readonly host: ProcessHost },
): Activity {
  return async (json, context) => {
    const object = isJsonObject(json) ? json : {};
    const input = parseProcessInput(object);
    const command = parseText(member(object, "command")) ?? "";
    const what = `command ${quoted(command)}`;
    let spawn: SpawnOptions;
    try {
      spawn = spawnOf(host, { command, input, context });
    } catch (error) {
      const why = withPlainPermissions(messageOf(error));
      return failed("runtime", `Cannot run ${what}: ${why}`);
    }
    return await runProcess(host, { ...input, what, spawn }, context);
  };
}

function spawnOf(
  host: ProcessHost,
  { command, input, context }: {
    readonly command: string;
    readonly input: ProcessInput;
    readonly context: ActivityContext;
  },
): SpawnOptions {
  return {
    ...(isWindows(host)
      ? cmdStart(cmdLine(command, input.args), host.env.get("SYSTEMROOT"))
      : { command: "/bin/sh", args: ["-c", command, "sh", ...input.args] }),
    env: { ...host.processes.baseEnv(), ...input.environment },
    cwd: context.workingDirectory,
  };
}

/**
 * A command of `cmd.exe`, which knows no `$1`: the arguments stand behind it.
 *
 * @throws {TypeError} When one of them could become a command of its own.
 */
function cmdLine(command: string, args: readonly string[]): string {
  const words = args.map((arg, index) => {
    const quoted = quoteForCmd(arg);
    if (quoted !== undefined) return quoted;
    throw new TypeError(
      `argument ${index + 1} has a double quote, a % or a line end in it, ` +
        "which cmd.exe cannot be given safely, give it in environment",
    );
  });
  return [command.trim(), ...words].join(" ");
}

function quoted(command: string): string {
  const line = command.trim().split("\n")[0] ?? "";
  return line.length > COMMAND_LENGTH_MAX
    ? `"${line.slice(0, COMMAND_LENGTH_MAX)}…"`
    : `"${line}"`;
}
