/**
 * The tool servers that agents may name without saying how they are reached.
 *
 * The names stand apart from the catalog itself, because manifests are checked
 * where no tool server is ever started.
 *
 * @module
 */

/** Every name of the catalog of tool servers. */
export const CATALOG_NAMES = [
  "brave-search",
  "everything",
  "fetch",
  "filesystem",
  "git",
  "github",
  "gitlab",
  "google-maps",
  "memory",
  "postgres",
  "sequential-thinking",
  "slack",
  "time",
] as const;

/** A name of the catalog. */
export type CatalogName = (typeof CATALOG_NAMES)[number];

/** Says whether a tool server is in the catalog. */
export function isCatalogName(name: string): name is CatalogName {
  return CATALOG_NAMES.some((it) => it === name);
}
