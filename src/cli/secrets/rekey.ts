/**
 * `stigmer secrets rekey`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Seals environments anew. */
export const command: Command = defineCommand({
  summary: "Encrypt the secrets of environments anew, under new data keys",
  needs: "secrets",
  details: [
    "The values stay as they are. Executions under way go on with what they were handed, under the old data key, which goes with the last of them.",
  ],
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the environments",
      complete: "environment",
    },
  },
  options: {},
  examples: [
    { does: "Encrypt an environment anew", line: "secrets rekey staging" },
    { does: "Encrypt two anew", line: "secrets rekey staging production" },
  ],
  async run(context, { args }) {
    const { rekeyEnvironments } = await import("./changing.ts");
    return await rekeyEnvironments(context, args.names);
  },
});
