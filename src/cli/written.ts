/**
 * Says what became of a resource that was written.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { showOne, type View } from "./view.ts";

/** Shows a resource that was created, updated or the like. */
export async function showWritten<T>(
  context: Context,
  view: View<T>,
  written: { readonly item: T; readonly noun: string; readonly word: string },
): Promise<void> {
  const { io } = context;
  const { item, noun, word } = written;
  if (io.format !== "table" && io.format !== "wide") {
    return await showOne(context, view, item);
  }
  if (io.quiet) return;
  io.data(`${noun}/${view.identify(item)} ${io.out.green(word)}`);
}
