/**
 * Globs over the tools of an agent, as `server:tool`: `*` stands for any
 * characters and `?` for one; a pattern without a colon means all tools of the
 * servers that it matches.
 *
 * @module
 */

/** The word that lets no tool through, where it stands alone. */
export const NO_TOOLS = "none";

/** A tool, by where it comes from. */
export interface ToolPlace {
  readonly server: string;
  /** Its own name there. */
  readonly tool: string;
}

/** Says whether one of some globs lets a tool through; no globs let all. */
export function letsToolThrough(
  globs: readonly string[],
  { server, tool }: ToolPlace,
): boolean {
  if (globs.length === 0) return true;
  if (isNone(globs)) return false;
  return globs.some((glob) => {
    const { server: servers, tool: tools } = partsOf(glob);
    return matchesGlob(servers, server) && matchesGlob(tools, tool);
  });
}

/** Says whether some globs could let a tool of a server through. */
export function letsServerThrough(
  globs: readonly string[],
  server: string,
): boolean {
  if (globs.length === 0) return true;
  if (isNone(globs)) return false;
  return globs.some((glob) => matchesGlob(partsOf(glob).server, server));
}

/** Gives the pattern of servers in a glob. */
export function serverPattern(glob: string): string {
  return partsOf(glob).server;
}

/** Says whether globs let no tool through at all. */
export function isNone(globs: readonly string[]): boolean {
  return globs.length === 1 && globs[0] === NO_TOOLS;
}

function partsOf(glob: string): ToolPlace {
  const colon = glob.indexOf(":");
  return colon < 0
    ? { server: glob, tool: "*" }
    : { server: glob.slice(0, colon), tool: glob.slice(colon + 1) };
}

/**
 * Says whether a pattern matches a whole text. What stands between two stars
 * is looked for once, and never again further back, so that no pattern takes
 * long.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split(/\*+/);
  const last = others.pop();
  if (last === undefined) {
    return first.length === text.length && isAt(text, first, 0);
  }
  const end = text.length - last.length;
  if (end < first.length) return false;
  if (!isAt(text, first, 0) || !isAt(text, last, end)) return false;
  let at = first.length;
  for (const part of others) {
    const found = indexIn(text, part, { from: at, to: end });
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** Where a part without stars begins between two places; -1 for nowhere. */
function indexIn(
  text: string,
  part: string,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  if (!part.includes("?")) {
    const found = text.indexOf(part, from);
    return found + part.length <= to ? found : -1;
  }
  // What is sure to stand there is looked for first.
  const sure = /[^?]+/.exec(part);
  if (sure === null) return from + part.length <= to ? from : -1;
  const [word] = sure;
  const end = to - part.length + sure.index;
  let found = text.indexOf(word, from + sure.index);
  for (; found >= 0 && found <= end; found = text.indexOf(word, found + 1)) {
    const at = found - sure.index;
    if (isAt(text, part, at)) return at;
  }
  return -1;
}

/** Says whether a part without stars stands at a place; `?` is any character. */
function isAt(text: string, part: string, at: number): boolean {
  if (!part.includes("?")) return text.startsWith(part, at);
  for (let i = 0; i < part.length; i++) {
    if (part[i] !== "?" && part[i] !== text[at + i]) return false;
  }
  return at + part.length <= text.length;
}
