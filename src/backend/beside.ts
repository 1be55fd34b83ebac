/**
 * Neighbours of the database.
 *
 * @module
 */

/** The path of a neighbour of a file. */
export function beside(path: string, name: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return `${path.slice(0, end + 1)}${name}`;
}

/** The folder of a file. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
}
