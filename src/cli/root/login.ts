/**
 * `stigmer login`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Logs in to a server. */
export const command: Command = defineCommand({
  summary: "Log in to a server, and use it from now on",
  needs: "machine",
  details: [
    "The server is asked before anything is kept. The access token goes into the keychain of the operating system, and where there is none into a file that you alone can read; the address goes into config.yaml.",
    "The token is typed without being shown, or read from standard input or from STIGMER_TOKEN; a command line is seen by others.",
  ],
  arguments: {},
  options: {
    name: {
      kind: "value",
      placeholder: "CONTEXT",
      summary: "Keep it as a context of this name, beside others",
    },
    tokenStdin: {
      kind: "flag",
      summary: "Read the access token from standard input",
    },
    insecure: {
      kind: "flag",
      summary: "Let the token go unencrypted to an http:// address elsewhere",
    },
  },
  examples: [
    {
      does: "Log in, and be asked for the token",
      line: "login --endpoint https://stigmer.example.com",
    },
    {
      does: "Log in to one of several servers from a script",
      line: "login --name staging --endpoint staging.example.com --token-stdin",
    },
  ],
  async run(context, { options }) {
    const { logIn } = await import("../logging_in.ts");
    return await logIn(context, options);
  },
});
