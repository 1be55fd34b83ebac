/**
 * What is said of a script that failed while it was read for what it defines:
 * its own error, at its own line, and what can be done about it.
 *
 * @module
 */

import { isJsonArray, type Json } from "../model/json.ts";

/** Stands before the hints of an error, on a line of stderr. */
const HINTS_MARK = "=== hints of stigmer ===";
/** Lines of what it says about a failure that are shown. */
const FAULT_LINES_MAX = 8;
/** Modules of this program that were published, and of Deno itself. */
const FOREIGN_FRAME = /https:\/\/jsr\.io\/@stigmer\/cli\/|\(?ext:/;
const FRAME_REGEXP = /^ {4}at /;
const NOT_CAPABLE = /NotCapable: /;

const HINTS_OF_RIGHTS: readonly string[] = [
  "Put what runs it, as execute, serve and openBackend, under: " +
  "if (import.meta.main) { … }",
  "A script defines and exports; it may not read files or variables, nor " +
  "reach the network",
];

/** What is wrong with a script. */
export interface ProgramFault {
  readonly text: string;
  readonly hints: readonly string[];
}

/** What a script begins with so that the hints of its errors are told. */
export const TELL_HINTS: string =
  `for (const type of ["error", "unhandledrejection"]) {
  addEventListener(type, (event) => {
    const { name, hints } = event.reason ?? event.error ?? {};
    if (name !== "StigmerError" || !Array.isArray(hints)) return;
    console.error(${JSON.stringify(`\n${HINTS_MARK}`)} + JSON.stringify(hints));
  });
}`;

/**
 * Reads what Deno says of an error that nobody caught.
 *
 * @param ownUrl Where the modules of this program lie, whose frames tell the
 * reader of a script nothing.
 * @returns `undefined` where it says nothing of one.
 */
export function programFault(
  stderr: string,
  ownUrl: string | undefined,
): ProgramFault | undefined {
  const from = stderr.search(/^error:/m);
  if (from === -1) return undefined;
  const lines = stderr.slice(from).split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith(HINTS_MARK));
  const text = withoutOwnFrames(lines, ownUrl).slice(0, FAULT_LINES_MAX)
    .join("\n")
    .replace(
      /^error: (?:Uncaught )?(?:\(in promise\) )?(?:StigmerError: )?/,
      "",
    )
    .replace(/, run again with the --allow-\w+ flag/, "");
  const isOfRights = NOT_CAPABLE.test(lines[0] ?? "");
  return { text, hints: isOfRights ? HINTS_OF_RIGHTS : hintsIn(stderr) };
}

/** Without the frames of this program, and the line of its source on top. */
function withoutOwnFrames(
  lines: readonly string[],
  ownUrl: string | undefined,
): readonly string[] {
  const isForeign = (line: string): boolean =>
    FRAME_REGEXP.test(line) &&
    (FOREIGN_FRAME.test(line) ||
      ownUrl !== undefined && line.includes(ownUrl));
  const first = lines.findIndex((it) => FRAME_REGEXP.test(it));
  const mark = lines[first - 1]?.trim() === "^" ? first - 2 : first;
  const isMarkedForeign = isForeign(lines[first] ?? "");
  return lines.filter((line, i) =>
    !isForeign(line) && !(isMarkedForeign && i >= mark && i < first)
  );
}

function hintsIn(stderr: string): readonly string[] {
  const line = stderr.split("\n").find((it) => it.startsWith(HINTS_MARK));
  if (line === undefined) return [];
  const hints = parsed(line.slice(HINTS_MARK.length));
  return isJsonArray(hints)
    ? hints.filter((it): it is string => typeof it === "string")
    : [];
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
