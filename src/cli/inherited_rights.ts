/**
 * Who may read a home folder on Windows, where files have no permission bits:
 * a folder has the rights of the one that it is in, and only what is in a
 * person's own folder is that person's alone.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Check } from "./check.ts";
import { joinPath } from "./path.ts";

/** Says that a home folder is elsewhere; `undefined` where it is private. */
export function inheritedRights(host: Host, home: string): Check | undefined {
  const { os, homeDirectory: own } = host.platform;
  if (os !== "windows" || own === undefined) return undefined;
  if (formOf(host, home).startsWith(formOf(host, own))) return undefined;
  const user = host.env.get("USERNAME") || "YOU";
  return {
    name: "home",
    state: "note",
    detail: `"${home}" has the rights of the folder that it is in, ` +
      "which others may be able to read",
    fix: `Close it with: icacls "${home}" /inheritance:r ` +
      `/grant:r "${user}:(OI)(CI)F"`,
  };
}

/** A folder with its separator, in the one form of all its writings. */
function formOf(host: Host, folder: string): string {
  return joinPath(host, folder, "").replaceAll("/", "\\").toLowerCase();
}
