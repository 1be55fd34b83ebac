/**
 * Puts one executable in the place of another.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { asideName, beside } from "./staging.ts";

/**
 * Puts a file in the place of an executable that may be running.
 *
 * Elsewhere than on Windows it is one step: at each moment the old one stands
 * there or the new one. Windows lets nobody replace a program that runs, but
 * move it: so it goes aside first, and comes back when the new one cannot be
 * put there. What was moved aside is removed once it runs no more, by the next
 * upgrade.
 */
export async function replaceExecutable(
  { files, platform, random }: Pick<Host, "files" | "platform" | "random">,
  of: { readonly staged: string; readonly path: string },
): Promise<void> {
  if (platform.os !== "windows") return await files.rename(of.staged, of.path);
  const aside = beside(of.path, asideName(of.path, { random }));
  await files.rename(of.path, aside);
  try {
    await files.rename(of.staged, of.path);
  } catch (error) {
    await files.rename(aside, of.path);
    throw error;
  }
  // It is the program that runs, as a rule, and then it stays for now.
  await files.remove(aside).catch(() => {});
}
