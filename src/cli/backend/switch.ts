/**
 * `stigmer backend switch`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Switches to another backend. */
export const command: Command = defineCommand({
  summary: "Use another backend from now on",
  needs: "machine",
  details: [
    'It is written into config.yaml. "cloud" is the server that was logged in to without a name.',
    "A backend that does not answer, or that nobody is logged in to, is warned of.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "local, cloud or the name of a context",
      complete: "backend",
    },
  },
  options: {},
  examples: [
    { does: "Use the database of this machine", line: "backend switch local" },
    { does: "Use a server", line: "backend switch staging" },
  ],
  async run(context, { args }) {
    const { switchBackend } = await import("./switching.ts");
    return await switchBackend(context, args.name);
  },
});
