/**
 * `stigmer schema`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints JSON Schemas. */
export const command: Command = defineCommand({
  summary: "Print the JSON Schema of a kind of file, for editors",
  needs: "reading",
  details: [
    "Without a kind it is that of any manifest. A comment at the top of a YAML file names it for editors: # yaml-language-server: $schema=FILE",
  ],
  arguments: {
    kind: {
      kind: "optional",
      summary:
        "workflow, agent, environment, agent-instance, workflow-instance or tests",
    },
  },
  options: {},
  undemanding: true,
  formats: ["json", "yaml"],
  examples: [
    {
      does: "Keep the schema of workflows beside them",
      line: "schema workflow > workflow.schema.json",
    },
    {
      does: "Keep the schema of all manifests",
      line: "schema > stigmer.schema.json",
    },
  ],
  async run(context, { args }) {
    const { printSchema } = await import("../schema_printing.ts");
    return await printSchema(context, args.kind);
  },
});
