import { deepStrictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PERMISSIONS = new URL("./system_permissions.ts", import.meta.url).href;

/** Runs a script that has `permissions`, and gives the JSON that it prints. */
async function run(script: string, flags: readonly string[]): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer permissions ü-" });
  try {
    const path = `${folder}/script.ts`;
    await Deno.writeTextFile(
      path,
      `import { systemPermissions } from "${PERMISSIONS}";
const permissions = systemPermissions();
const query = (name: string, scope?: string) => permissions.query(name, scope);
${script}`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "-q", "--no-config", ...flags, path],
    }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout);
    if (text === "") throw new Error(decoder.decode(stderr));
    return JSON.parse(text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("query() tells all, a part and nothing apart, and asks for scopes", async () => {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const told = await run(
    `console.log(JSON.stringify([
  query("read"), query("read", ${JSON.stringify(`${here}x`)}),
  query("read", "/elsewhere"),
  query("net"), query("net", "example.com"), query("net", "127.0.0.1"),
  query("env"), query("env", "HOME"), query("env", "SECRET"),
  query("run"), query("run", "git"), query("sys"), query("sys", "hostname"),
  query("sys", "uid"), query("ffi"), query("import"), query("write"),
]));`,
    [
      `--allow-read=${here}`,
      "--allow-net",
      "--deny-net=127.0.0.1",
      "--allow-env=HOME",
      "--allow-run",
      "--allow-sys=hostname",
      "--deny-ffi",
      "--deny-import",
    ],
  );
  deepStrictEqual(told, [
    ...["none", "all", "none"],
    ...["partly", "all", "none"],
    ...["none", "all", "none"],
    ...["all", "all", "none", "all"],
    ...["none", "none", "none", "none"],
  ]);
});

Deno.test("ask() says what may be done where nobody can be asked", async () => {
  const script = `console.log(JSON.stringify([
  await permissions.ask("ffi", "/x/allowed.so"),
  await permissions.ask("ffi", "/x/other.so"),
  await permissions.ask("net", "example.com"),
  query("ffi", "/x/allowed.so"), query("ffi", "/x/other.so"), query("ffi"),
]));`;
  const flags = ["--allow-ffi=/x/allowed.so", "--allow-net=example.com"];
  deepStrictEqual(await run(script, flags), [
    ...[true, false, true],
    ...["all", "none", "none"],
  ]);
});

Deno.test("giveUp() leaves nothing of what was given, whole or in scopes", async () => {
  const script = `
permissions.giveUp(["write", "net", "sys"]);
const some = ["read", "write", "net", "run", "sys"].map((it) => query(it));
const scoped = [query("write", "/tmp"), query("sys", "hostname")];
permissions.giveUp("all");
let refused = "";
try { Deno.readTextFileSync("/nowhere"); } catch (error) { refused = error.name; }
console.log(JSON.stringify([some, scoped, query("read"), query("run"), refused]));`;
  const whole = ["--allow-read", "--allow-run", "--allow-net"];
  for (
    const flags of [
      [...whole, "--allow-write", "--allow-sys"],
      [...whole, "--allow-write=/tmp", "--allow-sys=hostname"],
      ["-A"],
    ]
  ) {
    deepStrictEqual(await run(script, flags), [
      ["all", "none", "none", "all", "none"],
      ["none", "none"],
      ...["none", "none", "NotCapable"],
    ], flags.join(" "));
  }
});
