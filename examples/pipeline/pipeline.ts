/**
 * A pipeline in TypeScript: reads orders, has a durable workflow add them up,
 * and prints what each customer owes. Run again with the same file it gives
 * the same answer without doing the work twice.
 *
 * @module
 */

import { type JsonObject, jsonOf, openBackend, valueOf } from "@stigmer/cli";

/** The workflow, as it would stand in a file. */
const WORKFLOW = {
  document: {
    dsl: "1.0.3",
    namespace: "examples",
    name: "invoices",
    version: "1.0.0",
  },
  do: [
    {
      check: {
        set: {
          good: '${ .rows | map(select(.net | type == "number")) }',
          bad: '${ .rows | map(select(.net | type != "number") | .order) }',
        },
        export: { as: "{ refused: .bad }" },
      },
    },
    {
      add: {
        set: {
          owed:
            "${ .good | group_by(.customer) | map({(.[0].customer): (map(.net) | add * 1.2)}) | add }",
          refused: "${ $context.refused }",
        },
      },
    },
  ],
};

/** Reads a file of comma-separated values; numbers become numbers. */
async function readRows(path: string): Promise<JsonObject[]> {
  const [head = "", ...lines] = (await Deno.readTextFile(path)).trim()
    .split("\n");
  const keys = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(keys.map((key, i) => {
      const cell = cells[i] ?? "";
      return [key, cell !== "" && !isNaN(Number(cell)) ? Number(cell) : cell];
    }));
  });
}

/** Names the work by what it is done with. */
async function keyOf(path: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return `invoices-${new Uint8Array(hash).toHex()}`;
}

const [path = "orders.csv"] = Deno.args;
await using backend = await openBackend();
const { client } = backend;
await client.applyResources({
  resources: [{
    resource: {
      case: "workflow",
      value: { metadata: { name: "invoices" }, spec: WORKFLOW },
    },
  }],
});
const { execution } = await client.createExecution({
  kind: "Workflow",
  name: "invoices",
  input: valueOf({ rows: await readRows(path) }),
  idempotencyKey: await keyOf(path),
});
const id = execution?.metadata?.id ?? "";
// The stream ends when the execution does.
for await (const _event of client.watchExecution({ id }));
const ended = await client.getExecution({ id });
console.log(JSON.stringify(jsonOf(ended.execution?.status?.output)));
