/**
 * `stigmer skill validate`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Checks skills. */
export const command: Command = defineCommand({
  summary: "Check skills without a backend",
  needs: "reading",
  arguments: {
    paths: {
      kind: "variadic",
      summary: "Folders and zip archives",
      complete: "file",
    },
  },
  options: {
    strict: { kind: "flag", summary: "Take warnings for errors" },
  },
  undemanding: true,
  examples: [
    { does: "Check a skill", line: "skill validate ./pdf-forms" },
    {
      does: "Check archives and say what is wrong as JSON",
      line: "skill validate pdf-forms.zip sheets.zip --strict -o json",
    },
  ],
  async run(context, { args, options }) {
    const { validateSkills } = await import("./validating.ts");
    return await validateSkills(context, args.paths, options);
  },
});
