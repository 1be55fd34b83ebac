/**
 * A program with a search under way that does not end, to be killed.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import { openWorkspace } from "../../src/workspace/tools.ts";

const [workingDirectory = ""] = Deno.args;
const workspace = openWorkspace({
  host: systemHost(),
  settings: { folder: "", tools: [], commands: ["sleep"], hosts: [] },
  workingDirectory,
});
const context = { signal: new AbortController().signal, emit: () => {} };
const call = (tool: string, args: Record<string, string | boolean>) =>
  workspace.call({ tool, arguments: args }, context);
await call("write", { path: "a.txt", content: `${"a".repeat(60)}!` });
console.log("begun");
await Promise.all([
  call("search", { pattern: "(a+)+$", regex: true }),
  call("shell", { cmd: "sleep 100" }),
]);
