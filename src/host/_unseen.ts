/**
 * Imports that Deno does not see coming, as those of `src/model/unseen.ts`,
 * which this room may not use: what the graph shows is read at every start.
 *
 * @module
 */

/**
 * Imports a module by a path that is known only when it is needed.
 *
 * @param specifier The path, relative to the importing module.
 * @param from `import.meta.url` of the importing module.
 */
export function importUnseen<T>(specifier: string, from: string): Promise<T> {
  return import(new URL(specifier, from).href);
}
