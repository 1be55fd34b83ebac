/**
 * Prints the JSON Schemas of files.
 *
 * @module
 */

import type { SchemaKind } from "../manifest/schema.ts";
import { invalidArgument } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { findKind } from "../model/kind.ts";
import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";
import { suggestion } from "./parse.ts";

/** What the command line calls each. */
const KINDS: Readonly<Record<string, SchemaKind>> = {
  manifest: "manifest",
  workflow: "Workflow",
  agent: "Agent",
  environment: "Environment",
  "mcp-server": "McpServer",
  "agent-instance": "AgentInstance",
  "workflow-instance": "WorkflowInstance",
};

/** What the command line calls files of tests, which hold no resources. */
const TESTS = "tests";

/** Prints the schema of a kind, or that of any manifest. */
export async function printSchema(
  { io, form }: Context,
  word: string | undefined,
): Promise<Ending> {
  const schema = await schemaFor(word ?? "manifest");
  if (form === "yaml") {
    const { toYaml } = await import("../manifest/yaml_writer.ts");
    io.raw(toYaml(schema));
  } else io.data(JSON.stringify(schema, null, 2));
  return "ok";
}

async function schemaFor(word: string): Promise<JsonObject> {
  if (word.toLowerCase() === TESTS) {
    const { testsSchema } = await import("../manifest/schema_tests.ts");
    return testsSchema();
  }
  const kind = kindOf(word);
  const { schemaOf } = await import("../manifest/schema.ts");
  return schemaOf(kind);
}

function kindOf(word: string): SchemaKind {
  const plain = Object.entries(KINDS).find(([name]) =>
    name === word.toLowerCase()
  );
  if (plain !== undefined) return plain[1];
  const found = findKind(word)?.kind;
  const kind = Object.values(KINDS).find((it) => it === found);
  if (kind !== undefined) return kind;
  const known = [...Object.keys(KINDS), TESTS];
  throw invalidArgument(
    `There is no schema of "${word}"`,
    {
      hints: [
        ...(suggestion(word, known).hints ?? []),
        `Choose one of ${known.join(", ")}`,
      ],
    },
  );
}
