/**
 * Permissions of a machine of memory: what a test says that there are.
 *
 * @module
 */

import type { Permission, PermissionName, Permissions } from "./host.ts";
import { PERMISSION_NAMES } from "./permission_names.ts";

/** Permissions that remember what was given up. */
export interface FakePermissions extends Permissions {
  /** What was given up so far, in order. */
  readonly givenUp: readonly PermissionName[];
}

/** Which scopes a fake process has of a permission; all of them by default. */
export type FakeGrants = Readonly<
  Partial<Record<PermissionName, "all" | readonly string[]>>
>;

/** Makes permissions. */
export function fakePermissions(grants: FakeGrants = {}): FakePermissions {
  const givenUp: PermissionName[] = [];
  function query(name: PermissionName, scope?: string): Permission {
    if (givenUp.includes(name)) return "none";
    const granted = grants[name] ?? "all";
    if (granted === "all") return "all";
    return scope !== undefined && granted.includes(scope) ? "all" : "none";
  }
  return {
    query,
    ask: (name, scope) => Promise.resolve(query(name, scope) !== "none"),
    givenUp,
    giveUp: (names) =>
      void givenUp.push(...names === "all" ? PERMISSION_NAMES : names),
  };
}
