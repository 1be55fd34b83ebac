/**
 * Imports that Deno does not see coming.
 *
 * Before the first line of a program runs, Deno reads the graph of every
 * import that is written as a literal, dynamic ones too: 15 to 20 ms for all
 * of Stigmer, as much as an empty script takes. So the few edges that lead
 * from the start of the program into its rooms are computed. What is built of
 * it finds them by the calls below: `.dev/program_text.ts`.
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
