import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createScene, MAY_HAVE } from "./scene.ts";
import { report, searchFor } from "./search.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** The program itself was given them, and nobody else. */
const OWN = /^environment of process \d+ \([^)]*\/src\/mod\.ts /;

/** Starts each kind of child, which all say what they have. */
const FLOW = {
  document: {
    dsl: "1.0.3",
    namespace: "canary",
    name: "children",
    version: "1.0.0",
  },
  use: { secrets: ["TOKEN"] },
  do: [
    { shell: { run: { shell: { command: "env; cat /proc/$$/environ" } } } },
    {
      given: {
        run: {
          shell: {
            command: 'env; test -n "$TOKEN"',
            environment: { TOKEN: "${ $secrets.TOKEN }", [MAY_HAVE]: "1" },
          },
        },
      },
    },
    {
      script: {
        run: {
          script: {
            language: "js",
            code: "console.log(JSON.stringify(process.env))",
          },
        },
      },
    },
    {
      tool: {
        call: "mcp",
        with: {
          method: "tools/call",
          parameters: { name: "echo", arguments: {} },
          transport: {
            stdio: {
              command: Deno.execPath(),
              arguments: ["run", "-q", "--no-config", "-A", TOOLS, "env"],
            },
          },
        },
      },
    },
  ],
};

Deno.test(
  "no child is given the master key or secrets of the process, and none of it is kept",
  LINUX,
  async () => {
    const seed = crypto.randomUUID();
    const master = crypto.getRandomValues(new Uint8Array(32));
    const token = `token-${seed}`;
    const provider = `sk-${seed}`;
    const control = `control-${seed}`;
    const secrets = [
      { name: "MASTER_KEY", value: master.toBase64() },
      { name: "TOKEN", value: token },
      { name: "PROVIDER", value: provider },
    ];
    await using scene = await createScene(secrets);
    await scene.place.write("flow.yaml", JSON.stringify(FLOW));
    const env = {
      STIGMER_KEY_SOURCE: "env",
      STIGMER_MASTER_KEY: master.toBase64(),
      STIGMER_SECRET_TOKEN: token,
      ANTHROPIC_API_KEY: provider,
    };
    const given = ["--secret-file", scene.given("PROVIDER")];
    await scene.run(["init"], { env });
    await scene.run(
      ["env", "create", "one", "--var", `CONTROL=${control}`, ...given],
      { env },
    );
    for (
      const line of [
        "run flow.yaml --debug",
        "run flow.yaml -o json",
        "env get one --sealed",
        "secrets status -o json",
        "doctor",
      ]
    ) {
      await scene.run(line.split(" "), { env });
    }
    const other = { ...env, STIGMER_MASTER_KEY: `${master.toBase64()}?` };
    for (const line of ["secrets status", "env get one --reveal PROVIDER -y"]) {
      const words = [...line.split(" "), "--debug"];
      const { code } = await scene.run(words, { env: other, code: -1 });
      assert.ok(code > 0, line);
    }
    const hits = await scene.search();
    const own = hits.filter((it) => OWN.test(it.where));
    assert.deepEqual(
      [...new Set(own.map((it) => it.secret))].sort(),
      ["MASTER_KEY", "PROVIDER", "TOKEN"],
      "the processes that have them were seen",
    );
    assert.deepEqual(report(hits.filter((it) => !own.includes(it))), []);
    const found = await scene.search(
      searchFor([{ name: "CONTROL", value: control }]),
    );
    assert.ok(found.some((it) => it.where.includes("stigmer.db")));
  },
);
