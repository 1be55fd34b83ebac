import { deepStrictEqual } from "node:assert/strict";
import { readManifests } from "./read.ts";

function manifest(kind: string, name: string, spec: unknown): string {
  return `---
apiVersion: agentic.stigmer.ai/v1
kind: ${kind}
metadata: { name: ${name} }
spec: ${JSON.stringify(spec)}
`;
}

function flow(server: string, name: string): string {
  const ask = { server, method: "tools/call", parameters: { name } };
  return manifest("Workflow", "flow", {
    document: { dsl: "1.0.3", namespace: "t", name: "flow", version: "1.0.0" },
    do: [{ ask: { call: "mcp", with: ask } }],
  });
}

const DESK = manifest("McpServer", "My Desk", {
  catalog: "everything",
  enabledTools: ["echo", "get-sum"],
});
const OPEN = manifest("McpServer", "Open", { catalog: "everything" });

Deno.test("readManifests() finds calls of tools that a server of the set keeps back", async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [flow("My Desk", "echo"), []],
    [flow("my-desk", "get-sum"), []],
    [flow("open", "get-env"), []],
    // It may be applied already.
    [flow("elsewhere", "get-env"), []],
    [flow("my-desk", "${ .tool }"), []],
    [flow("my-desk", "get-env"), [
      'flow.yaml:5 MCP server "my-desk" does not let tool "get-env" be used. ' +
      'Its "enabledTools" are echo, get-sum',
    ]],
  ];
  for (const [text, faults] of cases) {
    const { diagnostics } = await readManifests([
      { name: "flow.yaml", text },
      { name: "desk.yaml", text: DESK + OPEN },
    ]);
    deepStrictEqual(
      diagnostics.map(({ file, line, message, hint }) =>
        `${file}:${line} ${message}. ${hint}`
      ),
      faults,
    );
  }
});
