import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startStigmer } from "../servers/stigmer_server.ts";
import { createPlace, type Place, type RunProgramOptions } from "./program.ts";

const PROGRAM = fileURLToPath(
  new URL("./given_up_program.ts", import.meta.url),
);
const ENVIRONMENT = `apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: { name: vars }
spec: { variables: { REGION: eu } }
`;
const WORKFLOW =
  `document: { dsl: 1.0.3, namespace: test, name: echo, version: 1.0.0 }
do: [{ a: { set: { n: 1 } } }]
`;

/** Runs a line with everything allowed, and gives what is left in the end. */
async function leftOf(
  place: Place,
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", PROGRAM, ...line.split(" ")],
    cwd: place.folder,
    env: {
      STIGMER_HOME: place.home,
      STIGMER_KEY_SOURCE: "key-file",
      NO_COLOR: "1",
      ...env,
    },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  strictEqual(code, 0, `${line}: ${said}`);
  return /^left: ?(.*)$/m.exec(said)?.[1] ?? said;
}

Deno.test("a command is left with what it needs, and nothing brings back the rest", async () => {
  await using place = await createPlace();
  await place.write("env.yaml", ENVIRONMENT);
  await place.write("echo.yaml", WORKFLOW);
  const lines: readonly (readonly [string, string])[] = [
    ["version", ""],
    ["--help", ""],
    ["agent --help", ""],
    ["agent list --help", ""],
    ["version -o json", "read env"],
    ["validate env.yaml", "read env"],
    ["config set output json", "read write env"],
    ["init", "read write env run sys"],
    ["agent list", "read write env sys"],
    ["apply -f env.yaml", "read write env run sys"],
    ["env get vars", "read write env run sys"],
    ["run echo.yaml", "read write net env run sys"],
    ["execution list", "read write env sys"],
    ["worker --until-idle", "read write net env run sys"],
  ];
  for (const [line, left] of lines) {
    strictEqual(await leftOf(place, line), left, line);
  }
});

Deno.test("a command that asks a server can start no program", async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  const token = await server.token("some", { role: "editor" });
  const flags = `--endpoint ${server.endpoint} --ca-file ${server.caFile}`;
  const env = { STIGMER_TOKEN: token };
  await place.write("echo.yaml", WORKFLOW);
  const left = "read write net env";
  strictEqual(await leftOf(place, `agent list ${flags}`, env), left);
  strictEqual(await leftOf(place, `apply -f echo.yaml ${flags}`, env), left);
  strictEqual(await leftOf(place, `validate echo.yaml ${flags}`), "read env");
});

Deno.test("the tools of a server are offered at a socket of this machine", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using server = await startStigmer();
  await using place = await createPlace();
  const token = await server.token("some", { role: "editor" });
  const words = ["mcp", "serve", "--http", `unix:${place.folder}/tools.sock`];
  const serving = place.start(
    [...words, "--endpoint", server.endpoint, "--ca-file", server.caFile],
    { env: { STIGMER_TOKEN: token } },
  );
  await serving.said("Serving MCP at");
  serving.kill("SIGTERM");
  await serving.ended;
});

/** A program that keeps secrets as `secret-tool` does, in a folder. */
function secretTool(folder: string): string {
  return `#!/bin/sh
set -e
echo "$*" >> '${folder}/calls'
act=$1
while [ "$1" != -- ]; do shift; done
file="${folder}/kept-$(printf %s "$3.$5" | tr '/:' '--')"
case $act in
  store) cat > "$file" ;;
  lookup) [ -f "$file" ] && cat "$file" ;;
  search) [ ! -f "$file" ] || echo "attribute.service = $3" ;;
  clear) rm -f "$file" ;;
esac
`;
}

Deno.test({
  name: "what needs the keychain can ask it, and nothing else ever does",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using place = await createPlace();
    await place.write("bin/secret-tool", secretTool(place.folder));
    await Deno.chmod(`${place.folder}/bin/secret-tool`, 0o755);
    await place.write("key", "sesame-open-up");
    await place.write("echo.yaml", WORKFLOW);
    await place.write("uses.yaml", USES);
    const env = {
      STIGMER_KEY_SOURCE: "",
      DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere",
      PATH: `${place.folder}/bin:${Deno.env.get("PATH") ?? ""}`,
    };
    const calls = async (): Promise<number> => {
      const path = `${place.folder}/calls`;
      const text = await Deno.readTextFile(path).catch(() => "");
      return text.split("\n").length - 1;
    };
    const run = async (
      line: string,
      options: RunProgramOptions = {},
    ): Promise<string> => {
      const ran = await place.run(line.split(" "), { ...options, env });
      strictEqual(ran.code, 0, `${line}: ${ran.stderr}`);
      ok(!/permission/.test(ran.stderr), `${line}: ${ran.stderr}`);
      return ran.stdout;
    };
    await run("init");
    await run("env create vault --secret-file KEY=key");
    match(await run("secrets status"), /keychain/);
    match(await run("env get vault --reveal KEY --yes"), /sesame-open-up/);
    match(await run("run uses.yaml -q --env vault"), /14/);
    await run("export --all -o all.yaml --secrets sealed");
    await run("import -f all.yaml --on-conflict replace");
    await run("secrets rotate");
    await run("env set vault B=1");
    ok(await calls() > 0);
    const before = await calls();
    const [id = ""] = (await run("execution list -o name")).split("\n");
    for (const line of READERS) await run(line.replace("ID", id));
    await run("env delete vault --yes");
    deepStrictEqual(await calls(), before);
  },
});

const USES =
  `document: { dsl: 1.0.3, namespace: test, name: uses, version: 1.0.0 }
use: { secrets: [KEY] }
do: [{ a: { run: { shell: { command: 'printf %s "$K" | wc -c', environment: { K: "\${ $secrets.KEY }" } } } } }]
`;

/** What reads, or changes what has no secret in it. */
const READERS: readonly string[] = [
  "agent list",
  "workflow create -f echo.yaml",
  "workflow list",
  "workflow get echo",
  "workflow versions echo",
  "workflow graph echo",
  "workflow delete echo --yes",
  "env list",
  "env versions vault",
  "get all",
  "get env vault",
  "mcp list",
  "session list",
  "skill list",
  "schedule list",
  "event list",
  "execution list",
  "execution get ID",
  "execution logs ID",
  "execution trace ID",
  "retention get",
  "token list",
  "token audit",
  "secrets audit",
  "gc",
  "backup copy.db",
  "config list",
];
