/**
 * Paths as the platform writes them.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** Joins a folder and what is in it. */
export function joinPath(host: Host, folder: string, name: string): string {
  const separator = separatorOf(host);
  const trimmed = folder.replace(/[/\\]+$/, "");
  return trimmed === "" ? `${separator}${name}` : trimmed + separator + name;
}

/** Makes a path absolute; a leading `~` is the folder of the user. */
export function absolutePath(host: Host, path: string): string {
  const user = host.platform.homeDirectory;
  if (user !== undefined && path === "~") return user;
  if (user !== undefined && /^~[/\\]/.test(path)) {
    return joinPath(host, user, path.slice(2));
  }
  if (isAbsolute(host, path)) return path;
  return joinPath(host, host.platform.cwd(), path.replace(/^\.[/\\]/, ""));
}

/** The folder that a path lies in. */
export function folderOf(host: Host, path: string): string {
  const end = host.platform.os === "windows"
    ? Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/"))
    : path.lastIndexOf("/");
  return end <= 0 ? separatorOf(host) : path.slice(0, end);
}

function isAbsolute(host: Host, path: string): boolean {
  if (host.platform.os !== "windows") return path.startsWith("/");
  return /^([a-zA-Z]:[/\\]|[/\\]{2})/.test(path);
}

function separatorOf(host: Host): string {
  return host.platform.os === "windows" ? "\\" : "/";
}
