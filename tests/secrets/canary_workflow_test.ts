import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startAuthority } from "../servers/authority.ts";
import { GREETER_FILES, startGreeter } from "../servers/greeter.ts";
import { canaryFlow, CHILD_FLOW } from "./canary_flow.ts";
import { startEchoServer } from "./echo_server.ts";
import { oddSecrets } from "./odd_secrets.ts";
import { createScene, type Scene } from "./scene.ts";
import { report, searchFor } from "./search.ts";

const POSIX = { ignore: Deno.build.os === "windows" };
const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);

Deno.test(
  "no effect of a workflow leaves a secret in anything that is kept, said or seen",
  POSIX,
  async () => {
    const seed = crypto.randomUUID().slice(-12);
    const secrets = oddSecrets(seed);
    const names = secrets.map((it) => it.name);
    const valueOf = (name: string): string =>
      secrets.find((it) => it.name === name)?.value ?? "";
    const token = `token-${seed}-of-the-authority`;
    await using echo = startEchoServer();
    await using authority = startAuthority({ tokenOf: () => token });
    await using digest = startAuthority({
      user: { name: "ada", password: valueOf("UNICODE") },
    });
    await using greeter = await startGreeter();
    await using scene = await createScene(secrets);
    const { place } = scene;
    for (const [name, text] of Object.entries(GREETER_FILES)) {
      await place.write(name, text);
    }
    const flow = canaryFlow(names, {
      echo: echo.url,
      tools: TOOLS,
      authority: authority.url,
      digest: digest.url,
      grpcPort: greeter.port,
    });
    await place.write(
      "flow.yaml",
      `${JSON.stringify(CHILD_FLOW)}\n---\n${JSON.stringify(flow)}\n`,
    );
    const control = `control_${seed}_variable`;
    await scene.run([
      ..."env create canary --var".split(" "),
      `CONTROL=${control}`,
      ...names.flatMap((name) => ["--secret-file", scene.given(name)]),
    ]);
    const { stdout, stderr } = await scene.run(
      "run flow.yaml --name canary --env canary -o json".split(" "),
    );
    assert.match(stderr + stdout, /\*\*\*/);
    await show(scene);
    // What should be told the secrets was.
    const told = JSON.stringify(echo.told);
    for (const { name, value } of secrets) {
      assert.ok(
        echo.told.some(({ body }) =>
          // What is an object in JSON is sent as one.
          body.includes(JSON.stringify(value)) || body.includes(value)
        ),
        `nobody was told ${name}`,
      );
    }
    assert.ok(told.includes(token));
    assert.ok(greeter.calls.length > 0);
    assert.ok(scene.processCount() > 5 || Deno.build.os !== "linux");
    const found = await scene.search(
      searchFor([{ name: "CONTROL", value: control }]),
    );
    assert.ok(found.some((it) => it.where.includes("stigmer.db")));
    const hits = [
      ...await scene.search(),
      ...await scene.search(searchFor([{ name: "TOKEN", value: token }])),
    ];
    assert.deepEqual(report(hits), []);
  },
);

/** Runs all that shows an execution, its run and what it left. */
async function show(scene: Scene): Promise<void> {
  const { stdout } = await scene.run(["execution", "list", "-o", "name"]);
  const ids = stdout.trim().split("\n");
  assert.equal(ids.length, 2, stdout);
  for (const id of ids) {
    for (
      const line of [
        `execution get ${id}`,
        `execution get ${id} -o json`,
        `execution logs ${id}`,
        `execution logs ${id} -o jsonl`,
        `execution watch ${id} -o jsonl`,
        `execution trace ${id}`,
        `execution trace ${id} -o json`,
      ]
    ) {
      await scene.run(line.split(" "));
    }
  }
  for (
    const line of [
      "execution list -o json",
      "event list -o json",
      "env get canary -o json",
      "env versions canary -o json",
      "secrets audit --all -o json",
      "secrets status -o json",
      "doctor",
    ]
  ) {
    await scene.run(line.split(" "));
  }
}
