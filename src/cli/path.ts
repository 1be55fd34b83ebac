/**
 * Paths as the platform writes them.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  folderOfPath,
  isAbsolutePath,
  joinPath as joinPathOn,
  resolvePath,
} from "../host/os.ts";

/** Joins a folder and what is in it. */
export function joinPath(host: Host, folder: string, name: string): string {
  return joinPathOn(host.platform.os, folder, name);
}

/** Makes a path absolute; a leading `~` is the folder of the user. */
export function absolutePath(host: Host, path: string): string {
  const { os, homeDirectory: user } = host.platform;
  const isOfUser = os === "windows" ? /^~[/\\]/ : /^~\//;
  if (user !== undefined && isAbsolutePath(os, user)) {
    if (path === "~") return user;
    if (isOfUser.test(path)) return joinPathOn(os, user, path.slice(2));
  }
  return resolvePath(os, host.platform.cwd(), path);
}

/** The folder that a path lies in. */
export function folderOf(host: Host, path: string): string {
  return folderOfPath(host.platform.os, path);
}

/** The variable that names the folder of the user. */
export function userVariable({ platform }: Host): string {
  return platform.os === "windows" ? "USERPROFILE" : "HOME";
}
