/**
 * Runs a program in a folder as `shell` does, and passes on what it writes: a
 * test kills it meanwhile.
 *
 * @module
 */

import { systemHost } from "../../src/host/system.ts";
import { openWorkspace } from "../../src/workspace/tools.ts";

const [folder = "", cmd = ""] = Deno.args;
const workspace = openWorkspace({
  host: systemHost(),
  settings: { folder: "", tools: [], commands: ["*"], hosts: [] },
  workingDirectory: folder,
});
await workspace.call({ tool: "shell", arguments: { cmd } }, {
  signal: AbortSignal.timeout(60_000),
  emit: ({ text }) => console.log(text.trim()),
});
await workspace.close();
