/**
 * Two releases that talk to each other: which one is older.
 *
 * @module
 */

const VERSION_REGEXP = /^(\d+)\.(\d+)\.(\d+)(?:[-+][\w.+-]*)?$/;

/**
 * Compares the major and minor numbers of two releases: below 0 when the first
 * is older, 0 when they go together or one of them is no release.
 */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [VERSION_REGEXP.exec(a), VERSION_REGEXP.exec(b)];
  if (left === null || right === null) return 0;
  for (const part of [1, 2]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Says that a server is of a newer release; `undefined` when it is not. */
export function newerServer(
  server: string,
  client: string,
): string | undefined {
  return compareReleases(server, client) > 0
    ? `The server is Stigmer ${server}, this is ${client}: update it here`
    : undefined;
}

/** Says that a server is too old for a call; `undefined` when it is not. */
export function olderServer(
  call: string,
  versions: { readonly server: string; readonly client: string },
): string | undefined {
  const { server, client } = versions;
  return compareReleases(server, client) < 0
    ? `Cannot call "${call}": the server is Stigmer ${server}, this is ` +
      `${client}`
    : undefined;
}
