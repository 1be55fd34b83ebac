/**
 * How tests start the program: from source, with the permissions that the
 * executable has and no others.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { permissionFlags } from "../.dev/targets.ts";

/** Words after `deno` that start the program; its own words follow. */
export const PROGRAM_ARGS: readonly string[] = programArgs(standardLibrary());

/** The same as the beginning of a shell line, wherever the program lies. */
export const PROGRAM_LINE: string = [Deno.execPath(), ...PROGRAM_ARGS]
  .map((it) => `'${it.replaceAll("'", `'\\''`)}'`).join(" ");

/** The words of a shell function of that name, which is the program. */
export const STIGMER_FUNCTION: string = `stigmer() { ${PROGRAM_LINE} "$@"; }`;

/** The words for a program that may load this library and no other. */
export function programArgs(library?: string): readonly string[] {
  const flags = permissionFlags("stigmer");
  return [
    "run",
    "--quiet",
    ...(library === undefined ? flags : [
      ...flags.filter((it) => it !== "--deny-ffi"),
      `--allow-ffi=${library}`,
    ]),
    fileURLToPath(new URL("../src/mod.ts", import.meta.url)),
  ];
}

/** What a run over SQLite of the system needs, which no executable may do. */
function standardLibrary(): string | undefined {
  return Deno.env.get("STIGMER_SQLITE_DRIVER") === "ffi"
    ? Deno.env.get("STIGMER_SQLITE_LIBRARY")
    : undefined;
}
