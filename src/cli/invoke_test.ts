import { strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { PERMISSION_NAMES } from "../host/permission_names.ts";
import { invoke, parseCommand } from "./invoke.ts";
import { resolveCommand } from "./resolve.ts";

/** What a command line keeps of what a process may do, as words. */
async function keptBy(line: string): Promise<string> {
  const resolved = resolveCommand(line.split(" "));
  if (resolved.kind !== "verb") throw new Error(`No command: ${line}`);
  const { command } = await resolved.verb.load();
  const named = { name: resolved.name, command };
  const parsed = parseCommand(resolved.rest, named);
  const host = fakeHost();
  await invoke(host, { ...named, parsed });
  const { givenUp } = host.permissions;
  return PERMISSION_NAMES.filter((it) => !givenUp.includes(it)).join(" ");
}

Deno.test("invoke() keeps the writing of files where an option names one", async () => {
  strictEqual(await keptBy("man"), "read env");
  strictEqual(await keptBy("man agent list"), "read env");
  strictEqual(await keptBy("man --dir /pages"), "read write env");
});
