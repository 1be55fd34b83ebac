/**
 * Prints a manual page, or writes all of them.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { VERSION } from "../model/version.ts";
import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";
import {
  allPages,
  commandPage,
  type ManPage,
  nounPage,
  programPage,
} from "./man_page.ts";
import { fileErrorOf } from "./file_error.ts";
import { absolutePath, joinPath } from "./path.ts";
import { resolveCommand } from "./resolve.ts";
import { unknownCommand } from "./unknown_command.ts";

const HEAD = { version: VERSION };
/** Everyone may read the manual. */
const FILE_MODE = 0o644;

/**
 * Prints the page of a command, of a noun or of the program: to be read on a
 * terminal, elsewhere as man takes it.
 */
export async function printManual(
  { io }: Context,
  words: readonly string[],
): Promise<Ending> {
  const { text } = await pageOf(words);
  if (io.columns === undefined) io.raw(text);
  else {
    const { manText } = await import("./man_text.ts");
    io.raw(manText(text, { columns: io.columns, style: io.out }));
  }
  return "ok";
}

/**
 * Writes the pages of all commands into a folder, which is made where it is
 * not there.
 */
export async function writeManual(
  { host, io }: Context,
  dir: string,
  words: readonly string[],
): Promise<Ending> {
  if (words.length > 0) {
    throw invalidArgument(
      `Cannot write the page of "${words.join(" ")}" alone with --dir`,
      { hints: ["Leave the command out, or --dir"] },
    );
  }
  const folder = absolutePath(host, dir);
  const pages = await allPages(HEAD);
  try {
    host.files.makeDirectory(folder);
    for (const { file, text } of pages) {
      const path = joinPath(host, folder, file);
      await host.files.writeAtomic(path, text, { mode: FILE_MODE });
    }
  } catch (error) {
    throw fileErrorOf(error, `Cannot write manual pages to "${folder}"`) ??
      error;
  }
  io.note(`Wrote ${pages.length} pages to ${folder}`);
  return "ok";
}

async function pageOf(words: readonly string[]): Promise<ManPage> {
  const resolved = resolveCommand(words);
  if (resolved.kind === "unknown") throw unknownCommand(resolved);
  const [extra] = resolved.rest;
  if (extra !== undefined) {
    throw invalidArgument(
      `There is no manual page of "${
        words.join(" ")
      }", "${extra}" is no command`,
      { hints: ["See all pages with: stigmer man --dir DIR"] },
    );
  }
  switch (resolved.kind) {
    case "verb": {
      const { command } = await resolved.verb.load();
      return commandPage(HEAD, resolved.name, command);
    }
    case "noun":
      return nounPage(HEAD, resolved.name, resolved.noun);
    case "nothing":
      return programPage(HEAD);
  }
}
