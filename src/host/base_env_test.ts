import assert from "node:assert/strict";
import { baseEnvOf } from "./base_env.ts";
import { OS, type Os } from "./os.ts";
import { systemProcesses } from "./system_processes.ts";

const MANUAL = new URL("../../docs/tool-servers.md", import.meta.url);
/** Written once in the manual, and in either case by programs. */
const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
const OTHERS = [
  "STIGMER_MASTER_KEY",
  "STIGMER_MASTER_KEY_FILE",
  "STIGMER_SECRET_TOKEN",
  "ANTHROPIC_API_KEY",
  "AWS_SECRET_ACCESS_KEY",
  "SSH_AUTH_SOCK",
];

/** The names of the manual's list of what every child is given. */
async function documented(os: Os): Promise<readonly string[]> {
  const text = await Deno.readTextFile(MANUAL);
  const [, section = ""] = text.split("## What every child is given");
  const [list = ""] = section.split("JavaScript and TypeScript");
  const items = list.split(/\r?\n- /)
    .filter((it) => os === "windows" || !it.startsWith("on Windows alone"));
  const names = [...items.join("\n").matchAll(/`([A-Za-z_][\w()]*)`/g)];
  const all = [...names.flatMap(([, name]) => name ?? []), ...PROXIES];
  return formOf(os, all);
}

/** Names there have no case. */
function formOf(os: Os, names: readonly string[]): readonly string[] {
  const forms = names.map((it) => os === "windows" ? it.toUpperCase() : it);
  return [...new Set(forms)].toSorted();
}

for (const os of ["linux", "darwin", "windows"] as const) {
  Deno.test(`baseEnvOf() gives on ${os} what the manual says, and nothing else`, async () => {
    const names = await documented(os);
    assert.ok(names.length > 30);
    const given = Object.keys(baseEnvOf(os, () => "x"));
    assert.deepEqual(formOf(os, given), names);
    // Of a name in two cases Windows takes one.
    if (os === "windows") assert.equal(given.length, names.length);
    assert.deepEqual(given.filter((it) => OTHERS.includes(it)), []);
  });
}

Deno.test("what is not set is not given", () => {
  const own: Record<string, string> = { PATH: "/bin", SECRET: "x", OS: "mine" };
  assert.deepEqual(baseEnvOf("linux", (name) => own[name]), { PATH: "/bin" });
});

Deno.test("the processes of this machine give what its system's are given", () => {
  assert.deepEqual(
    systemProcesses().baseEnv(),
    baseEnvOf(OS, (name) => Deno.env.get(name)),
  );
});
