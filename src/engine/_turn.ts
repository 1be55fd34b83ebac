/**
 * The end of a turn of the event loop, when all that happens at once has
 * happened.
 *
 * The first call of `setImmediate` has Deno load the timers of Node, which takes
 * a quarter of an empty program. A process that runs one thing ends after a few
 * turns: the first of them end with what is at hand, before promises that wait
 * for the world, and so perhaps sooner.
 *
 * @module
 */

/** Turns that end with what is at hand. */
const EARLY_TURNS_MAX = 6;

/** Gives what calls back at the end of the turn in which it is called. */
export function turnEnds(): (callback: () => void) => void {
  let turns = 0;
  return (callback) => {
    if (++turns > EARLY_TURNS_MAX) setImmediate(callback);
    else queueMicrotask(callback);
  };
}
