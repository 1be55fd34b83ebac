/**
 * `stigmer token create`.
 *
 * @module
 */

import { ROLES } from "../../model/role.ts";
import { type Command, defineCommand } from "../command.ts";

/** Makes an access token. */
export const command: Command = defineCommand({
  summary: "Make a token that lets its bearer call a server",
  details: [
    "The token is printed once and kept nowhere: only its hash is stored. With a database of this machine it works without a server, which is how the first token of a server is made; with a server it needs the role admin.",
    "A viewer reads. An editor also defines and runs things, which includes commands on the machine of the server and secrets in what they run. A runner reads and works on executions. An admin may do everything.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name of the token: lower-case letters, digits and hyphens",
    },
  },
  options: {
    role: {
      kind: "value",
      placeholder: "ROLE",
      summary: "What its bearer may do",
      choices: [...ROLES],
    },
    expires: {
      kind: "value",
      placeholder: "DURATION",
      summary: "How long it is good, as 12h or 90d (default without end)",
    },
  },
  examples: [
    {
      does: "Make the first token of a server, before it starts",
      line: "token create owner --role admin",
    },
    {
      does: "Make one for a pipeline and keep it in a variable",
      line: "token create ci --role editor --expires 90d -q",
    },
  ],
  async run(context, { args, options }) {
    const { createToken } = await import("./creating.ts");
    return await createToken(context, { ...args, ...options });
  },
});
