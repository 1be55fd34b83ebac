import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { openBackend } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import { INSTRUCTIONS, temporaryHome } from "../backend/suite.ts";
import { until } from "../until.ts";

const SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);

/** Processes whose command line has a word. */
function processesWith(word: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (line.split("\0").includes(word)) count++;
    } catch {
      // It ended meanwhile.
    }
  }
  return count;
}

Deno.test({
  name:
    "a run that waits for a person holds no tool server, and has one again " +
    "when it goes on",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = temporaryHome();
    const log = `${home.path}/calls.log`;
    await Deno.writeTextFile(
      `${home.path}/bot.script.yaml`,
      `turns:
  - { call: { tool: s_echo, arguments: { text: first } } }
  - { call: { tool: s_act, arguments: { text: then } } }
  - { say: "\${toolResult}" }
`,
    );
    await using backend = await openBackend({ home: home.path });
    const { client } = backend;
    await client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: INSTRUCTIONS,
          model: { name: `script:${home.path}/bot.script.yaml` },
          mcpServers: [{
            name: "s",
            transport: {
              case: "stdio",
              value: {
                command: Deno.execPath(),
                args: ["run", "-A", "--no-lock", SERVER, "good", log],
              },
            },
          }],
        },
      },
    });
    const { execution } = await client.createExecution({
      kind: "Agent",
      name: "bot",
      message: "go",
    });
    const id = execution?.metadata?.id ?? "";
    const reaches = (phase: Phase) =>
      until(async () => {
        const { execution } = await client.getExecution({ id });
        return execution?.status?.phase === phase && execution;
      });
    const waiting = await reaches(Phase.WAITING);
    assert.equal(waiting.status?.waitingFor, "approval of s_act(text=then)");
    await until(() => processesWith(log) === 0);
    await client.respondExecution({ id, outcome: "approve" });
    const { status } = await reaches(Phase.COMPLETED);
    const output = jsonOfValue(status?.output, { absent: null, what: "it" });
    assert.notEqual(output, "");
    await until(() => processesWith(log) === 0);
    const lines = (await Deno.readTextFile(log)).split("\n");
    const count = (word: string): number =>
      lines.filter((it) => it.startsWith(word)).length;
    assert.deepEqual([count("started "), count("call act ")], [2, 1]);
  },
});
