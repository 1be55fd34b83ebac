/**
 * A process that starts a tool server and then waits to be killed.
 *
 *     deno run -A tests/servers/hub_owner.ts MODE FILE
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { systemHost } from "../../src/host/system.ts";
import { createToolHub } from "../../src/mcp/hub.ts";

const [mode = "good", file = ""] = Deno.args;
const hub = createToolHub({ host: systemHost() });
const script = fileURLToPath(new URL("./tool_server.ts", import.meta.url));
await hub.tools([{
  name: "test",
  enabledTools: [],
  transport: {
    kind: "stdio",
    command: Deno.execPath(),
    args: ["run", "-q", "--no-config", "-A", script, mode, file],
    env: {},
    cwd: "",
  },
}], {
  variables: {},
  workingDirectory: Deno.cwd(),
  signal: new AbortController().signal,
});
console.log("ready");
await new Promise(() => setInterval(() => {}, 60_000));
