import assert from "node:assert/strict";
import { systemProcesses } from "./system_processes.ts";

const MANUAL = new URL("../../docs/tool-servers.md", import.meta.url);
/** Written once in the manual, and in either case by programs. */
const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

/** The names of the manual's list of what every child is given. */
async function documented(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(MANUAL);
  const [, section = ""] = text.split("## What every child is given");
  const [list = ""] = section.split("JavaScript and TypeScript");
  const names = [...list.matchAll(/`([A-Za-z_]+)`/g)];
  return [...names.flatMap(([, name]) => name ?? []), ...PROXIES].toSorted();
}

/** What children are given when each of some variables is there. */
function given(names: readonly string[]): readonly string[] {
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const name of names) Deno.env.set(name, "x");
    return Object.keys(systemProcesses().baseEnv()).toSorted();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("baseEnv() gives what the manual says, and nothing else", async () => {
  const names = await documented();
  const others = [
    "STIGMER_MASTER_KEY",
    "STIGMER_MASTER_KEY_FILE",
    "STIGMER_SECRET_TOKEN",
    "ANTHROPIC_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "SSH_AUTH_SOCK",
  ];
  assert.ok(names.length > 30);
  const all = Deno.build.os === "windows"
    // Names there have no case.
    ? names.map((name) => name.toUpperCase())
    : names;
  assert.deepEqual(
    [
      ...new Set(
        given([...names, ...others]).map((name) =>
          Deno.build.os === "windows" ? name.toUpperCase() : name
        ),
      ),
    ],
    [...new Set(all)],
  );
});
