import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { createPlace, pick } from "./program.ts";

const FILE = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: clerk }
spec:
  instructions: Answer what is asked about tickets.
  model: script:model.yaml
  permissions: { allow: ["tickets:echo"] }
  mcpServers:
    - server: Tickets
---
apiVersion: agentic.stigmer.ai/v1
kind: McpServer
metadata: { name: Tickets }
spec:
  description: The tickets of the team
  catalog: everything
  enabledTools: [echo, get-sum]
  env:
    REGION: { required: true, description: Where the tickets are }
`;
const MODEL = `turns:
  - call: { tool: tickets_echo, arguments: { message: hello } }
  - say: "\${toolResult}"
`;

Deno.test("an MCP server is applied with the agent that names it, used, and shown with what it came to", async () => {
  await using place = await createPlace();
  await place.write("clerk.yaml", FILE);
  await place.write("model.yaml", MODEL);
  const applied = await place.run(["apply", "-f", "clerk.yaml"]);
  equal(
    applied.stdout,
    "agent/clerk created\nmcp-server/tickets created\n",
    applied.stderr,
  );
  const same = await place.run(["diff", "-f", "clerk.yaml"]);
  deepEqual([same.code, same.stdout], [0, ""]);
  const refused = await place.run(["agent", "execute", "clerk", "hi"]);
  equal(refused.code, 2);
  match(refused.stderr, /needs "REGION"[^]*REGION: Where the tickets are/);
  const words = ["agent", "execute", "clerk", "hi", "--var", "REGION=eu"];
  const ran = await place.run(words);
  deepEqual([ran.code, ran.stdout], [0, "Echo: hello\n"], ran.stderr);
  const list = await place.run(["mcp", "list"]);
  match(list.stdout, /^tickets +Tickets +catalog everything +clerk +1 /m);
  const shown = await place.run(["mcp", "get", "Tickets"]);
  match(shown.stdout, /^Reached by: +catalog everything$/m);
  match(shown.stdout, /^Variables: +REGION \(required\)/m);
  match(shown.stdout, /^Agents: +clerk$/m);
  // It is known by what it is, and not by what it is called.
  match(shown.stdout, /echo +[0-9a-f]{12} +by local-user/);
  const kept = await place.run(["mcp", "delete", "tickets", "--yes"]);
  equal(kept.code, 5);
  match(kept.stderr, /agent "clerk" refers to it/);
  const all = ["delete", "-f", "clerk.yaml", "--yes"];
  equal((await place.run(all)).code, 0);
  equal((await place.run(["mcp", "get", "tickets"])).code, 3);
});

Deno.test("a diff shows what an agent's MCP server would become, in the words of the file", async () => {
  await using place = await createPlace();
  await place.write("clerk.yaml", FILE);
  await place.run(["apply", "-f", "clerk.yaml"]);
  await place.write(
    "clerk.yaml",
    FILE.replace(
      "- server: Tickets",
      "- server: Tickets\n      enabledTools: [echo]",
    ),
  );
  const { stdout } = await place.run(["diff", "-f", "clerk.yaml"]);
  match(stdout, /^\+ +enabledTools:\n\+ +- echo$/m);
  doesNotMatch(stdout, /mcp-0|^[+-] +(?:server|name):/m);
});

Deno.test("a key on the command line is warned of, and a tool that is named twice is one", async () => {
  await using place = await createPlace();
  const create = async (name: string, value: string) => {
    const url = ["--url", "http://127.0.0.1:9/mcp", "--tool", "a"];
    const header = ["--header", `Authorization=${value}`];
    const words = ["mcp", "create", name, ...url, "--tool", "a", ...header];
    const ran = await place.run(words);
    equal(ran.code, 0, ran.stderr);
    return ran.stderr;
  };
  const told = await create("plain", "Bearer abc");
  match(told, /^Warning: Header "Authorization" is written in plain text: /m);
  match(told, /^Write \$\{NAME\} in its place/m);
  doesNotMatch(told, /abc/);
  equal(await create("named", "Bearer ${TOKEN}"), "");
  const shown = await place.run(["mcp", "get", "named", "-o", "json"]);
  deepEqual(JSON.parse(shown.stdout).spec.enabledTools, ["a"]);
});

Deno.test("a faulty MCP server is shown in its file, nothing of it hidden", async () => {
  await using place = await createPlace();
  const wrong = FILE.replace("catalog: everything", "catalog: everythng");
  await place.write("clerk.yaml", wrong);
  const { code, stderr } = await place.run(["validate", "-f", "clerk.yaml"]);
  equal(code, 2);
  match(
    stderr,
    /^clerk\.yaml:16:12: error: "everythng" is not in the catalog\n.*catalog: everythng\n.*\nhint: Did you mean "everything"\?/m,
  );
});

Deno.test("mcp create and update say what they cannot do", async () => {
  await using place = await createPlace();
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["create", 2, /without a name/],
    ["create x", 2, /nothing says how it is reached/],
    [
      "create x --url https://a.example --catalog time",
      2,
      /exclude each other/,
    ],
    ["create x --catalog tme", 2, /--catalog: "tme" is not in the catalog/],
    ["create x --url http://a.example/mcp", 2, /--url: "http:" is for this/],
    ["create x --url https://a.example/mcp -- y", 2, /"ARGS" goes with/],
    ["create x --catalog time --env A=b", 2, /"--env" goes with a program/],
    ["create x --command a --header A=b", 2, /"--header" goes with/],
    ["create x --command a --env A", 2, /--env/],
    ["create x -f x.yaml", 2, /at once/],
    ["update x", 2, /nothing to change/],
    ["update x --tool y", 3, /Cannot find MCP server "x"/],
  ];
  for (const [line, code, says] of cases) {
    const ran = await place.run(["mcp", ...line.split(" ")]);
    equal(ran.code, code, `${line}: ${ran.stderr}`);
    match(ran.stderr, says, line);
  }
});

Deno.test("an MCP server is made and changed by flags, and by add", async () => {
  await using place = await createPlace();
  const made = await place.run([
    ...["mcp", "add", "Wiki", "--command", "npx", "--env", "T=${TOKEN}"],
    ...["--secret", "TOKEN", "--tool", "find", "-l", "team=a"],
    ...["--", "-y", "wiki-mcp", "--port=1"],
  ]);
  deepEqual([made.code, made.stdout], [0, "mcp-server/wiki created\n"]);
  const spec = pick(
    await place.json(["mcp", "get", "wiki", "-o", "json"]),
    "spec",
  );
  deepEqual(spec, {
    enabledTools: ["find"],
    stdio: {
      command: "npx",
      args: ["-y", "wiki-mcp", "--port=1"],
      env: { T: "${TOKEN}" },
    },
    env: { TOKEN: { required: true, secret: true } },
  });
  await place.run(["mcp", "update", "wiki", "--env", "U=2", "--", "other"]);
  const changed = await place.json(["mcp", "get", "wiki", "-o", "json"]);
  deepEqual(pick(changed, "spec.stdio"), {
    command: "npx",
    args: ["other"],
    env: { T: "${TOKEN}", U: "2" },
  });
  const url = "https://wiki.example.com/mcp";
  await place.run(["mcp", "update", "wiki", "--url", url, "-m", "Moved"]);
  const moved = await place.json(["mcp", "get", "wiki", "-o", "json"]);
  deepEqual(pick(moved, "spec.http"), { url });
  equal(pick(moved, "metadata.version.number"), 3);
  const old = ["mcp", "get", "wiki", "--version", "1", "-o", "json"];
  equal(pick(await place.json(old), "spec.stdio.command"), "npx");
});

Deno.test("mcp update leaves what is not named as it is", async () => {
  await using place = await createPlace();
  await place.write(
    "servers.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: McpServer
metadata: { name: program }
spec:
  stdio: { command: deno, args: [run, x.ts], cwd: sub, env: { A: b } }
---
apiVersion: agentic.stigmer.ai/v1
kind: McpServer
metadata: { name: web }
spec:
  http:
    url: https://a.example/mcp
    headers: { x-a: b }
    oauth: { clientId: me, scopes: [read] }
`,
  );
  equal((await place.run(["apply", "-f", "servers.yaml"])).code, 0);
  const program = ["mcp", "update", "program", "--command", "node", "--", "y"];
  equal((await place.run(program)).code, 0);
  const stdio = await place.json(["mcp", "get", "program", "-o", "json"]);
  deepEqual(pick(stdio, "spec.stdio"), {
    command: "node",
    args: ["y"],
    env: { A: "b" },
    cwd: "sub",
  });
  const url = "https://b.example/mcp";
  equal((await place.run(["mcp", "update", "web", "--url", url])).code, 0);
  const http = await place.json(["mcp", "get", "web", "-o", "json"]);
  deepEqual(pick(http, "spec.http"), {
    url,
    headers: { "x-a": "b" },
    oauth: { clientId: "me", scopes: ["read"] },
  });
});
