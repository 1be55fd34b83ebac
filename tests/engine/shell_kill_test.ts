import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Home, openHome, submit } from "./fixture.ts";

const SCRIPT = fileURLToPath(new URL("./shell_worker.ts", import.meta.url));
const WAIT_MS_MAX = 20_000;

/** Ids of the processes that sleep for a number of seconds that no other has. */
async function sleepers(seconds: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-eo", "pid=,args="],
  }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.trim().endsWith(`sleep ${seconds}`))
    .map((line) => Number.parseInt(line));
}

async function untilSleepers(
  home: Home,
  { seconds, count }: { readonly seconds: string; readonly count: number },
): Promise<readonly number[]> {
  const endMs = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const found = await sleepers(seconds);
    if (found.length === count) return found;
    if (Date.now() > endMs) {
      throw new Error(`${found.length} processes "sleep ${seconds}"`);
    }
    await home.host.clock.sleep(20);
  }
}

Deno.test({
  name:
    "a shell command ends with a worker that is killed, unless nobody waits for it",
  ignore: Deno.build.os === "windows",
  async fn() {
    const path = await Deno.makeTempDir({ prefix: "stigmer-shell-" });
    const waited = `3601.${Deno.pid}`;
    const unwaited = `3602.${Deno.pid}`;
    try {
      using home = openHome(path);
      submit(home, "waited", { seconds: waited });
      submit(home, "unwaited", { seconds: unwaited });
      const worker = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", SCRIPT, path],
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
      try {
        await untilSleepers(home, { seconds: waited, count: 1 });
        await untilSleepers(home, { seconds: unwaited, count: 1 });
      } finally {
        worker.kill("SIGKILL");
        await worker.status;
      }
      await untilSleepers(home, { seconds: waited, count: 0 });
      assert.equal((await sleepers(unwaited)).length, 1);
    } finally {
      for (const seconds of [waited, unwaited]) {
        for (const pid of await sleepers(seconds)) Deno.kill(pid, "SIGKILL");
      }
      await Deno.remove(path, { recursive: true });
    }
  },
});
