/**
 * The `shell` activity: runs a command of the host's shell, with a bare
 * environment and what the task gives it.
 *
 * @module
 */

import type { SpawnOptions } from "../host/host.ts";
import type { Activity, ActivityContext } from "../model/durable.ts";
import { isJsonObject, member } from "../model/json.ts";
import { isWindows, type ProcessHost, runProcess } from "./process.ts";
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
    return await runProcess(host, {
      ...input,
      what: `command ${quoted(command)}`,
      spawn: spawnOf(host, { command, input, context }),
    }, context);
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
  const windows = isWindows(host);
  return {
    command: windows ? "cmd.exe" : "/bin/sh",
    args: windows
      ? ["/d", "/s", "/c", command, ...input.args]
      : ["-c", command, "sh", ...input.args],
    env: { ...host.processes.baseEnv(), ...input.environment },
    cwd: context.workingDirectory,
  };
}

function quoted(command: string): string {
  const line = command.trim().split("\n")[0] ?? "";
  return line.length > COMMAND_LENGTH_MAX
    ? `"${line.slice(0, COMMAND_LENGTH_MAX)}…"`
    : `"${line}"`;
}
