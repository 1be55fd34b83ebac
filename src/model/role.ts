/**
 * Roles: what who calls may do.
 *
 * @module
 */

/** The roles, the mightiest first. */
export const ROLES = ["admin", "editor", "runner", "viewer"] as const;

/** What a caller may do, and what a call needs. */
export type Role = typeof ROLES[number];

/** What each role may do besides its own. */
const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  admin: ["admin", "editor", "runner", "viewer"],
  editor: ["editor", "viewer"],
  runner: ["runner", "viewer"],
  viewer: ["viewer"],
};

/** Reads a role, or `undefined` when the text is none. */
export function parseRole(text: string): Role | undefined {
  return ROLES.find((it) => it === text);
}

/** Says whether a role is enough for what needs another. */
export function isEnough(role: Role, needed: Role): boolean {
  return INCLUDED[role].includes(needed);
}
