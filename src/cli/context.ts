/**
 * What a command is given: the machine, the streams, the settings, and the
 * way to a backend.
 *
 * @module
 */

import type { Backend, OpenBackendOptions } from "../backend/open.ts";
import type { Host } from "../host/host.ts";
import type { CloudChoice } from "./backend/choice.ts";
import type { Io } from "./io.ts";
import type { Settings } from "./settings.ts";
import { failedPrecondition } from "../model/error.ts";
import { folderOf, userVariable } from "./path.ts";
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

/** Opens the backend that the settings name: of this machine, or of a server. */
export async function openFor(
  context: Context,
  execute: "none" | "own" = "none",
  options: Pick<OpenBackendOptions, "tape"> = {},
): Promise<Backend> {
  const choice = await serverOf(context);
  if (choice !== undefined) {
    const { openServer } = await opening();
    return await openServer(context, choice, options);
  }
  const { host, settings } = context;
  requireUserFolder(context);
  const { openBackend } = await importUnseen<
    typeof import("../backend/open.ts")
  >("../backend/open.ts", import.meta.url);
  return await openBackend({
    host,
    home: settings.home,
    execute,
    ...settings.sqlite,
    ...options,
    ...(settings.databasePath === undefined
      ? {}
      : { databasePath: settings.databasePath }),
  });
}

/**
 * Refuses to make the folder of a user who has none, as accounts of services:
 * nobody would look for a database there.
 */
function requireUserFolder(
  { host, settings }: Pick<Context, "host" | "settings">,
): void {
  const home = settings.byKey.get("home");
  if (home?.origin !== "default") return;
  const user = folderOf(host, home.value);
  if (host.files.stat(user) !== undefined) return;
  throw failedPrecondition(
    `Cannot make a home folder: "${user}", which ${
      userVariable(host)
    } names, is not there`,
    { hints: ["Give one with --home, or set STIGMER_HOME"] },
  );
}

/** The server that the settings name, or `undefined` for the local backend. */
export async function serverOf(
  { settings }: Pick<Context, "settings">,
): Promise<CloudChoice | undefined> {
  if (!settings.mayBeCloud) return undefined;
  const { chooseBackend } = await choosing();
  const choice = chooseBackend(settings);
  return choice.kind === "cloud" ? choice : undefined;
}

/**
 * Opens the backend of a name, whichever is used otherwise: `local`, `cloud`
 * or a context.
 *
 * @throws {StigmerError} NOT_FOUND when there is none of that name.
 */
export async function openNamed(
  context: Context,
  name: string,
): Promise<Backend> {
  const { settings } = context;
  const { choiceNamed } = await choosing();
  const choice = choiceNamed(settings, name);
  if (choice.kind === "local") {
    return await openFor({
      ...context,
      settings: { ...settings, mayBeCloud: false },
    });
  }
  const { openServer } = await opening();
  return await openServer(context, choice, { keptFirst: true });
}

/**
 * Refuses a command that only the local backend can do.
 *
 * @param act What it does, as `run a worker`.
 * @throws {StigmerError} UNIMPLEMENTED when a server is used.
 */
export async function refuseServer(
  context: Context,
  act: string,
): Promise<void> {
  const choice = await serverOf(context);
  if (choice === undefined) return;
  const { localOnly } = await opening();
  throw localOnly(context, choice, act);
}

function choosing(): Promise<typeof import("./backend/choice.ts")> {
  return importUnseen("./backend/choice.ts", import.meta.url);
}

function opening(): Promise<typeof import("./backend/opening.ts")> {
  return importUnseen("./backend/opening.ts", import.meta.url);
}
