/**
 * Which system this is, and how paths are written on each. The one place that
 * asks the runtime; lint holds it.
 *
 * What differs between systems takes the system as a value, so that a test on
 * one tries what another does.
 *
 * @module
 */

import type { Platform } from "./host.ts";

/** A system that Stigmer runs on. */
export type Os = Platform["os"];

/** The system of this process; one that is neither of the others is a Linux. */
export const OS: Os = Deno.build.os === "windows" || Deno.build.os === "darwin"
  ? Deno.build.os
  : "linux";

/** What stands at the start of an absolute path on Windows, as far as it is a root. */
const WINDOWS_ROOT =
  /^(?:[\\/]{2}[^\\/]+[\\/]+[^\\/]+[\\/]*|[A-Za-z]:[\\/]*|[\\/]+)/;

/** What stands between the names of a path. */
export function separatorOf(os: Os): "\\" | "/" {
  return os === "windows" ? "\\" : "/";
}

/** What stands between the folders of PATH. */
export function listSeparatorOf(os: Os): ";" | ":" {
  return os === "windows" ? ";" : ":";
}

/** Says whether a path says by itself where it leads: no cwd, no drive in force. */
export function isAbsolutePath(os: Os, path: string): boolean {
  if (os !== "windows") return path.startsWith("/");
  return /^(?:[A-Za-z]:[/\\]|[/\\]{2})/.test(path);
}

/** Joins a folder and what is in it. */
export function joinPath(os: Os, folder: string, name: string): string {
  const separator = separatorOf(os);
  // Elsewhere a backslash may be the last letter of a name.
  const trimmed = folder.replace(os === "windows" ? /[/\\]+$/ : /\/+$/, "");
  return trimmed === "" ? `${separator}${name}` : trimmed + separator + name;
}

/** The folder that an absolute path lies in; of a root, the root itself. */
export function folderOfPath(os: Os, path: string): string {
  if (os !== "windows") {
    return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";
  }
  const root = WINDOWS_ROOT.exec(path)?.[0] ?? "";
  const end = Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/"));
  // Without its separator a drive is the folder that is current there.
  return end < root.length
    ? root.replace(/^([A-Za-z]:)$/, "$1\\") || "\\"
    : path.slice(0, end);
}

/**
 * Makes a path absolute.
 *
 * @param path As somebody wrote it; `\x` of Windows is on the drive of `cwd`.
 */
export function resolvePath(os: Os, cwd: string, path: string): string {
  if (isAbsolutePath(os, path)) return path;
  if (os === "windows" && /^[/\\]/.test(path)) {
    const root = WINDOWS_ROOT.exec(cwd)?.[0].replace(/[/\\]+$/, "") ?? "";
    return root + path;
  }
  const start = os === "windows" ? /^\.[/\\]+/ : /^\.\/+/;
  return joinPath(os, cwd, path.replace(start, ""));
}
