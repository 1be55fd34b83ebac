/**
 * Says what became of a resource that was written.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Common } from "./resource_text.ts";
import { showOne, type View } from "./view.ts";

const UNCHANGED = "unchanged";

/** Says what became of an update: what changes nothing makes no version. */
export function updateWord(
  item: Common | undefined,
  versionIdBefore: string,
): string {
  return item?.metadata?.version?.id === versionIdBefore
    ? UNCHANGED
    : "updated";
}

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
  io.data(
    `${noun}/${view.identify(item)} ${
      word === UNCHANGED ? io.out.dim(word) : io.out.green(word)
    }`,
  );
}
