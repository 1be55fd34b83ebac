/**
 * `stigmer workflow update`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Updates a workflow. */
export const command: Command = defineCommand({
  summary: "Replace a workflow by that of a file",
  details: ["A workflow that is not there is an error: see apply."],
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
    message: {
      kind: "value",
      short: "m",
      placeholder: "TEXT",
      summary: "Say why, for the new version",
    },
  },
  examples: [
    { does: "Replace a workflow", line: "workflow update pr-review.yaml" },
    {
      does: "Replace a workflow and say why",
      line: "workflow update -f pr-review.yaml -m 'Check the tests too'",
    },
  ],
  async run(context, { args, options }) {
    const [{ fileOf }, { storeWorkflow }, { updateWord }] = await Promise.all([
      import("../file_argument.ts"),
      import("./from_file.ts"),
      import("../written.ts"),
    ]);
    const message = options.message ?? "";
    return await storeWorkflow(context, {
      file: fileOf(args.file, options.file),
      async store(client, workflow) {
        const call = { signal: context.signal };
        const name = workflow.metadata?.slug || workflow.metadata?.name || "";
        const stored = (await client.getWorkflow({ name }, call)).workflow;
        const before = stored?.metadata?.version?.id ?? "";
        const request = { workflow, message };
        const item = (await client.updateWorkflow(request, call)).workflow;
        return { item, word: updateWord(item, before) };
      },
    });
  },
});
