import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { anthropicError, serveAnthropic } from "../servers/anthropic.ts";
import { startHeaderTools } from "./header_tools.ts";
import { type OddSecret, oddSecrets } from "./odd_secrets.ts";
import { createScene, MAY_HAVE } from "./scene.ts";
import { report, searchFor } from "./search.ts";

const POSIX = { ignore: Deno.build.os === "windows" };
const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** Those that a header can hold. */
const IN_HEADERS = ["PLAIN", "URL_LIKE", "BASE64_LIKE"];

/** An agent whose tool servers are given secrets, and a workflow that asks it. */
function manifests(
  names: readonly string[],
  servers: { readonly provider: string; readonly tools: string },
): string {
  const env = Object.fromEntries(names.map((it) => [it, `\${${it}}`]));
  const agent = {
    apiVersion: "agentic.stigmer.ai/v1",
    kind: "Agent",
    metadata: { name: "canary" },
    spec: {
      instructions: "Use the tools.",
      permissions: { allow: ["*"] },
      model: { name: "anthropic/x", baseUrl: `${servers.provider}/v1` },
      mcpServers: [
        {
          name: "test",
          stdio: {
            command: Deno.execPath(),
            args: ["run", "-q", "--no-config", "-A", TOOLS, "env"],
            env: { ...env, [MAY_HAVE]: "1" },
          },
        },
        {
          name: "web",
          http: {
            url: servers.tools,
            headers: {
              "x-key": IN_HEADERS.map((it) => `\${${it}}`).join(" "),
            },
          },
        },
      ],
    },
  };
  const flow = {
    document: {
      dsl: "1.0.3",
      namespace: "canary",
      name: "ask",
      version: "1.0.0",
    },
    use: { secrets: [...names] },
    do: [{
      ask: {
        call: "agent",
        with: {
          agent: "canary",
          message: names.map((it) => `\${ $secrets.${it} }`).join(" and "),
          input: Object.fromEntries(
            names.map((it) => [it, `\${ $secrets.${it} }`]),
          ),
        },
      },
    }],
  };
  return `${JSON.stringify(agent)}\n---\n${JSON.stringify(flow)}\n`;
}

/** What a model says that has read all of them. */
function saying(secrets: readonly OddSecret[]): string {
  return secrets.map(({ value }) =>
    `${value}\n${JSON.stringify(value)} ${encodeURIComponent(value)} ${
      new TextEncoder().encode(value).toBase64()
    }`
  ).join("\n");
}

Deno.test(
  "no agent, tool server, chat or cassette leaves a secret in anything that is kept, said or seen",
  POSIX,
  async () => {
    const seed = crypto.randomUUID().slice(-12);
    const odd = oddSecrets(seed);
    const key = `sk-ant-${seed}-provider`;
    const secrets = [...odd, { name: "ANTHROPIC_API_KEY", value: key }];
    const names = odd.map((it) => it.name);
    const text = saying(odd);
    await using provider = serveAnthropic([
      {
        kind: "answer",
        text,
        calls: [
          {
            id: "c1",
            name: "test_echo",
            argumentsText: JSON.stringify({ text }),
          },
          { id: "c2", name: "web_tell", argumentsText: "{}" },
        ],
      },
      { kind: "status", status: 529, body: anthropicError("overloaded", text) },
      { kind: "answer", text },
      { kind: "answer", text },
      { kind: "answer", text },
      {
        kind: "status",
        status: 401,
        body: anthropicError(
          "authentication_error",
          `Not a key: ${key} ${text}`,
        ),
      },
    ]);
    await using tools = startHeaderTools();
    await using scene = await createScene(secrets);
    const { place } = scene;
    const servers = { provider: provider.url, tools: tools.url };
    await place.write("canary.yaml", manifests(names, servers));
    const control = `control_${seed}_variable`;
    await scene.run([
      ..."env create canary --var".split(" "),
      `CONTROL=${control}`,
      ...secrets.flatMap(({ name }) => ["--secret-file", scene.given(name)]),
    ]);
    await scene.run(["apply", "-f", "canary.yaml"]);
    const ask = "workflow execute ask --env canary --debug".split(" ");
    const asked = await scene.run([...ask, "--record", "asked.yaml"]);
    assert.match(asked.stdout, /\*\*\*/);
    const chat = "agent chat canary --env canary".split(" ");
    await scene.run([...chat, "--record", "chat.json"], {
      stdin: "What do you know?\nAgain!\n",
    });
    const failed = await scene.run([
      ..."agent execute canary Hello --env canary --debug".split(" "),
      "--session",
      "last",
    ], { code: 4 });
    assert.match(failed.stderr, /Not a key: \*\*\*/);
    const replayed = await scene.run([...ask, "--replay", "asked.yaml"]);
    assert.equal(replayed.stdout, asked.stdout);
    // Whoever should be told was.
    assert.equal(provider.requests[0]?.headers.get("x-api-key"), key);
    const told = JSON.stringify(provider.requests.map((it) => it.body));
    for (const { name, value } of odd) {
      const inJson = JSON.stringify(value).slice(1, -1);
      assert.ok(told.includes(inJson), `no model was told ${name}`);
    }
    const inHeaders = odd.filter((it) => IN_HEADERS.includes(it.name));
    assert.ok(inHeaders.every((it) => tools.keys[0]?.includes(it.value)));
    const { stdout } = await scene.run("execution list -o name".split(" "));
    for (const id of stdout.trim().split("\n")) {
      for (const verb of ["get", "logs", "watch", "trace"]) {
        await scene.run(["execution", verb, id, "-o", "json"], { code: -1 });
      }
    }
    await scene.run("session list -o json".split(" "));
    const found = await scene.search(
      searchFor([{ name: "CONTROL", value: control }]),
    );
    assert.ok(found.some((it) => it.where.includes("stigmer.db")));
    assert.deepEqual(report(await scene.search()), []);
  },
);
