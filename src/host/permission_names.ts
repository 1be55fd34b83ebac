/**
 * Every sort of permission, in the order in which they are shown.
 *
 * @module
 */

import type { PermissionName } from "./host.ts";

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
