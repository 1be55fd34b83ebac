/**
 * Paths as `file:` URLs and back, as each system writes them: drives, shares of
 * other machines, and names with signs in them that mean something in a URL.
 *
 * @module
 */

import { isAbsolutePath, joinPath, type Os } from "./os.ts";

/** What a URL would take for something else, or leave out. */
const TELLING_SIGNS = /[%?#\t\n\r]/g;

/** Writes an absolute path as a URL, as modules are named by it. */
export function fileUrlOf(os: Os, path: string): string {
  const signs = path.replace(TELLING_SIGNS, encodeURIComponent);
  if (os !== "windows") {
    return new URL(`file://${signs.replaceAll("\\", "%5C")}`).href;
  }
  const slashed = signs.replaceAll("\\", "/");
  // A share names its machine where a URL has its host.
  return new URL(
    slashed.startsWith("//") ? `file:${slashed}` : `file:///${slashed}`,
  ).href;
}

/**
 * The path that a `file:` URL means. What follows `file://` without a leading
 * slash is relative, so that a definition can name files beside it; a share of
 * another machine is written with four slashes.
 *
 * @param folder Absolute; what is relative is in it.
 */
export function pathOfFileUrl(
  url: string,
  { os, folder }: { readonly os: Os; readonly folder: string },
): string {
  const rest = decoded(url.replace(/^file:(?:\/\/(?:localhost(?=\/))?)?/i, ""));
  if (os !== "windows") {
    return rest.startsWith("/") ? rest : joinPath(os, folder, rest);
  }
  const own = rest.replaceAll("/", "\\").replace(/^\\(?=[A-Za-z]:\\)/, "");
  // On the drive that is current, as the system takes it.
  if (isAbsolutePath(os, own) || own.startsWith("\\")) return own;
  return joinPath(os, folder, own);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
