/**
 * `stigmer man`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints manual pages. */
export const command: Command = defineCommand({
  summary: "Print the manual page of a command, or write all of them",
  needs: "reading",
  details: [
    "Without a command it is that of the whole program. On a terminal it is there to be read; in a pipe it is in the man format, as the files are that are written: for man -l -, or for where man looks.",
  ],
  arguments: {
    words: { kind: "rest", summary: "The command, as agent list" },
  },
  options: {
    dir: {
      kind: "value",
      placeholder: "DIR",
      summary: "Write the pages of all commands into this folder",
      complete: "file",
      isWritten: true,
    },
  },
  undemanding: true,
  formats: ["man"],
  examples: [
    { does: "Read the page of a command", line: "man agent chat" },
    { does: "Read it page by page", line: "man agent chat | man -l -" },
    {
      does: "Let man find all pages",
      line: "man --dir ~/.local/share/man/man1",
    },
  ],
  async run(context, { args, options }) {
    const { printManual, writeManual } = await import("../manual.ts");
    return options.dir === undefined
      ? await printManual(context, args.words)
      : await writeManual(context, options.dir, args.words);
  },
});
