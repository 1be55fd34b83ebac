/**
 * Globs over paths: `*` within a name, `**` over folders, `?` for one letter,
 * `{a,b}` for either. A glob without a slash means a name in any folder.
 *
 * They are matched part by part, without a regular expression: no glob takes
 * long.
 *
 * @module
 */

import { matchesGlob } from "../model/tool_glob.ts";

/** Characters of a glob at the most. */
export const GLOB_LENGTH_MAX = 500;
/** Globs that the choices of one come to at the most. */
const CHOICES_MAX = 64;

/** Says whether a path fits. */
export type PathFits = (path: string) => boolean;

/** Reads a glob; `undefined` where it has too many choices. */
export function pathGlob(glob: string): PathFits | undefined {
  const choices = choicesOf(glob.replace(/^(?:\.?\/)+/, ""));
  if (choices === undefined) return undefined;
  const all = choices.map((it) =>
    (it.includes("/") ? it : `**/${it}`).replace(/\/$/, "/**").split("/")
  );
  return (path) => {
    const parts = path.split("/");
    return all.some((it) => matchesParts(it, parts));
  };
}

/** Goes back to no more than the last `**`, as `matchesGlob` does. */
function matchesParts(
  glob: readonly string[],
  parts: readonly string[],
): boolean {
  let i = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < parts.length) {
    const wanted = glob[i];
    if (wanted === "**") {
      star = i++;
      starAt = at;
    } else if (wanted !== undefined && matchesGlob(wanted, parts[at] ?? "")) {
      i++;
      at++;
    } else if (star >= 0) {
      i = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (glob[i] === "**") i++;
  return i === glob.length;
}

/** Writes out `{a,b}`; braces in braces included. */
function choicesOf(glob: string): readonly string[] | undefined {
  let open: readonly string[] = [glob];
  for (let round = 0; round < CHOICES_MAX; round++) {
    const at = open.findIndex((it) => /\{[^{}]*\}/.test(it));
    const found = open[at];
    if (found === undefined) return open;
    const made = found.replace(/^([^]*?)\{([^{}]*)\}([^]*)$/, "$1\0$2\0$3")
      .split("\0");
    const [before = "", middle = "", after = ""] = made;
    const added = middle.split(",").map((it) => before + it + after);
    open = [...open.slice(0, at), ...added, ...open.slice(at + 1)];
    if (open.length > CHOICES_MAX) return undefined;
  }
  return undefined;
}
