/**
 * Where in a script something is defined, so that what is wrong with it can be
 * shown there.
 *
 * @module
 */

/** A place in a module. */
export interface Place {
  /** The URL of the module. */
  readonly url: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

const OWN_FOLDER = new URL(".", import.meta.url).href;
const FRAME_REGEXP = /((?:file|https?):\/\/[^\s()]+):(\d+):(\d+)/;

/** The place from which the SDK was called; `undefined` where none is known. */
export function callerPlace(): Place | undefined {
  const frames = new Error().stack?.split("\n") ?? [];
  for (const frame of frames) {
    const [, url = "", line, column] = FRAME_REGEXP.exec(frame) ?? [];
    if (url === "" || url.startsWith(OWN_FOLDER)) continue;
    return { url, line: Number(line), column: Number(column) };
  }
  return undefined;
}
