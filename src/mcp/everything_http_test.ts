import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CATALOG } from "./catalog.ts";

const USER = fileURLToPath(
  new URL("../../tests/servers/everything_user.ts", import.meta.url),
);
/** Runs a program where there is no interface but loopback. */
const NAMESPACE = [
  ...["-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"],
] as const;

function inNamespace(args: readonly string[]): Deno.Command {
  return new Deno.Command("unshare", {
    args: [...NAMESPACE, ...args],
    stdout: "piped",
    stderr: "piped",
  });
}

/** Whether this machine gives a network namespace to this user. */
async function hasNamespace(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    return (await inNamespace(["true"]).output()).success;
  } catch {
    return false;
  }
}

/** Whether its packages are here, or can be had: a namespace has no network. */
async function hasPackages(): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["cache", "-q", "--no-config", "--no-lock", "--node-modules-dir=none"],
      `npm:${CATALOG.everything.package}`,
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

Deno.test("the real everything server by HTTP tells progress, hears a cancellation and is left", async () => {
  if (!await hasNamespace()) {
    console.warn("SKIPPED: this machine gives no network namespace");
    return;
  }
  if (!await hasPackages()) {
    console.warn("SKIPPED: the packages of the server cannot be had");
    return;
  }
  const { code, stdout, stderr } = await inNamespace([
    ...[Deno.execPath(), "run", "-A", "--no-check", USER],
  ]).output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
    echo: "Echo: hi",
    done: "Long running operation completed. Duration: 0.3 seconds, Steps: 3.",
    progress: ["1/3", "2/3", "3/3"],
    reason: "enough",
    after: "Echo: still here",
    prompts: 4,
    isEnded: true,
  });
});
