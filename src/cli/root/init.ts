/**
 * `stigmer init`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prepares the home folder. */
export const command: Command = defineCommand({
  summary: "Prepare the home folder and its database",
  details: [
    "Every command does so by itself when it needs to; a home folder that is there already is only brought up to date.",
  ],
  arguments: {},
  options: {},
  examples: [
    { does: "Prepare ~/.stigmer", line: "init" },
    { does: "Prepare another folder", line: "init --home ./.stigmer" },
  ],
  async run(context) {
    const { initHome } = await import("../home.ts");
    return await initHome(context);
  },
});
