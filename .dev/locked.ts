/**
 * Reads the packages of a lock file: what each is called, its digest, and what
 * it needs.
 *
 * @module
 */

/** A package of npm, as a lock file has it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** As `sha512-` and the digest in base64. */
  readonly integrity: string;
  /** Names and versions of what it needs, as `yaml@2.9.1`. */
  readonly needs: readonly string[];
}

/** Lists the packages of a lock file, each version once, by name. */
export async function lockedPackages(
  path: string,
): Promise<readonly LockedPackage[]> {
  return packagesOf(JSON.parse(await Deno.readTextFile(path)));
}

/** Lists the packages of a lock file that was read. */
export function packagesOf(lock: unknown): readonly LockedPackage[] {
  const entries = Object.entries(record(record(lock)["npm"]));
  const ids = entries.map(([id]) => id);
  const found = new Map<string, LockedPackage>();
  for (const [id, value] of entries) {
    const { name, version } = splitId(id);
    const entry = record(value);
    const needs = [entry["dependencies"], entry["optionalPeers"]]
      .flatMap((it) => Array.isArray(it) ? it.map(String) : [])
      .flatMap((it) => resolveNeed(it, ids));
    found.set(`${name}@${version}`, {
      name,
      version,
      integrity: String(entry["integrity"] ?? ""),
      // What it can do with or without may stand in both lists.
      needs: [...new Set(needs)],
    });
  }
  return [...found.values()];
}

/** Those that some need, with what they need in turn. */
export function neededBy(
  roots: readonly string[],
  packages: readonly LockedPackage[],
): readonly LockedPackage[] {
  const byKey = new Map(packages.map((it) => [`${it.name}@${it.version}`, it]));
  const found = new Set<LockedPackage>();
  const left = [...roots];
  for (let key = left.pop(); key !== undefined; key = left.pop()) {
    const one = byKey.get(key);
    if (one === undefined || found.has(one)) continue;
    found.add(one);
    left.push(...one.needs);
  }
  return packages.filter((it) => found.has(it));
}

/** The packages that an import map names, as `yaml@2.9.1`. */
export function importedPackages(config: unknown): readonly string[] {
  return Object.values(record(record(config)["imports"])).map(String)
    .filter((it) => it.startsWith("npm:")).map((it) => it.slice(4));
}

/**
 * The name and version of a package; behind them may stand the packages that
 * it was resolved among, after a `_`.
 */
export function splitId(
  id: string,
): { readonly name: string; readonly version: string } {
  const [, name = id, version = ""] = /^(@?[^@]+)@([^_]+)/.exec(id) ?? [];
  return { name, version };
}

/** A need has its version only where the lock file has several of the name. */
function resolveNeed(
  need: string,
  ids: readonly string[],
): readonly string[] {
  const wanted = splitId(need);
  return ids.map(splitId).filter((it) =>
    it.name === wanted.name &&
    (wanted.version === "" || it.version === wanted.version)
  ).map((it) => `${it.name}@${it.version}`);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}
