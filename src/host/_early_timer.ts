/**
 * The first timers of a process, made without what `setTimeout` needs.
 *
 * The first call of `setTimeout` has Deno load the timers of Node, which takes
 * a quarter of an empty program. Most commands set a timer or two that never
 * ring: a sign of life due in five seconds, a look at the database. So these
 * are timeouts of abort signals, which the runtime has at hand. One with a
 * listener keeps the process going, one without does not, as with `setTimeout`
 * and `clearTimeout`; yet it stays in memory until it rings, which is why there
 * are only a few of them.
 *
 * @module
 */

/** Timers of a process that are made in this way. */
export const EARLY_TIMERS_MAX = 32;

let made = 0;

/**
 * Calls back once after a delay.
 *
 * @returns What stops it, or `undefined` when `setTimeout` is to be used.
 */
export function earlyTimer(
  delayMs: number,
  callback: () => void,
): (() => void) | undefined {
  if (made >= EARLY_TIMERS_MAX) return undefined;
  made++;
  // Of a part of a millisecond it would ring too early, and no number it refuses.
  const signal = AbortSignal.timeout(Math.ceil(delayMs) || 0);
  const ring = (): void => callback();
  signal.addEventListener("abort", ring, { once: true });
  return () => signal.removeEventListener("abort", ring);
}
