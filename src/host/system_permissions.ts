/**
 * What this process may do, through Deno.
 *
 * @module
 */

import type { Permission, PermissionName, Permissions } from "./host.ts";
import { PERMISSION_NAMES } from "./permission_names.ts";

/** Gives the permissions of this process. */
export function systemPermissions(): Permissions {
  return { query, ask, giveUp };
}

function query(name: PermissionName, scope?: string): Permission {
  const { state, partial } = Deno.permissions.querySync(
    descriptorOf(name, scope),
  );
  if (state !== "granted") return "none";
  return partial ? "partly" : "all";
}

async function ask(name: PermissionName, scope: string): Promise<boolean> {
  const { state } = await Deno.permissions.request(descriptorOf(name, scope));
  return state === "granted";
}

/**
 * Without a scope, because Deno narrows nothing that was given without one:
 * giving up one path of all leaves all of them.
 */
function giveUp(names: readonly PermissionName[] | "all"): void {
  for (const name of names === "all" ? PERMISSION_NAMES : names) {
    Deno.permissions.revokeSync({ name });
  }
}

function descriptorOf(
  name: PermissionName,
  scope: string | undefined,
): Deno.PermissionDescriptor {
  if (scope === undefined) return { name };
  switch (name) {
    case "read":
    case "write":
    case "ffi":
      return { name, path: scope };
    case "net":
    case "import":
      return { name, host: scope };
    case "env":
      return { name, variable: scope };
    case "run":
      return { name, command: scope };
    case "sys":
      return { name, kind: sysKindOf(scope) };
  }
}

/** Parses a sort of knowledge about the system that Deno grants. */
function sysKindOf(text: string): NonNullable<
  Deno.SysPermissionDescriptor["kind"]
> {
  return text as NonNullable<Deno.SysPermissionDescriptor["kind"]>;
}
