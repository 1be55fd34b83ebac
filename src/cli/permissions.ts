/**
 * What each command may do once its settings are read: the rest of what this
 * process was given is given up before the command begins, and nothing brings
 * it back.
 *
 * Deno gives up all of a permission or none of it: who may read everything
 * cannot be left with one folder. So files and the environment are kept
 * wherever something is read, and the network and other programs are what a
 * command loses that has no use for them.
 *
 * @module
 */

import type { Host, PermissionName } from "../host/host.ts";
import { PERMISSION_NAMES } from "../host/permission_names.ts";
import type { Needs } from "./command.ts";
import { serverOf } from "./context.ts";
import type { Settings } from "./settings.ts";

/** What a command keeps where the backend is this machine, or a server. */
interface Kept {
  readonly here: readonly PermissionName[];
  readonly server: readonly PermissionName[];
}

const FILES = ["read", "env"] as const;
const STORE = ["read", "write", "env", "sys"] as const;
/** Files are written by commands that fetch something, as `skill get`. */
const CALLS = ["read", "write", "net", "env"] as const;
/** Nobody imports code from elsewhere. */
const ALL = ["read", "write", "net", "env", "run", "sys"] as const;

/** What is kept, by what a command needs. */
const KEPT: Readonly<Record<Needs, Kept>> = {
  reading: { here: FILES, server: FILES },
  writing: { here: [...FILES, "write"], server: [...FILES, "write"] },
  backend: { here: STORE, server: CALLS },
  secrets: { here: [...STORE, "run"], server: CALLS },
  // What offers tools at a socket asks whose the folder is.
  executions: { here: ALL, server: [...CALLS, "sys"] },
  machine: { here: ALL, server: ALL },
  everything: { here: PERMISSION_NAMES, server: PERMISSION_NAMES },
};

/** What a command needs unless it says otherwise. */
export const NEEDS_DEFAULT: Needs = "backend";

/** Gives up what a command does not need. */
export async function giveUpRest(
  host: Host,
  settings: Settings,
  { needs = NEEDS_DEFAULT, also = [] }: {
    readonly needs?: Needs | undefined;
    /** What this command line needs besides. */
    readonly also?: readonly PermissionName[];
  } = {},
): Promise<void> {
  const kept = [...await keptFor(host, settings, needs), ...also];
  host.permissions.giveUp(
    PERMISSION_NAMES.filter((it) => !kept.includes(it)),
  );
}

/** What a command keeps of what this process may do. */
export async function keptFor(
  host: Host,
  settings: Settings,
  needs: Needs,
): Promise<readonly PermissionName[]> {
  const { here, server } = KEPT[needs];
  if (needs === "reading" || needs === "writing" || needs === "everything") {
    return here;
  }
  const kept = [...here, ...libraryOf(settings)];
  if (needs === "machine" || !settings.mayBeCloud) return kept;
  try {
    const choice = await serverOf({ settings });
    if (choice === undefined) return kept;
    const isInKeychain = choice.token === undefined && mayAskKeychain(host);
    return isInKeychain ? [...server, "run"] : server;
  } catch {
    // The command itself says what is wrong when it comes to choose.
    return kept;
  }
}

/** A driver of the database that is a library of the system is loaded. */
function libraryOf({ byKey }: Settings): readonly PermissionName[] {
  return byKey.get("backend.local.driver")?.value === "ffi" ? ["ffi"] : [];
}

/** Whether the token of a server may be in the keychain, asked by a program. */
function mayAskKeychain({ env }: Host): boolean {
  const isGiven = (name: string): boolean => (env.get(name) ?? "") !== "";
  if (isGiven("STIGMER_TOKEN") || isGiven("STIGMER_TOKEN_FILE")) return false;
  const source = env.get("STIGMER_KEY_SOURCE") ?? "";
  return source === "" || source === "keychain";
}

/**
 * Whether a file is a script that defines resources: one that names it needs
 * another program besides, which runs it.
 */
export function isProgram(path: string): boolean {
  return /\.[mc]?[jt]s$/i.test(path);
}
