/**
 * What shells are offered when Tab is pressed.
 *
 * @module
 */

import { until } from "../until.ts";
import type { Place, RunProgramOptions } from "./program.ts";

/**
 * Asks until a name is offered: a shell that cannot be told in a second is
 * offered none, as on a machine that has much else to do.
 *
 * @returns All that the shell is told.
 */
export function offeredWith(
  name: string,
  { place, words, ...options }: RunProgramOptions & {
    readonly place: Place;
    readonly words: readonly string[];
  },
): Promise<string> {
  return until(async () => {
    const ran = await place.run(["complete", "--", ...words], options);
    return ran.stdout.includes(name) && ran.stdout;
  });
}
