/**
 * `stigmer completions`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints a completion script. */
export const command: Command = defineCommand({
  summary: "Print the completion script of a shell",
  needs: "reading",
  arguments: {
    shell: { kind: "required", summary: "bash, zsh, fish or powershell" },
  },
  options: {},
  undemanding: true,
  formats: ["script"],
  examples: [
    {
      does: "Complete in each new bash",
      line:
        "completions bash > ~/.local/share/bash-completion/completions/stigmer",
    },
    {
      does: "Complete in fish",
      line: "completions fish > ~/.config/fish/completions/stigmer.fish",
    },
  ],
  async run(context, { args }) {
    const { printScript } = await import("../completing.ts");
    return await printScript(context, args.shell);
  },
});
