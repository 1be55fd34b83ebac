/**
 * Every sort of permission, in the order in which they are shown, and what of
 * them is one list at several places.
 *
 * @module
 */

import type { PermissionName } from "./host.ts";

/**
 * What is asked about the system: its name, the room on disk and the number of
 * its user, whose unix socket is to be nobody else's.
 */
export const SYS_KINDS: readonly string[] = ["hostname", "statfs", "uid"];

/** What Deno lets a process do, by its own names. */
export const PERMISSION_NAMES: readonly PermissionName[] = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
];
