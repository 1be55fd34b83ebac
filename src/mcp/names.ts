/**
 * The names under which models see tools.
 *
 * Models accept letters, digits, `_` and `-`, at most 64 of them; two servers
 * may have tools of one name.
 *
 * @module
 */

/** Characters of a tool's name at the most. */
const TOOL_NAME_LENGTH_MAX = 64;

const HASH_LENGTH = 8;

/**
 * Makes the name of a server's tool, as `filesystem_read_file`.
 *
 * The same servers in the same order give the same names.
 *
 * @param taken The names so far; the new one is added.
 */
export function qualifiedName(
  server: string,
  tool: string,
  taken: Set<string>,
): string {
  const full = `${server}_${tool}`.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
  let name = shorten(full, `${server}\n${tool}`);
  for (let number = 2; taken.has(name); number++) {
    const ending = `_${number}`;
    name = shorten(full, `${server}\n${tool}`)
      .slice(0, TOOL_NAME_LENGTH_MAX - ending.length) + ending;
  }
  taken.add(name);
  return name;
}

/** Cuts a name that is too long; a hash of the whole keeps it apart. */
function shorten(name: string, whole: string): string {
  if (name.length <= TOOL_NAME_LENGTH_MAX) return name;
  const kept = name.slice(0, TOOL_NAME_LENGTH_MAX - HASH_LENGTH - 1);
  return `${kept}_${hashOf(whole)}`;
}

/** FNV-1a in 32 bits: it needs no more than to tell names apart. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(HASH_LENGTH, "0");
}
