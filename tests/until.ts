/**
 * Waits for what must come to hold, with a bound.
 *
 * @module
 */

/** How long anything may take, where nothing else is said. */
const WAIT_MS_MAX = 30_000;
/** How long it is between two looks. */
const LOOK_MS = 5;

/**
 * Waits until a look finds something, and gives it.
 *
 * @param look Finds something other than `false` and `undefined`, or is asked
 * again.
 * @throws {Error} When it found nothing in time.
 */
export async function until<T>(
  look: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs: number = WAIT_MS_MAX,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`It never held: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
