/**
 * `stigmer workflow create`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Creates a workflow. */
export const command: Command = defineCommand({
  summary: "Create a workflow from a file",
  details: ["A workflow that is there already is left alone: see apply."],
  arguments: {
    file: {
      kind: "optional",
      summary: "Manifest or bare specification, - for standard input",
      complete: "file",
    },
  },
  options: {
    file: {
      kind: "value",
      short: "f",
      placeholder: "FILE",
      summary: "The same as the argument",
      complete: "file",
    },
  },
  examples: [
    { does: "Create a workflow", line: "workflow create pr-review.yaml" },
    {
      does: "Create a workflow from standard input, and print its slug",
      line: "workflow create -f - -o name",
    },
  ],
  async run(context, { args, options }) {
    const [{ fileOf }, { storeWorkflow }] = await Promise.all([
      import("../file_argument.ts"),
      import("./from_file.ts"),
    ]);
    return await storeWorkflow(context, {
      file: fileOf(args.file, options.file),
      async store(client, workflow) {
        const call = { signal: context.signal };
        const item = (await client.createWorkflow({ workflow }, call)).workflow;
        return { item, word: "created" };
      },
    });
  },
});
