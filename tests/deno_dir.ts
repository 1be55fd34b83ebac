/**
 * Where Deno caches modules.
 *
 * @module
 */

/**
 * The folder of the cache that this process uses: a program with another home
 * folder would have one of its own, and fetch and compile everything anew.
 */
export function denoDirectory(): string {
  return Deno.env.get("DENO_DIR") ??
    `${
      Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
    }/deno`;
}
