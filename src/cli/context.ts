/**
 * What a command is given: the machine, the streams, the settings, and the
 * way to a backend.
 *
 * @module
 */

import type { Backend, OpenBackendOptions } from "../backend/open.ts";
import type { Host } from "../host/host.ts";
import type { Io } from "./io.ts";
import type { Settings } from "./settings.ts";
import { importUnseen } from "../model/unseen.ts";

/** What a command is given. */
export interface Context {
  readonly host: Host;
  readonly io: Io;
  readonly settings: Settings;
  /** As `agent create`. */
  readonly command: string;
  /** Which of the command's own forms is printed, where it has its own. */
  readonly form?: string;
  /** Aborted when `--timeout` has passed. */
  readonly signal: AbortSignal;
}

/** Opens the backend that the settings name. */
export async function openFor(
  context: Context,
  execute: "none" | "own" = "none",
  options: Pick<OpenBackendOptions, "tape"> = {},
): Promise<Backend> {
  const { openBackend } = await importUnseen<
    typeof import("../backend/open.ts")
  >("../backend/open.ts", import.meta.url);
  const { host, settings } = context;
  return await openBackend({
    host,
    home: settings.home,
    execute,
    ...options,
    ...(settings.databasePath === undefined
      ? {}
      : { databasePath: settings.databasePath }),
  });
}
