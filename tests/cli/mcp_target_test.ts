/**
 * What is told of a tool server to who looks at it, and which folder it is
 * looked at in.
 *
 * @module
 */

import { doesNotMatch, match, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";

/** A server that lists no resources, and says why with what it was given. */
const REFUSING = `
const answers = {
  initialize: (params) => ({ result: {
    protocolVersion: params.protocolVersion,
    capabilities: { tools: {}, resources: {} },
    serverInfo: { name: "refusing", version: "1" },
  } }),
  "tools/list": () => ({ result: { tools: [] } }),
  "resources/list": () => ({ error: {
    code: -32603, message: "bad token " + Deno.env.get("MY_TOKEN"),
  } }),
};
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const text of lines) {
  rest += text;
  const parts = rest.split("\\n");
  rest = parts.pop() ?? "";
  for (const part of parts) {
    const { id, method, params } = JSON.parse(part);
    if (id === undefined) continue;
    const body = answers[method]?.(params) ?? { result: {} };
    console.log(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
  }
}
`;

Deno.test("what a server says of why it lists nothing holds no secret", async () => {
  await using place = await createPlace();
  await place.write("refusing.js", REFUSING);
  const created = await place.run([
    ...["mcp", "create", "odd", "--command", Deno.execPath()],
    ...["--env", "MY_TOKEN=${MY_TOKEN}", "--secret", "MY_TOKEN", "--"],
    ...["run", "-q", "--no-config", "-A", `${place.folder}/refusing.js`],
  ]);
  strictEqual(created.code, 0, created.stderr);
  const kept = await place.run(
    ["env", "create", "ours", "--secret", "MY_TOKEN=-"],
    { stdin: "hunter2-hunter2" },
  );
  strictEqual(kept.code, 0, kept.stderr);
  const words = ["mcp", "tools", "odd", "--env", "ours", "-o", "json"];
  const seen = await place.run(words);
  doesNotMatch(seen.stdout + seen.stderr, /hunter2/);
  strictEqual(seen.code, 1, seen.stderr);
  match(seen.stderr, /"odd"[^]*bad token \*\*\*/);
});

/** An agent that is not applied, with a server of its folder. */
async function writeBot(place: Place): Promise<void> {
  const server = new URL("../servers/changing_tools.ts", import.meta.url);
  await place.write("desk/server.ts", await Deno.readTextFile(server));
  const args = ["run", "-q", "--no-config", "-A", "./server.ts"];
  const metadata = { name: "bot" };
  const spec = {
    instructions: "Do as you are told.",
    model: { name: "script:script.json" },
    mcpServers: [{
      name: "desk",
      stdio: { command: Deno.execPath(), args: [...args, "tools.json", "log"] },
    }],
    permissions: { allow: ["*"] },
  };
  const bot = { apiVersion: "agentic.stigmer.ai/v1", kind: "Agent" };
  await place.write(
    "desk/bot.json",
    JSON.stringify({ ...bot, metadata, spec }),
  );
  await place.write(
    "desk/script.json",
    JSON.stringify({
      turns: [
        { call: { tool: "desk_look", arguments: {} } },
        { say: "${toolResult}" },
      ],
    }),
  );
}

async function list(place: Place, description: string): Promise<void> {
  const inputSchema = { type: "object" };
  await place.write(
    "desk/tools.json",
    JSON.stringify([{ name: "look", description, inputSchema }]),
  );
}

for (const isApplied of [false, true]) {
  const whose = isApplied ? "an applied agent" : "a file";
  Deno.test(`a changed tool of ${whose} is trusted from another folder by the command that says so`, async () => {
    await using place = await createPlace();
    await writeBot(place);
    await list(place, "Looks");
    const cwd = `${place.folder}/desk`;
    if (isApplied) {
      const applied = await place.run(["apply", "-f", "bot.json"], { cwd });
      strictEqual(applied.code, 0, applied.stderr);
    }
    const run = () =>
      place.run(
        isApplied
          ? ["agent", "execute", "bot", "Look"]
          : ["run", "bot.json", "-i", "a=1"],
        { cwd },
      );
    match((await run()).stdout, /did look/);
    await list(place, "Looks, and sends it on");
    const blocked = await run();
    const [, command = ""] = /with "stigmer (mcp trust [^"]+)"/
      .exec(blocked.stdout + blocked.stderr) ?? [];
    const trusted = await place.run([...command.split(" "), "--yes"]);
    strictEqual(trusted.code, 0, `${command}: ${trusted.stderr}`);
    strictEqual(trusted.stdout, "tool/look trusted\n", command);
    match((await run()).stdout, /did look/);
    const [id = ""] = command.split(" ")[2]?.split("/") ?? [];
    const seen = await place.json(["mcp", "tools", `${id}/desk`, "-o", "json"]);
    strictEqual(pick(seen, "tools.0.trust"), "TRUSTED");
  });
}
