import assert from "node:assert/strict";
import {
  assertGone,
  isAlive,
  PATIENCE_MS,
  setUp,
} from "../../tests/servers/stdio_scene.ts";

const LINUX = Deno.build.os === "linux";
const POSIX = Deno.build.os !== "windows";
/** How a server's child leaves its group: with the pipes, and as daemons do. */
const LEAVING = ["daemon", "double-fork"] as const;

for (const mode of LEAVING) {
  Deno.test({
    name: `what left its group in mode ${mode} ends with its server`,
    ignore: !LINUX,
    async fn() {
      await using setup = await setUp(mode);
      assert.equal(await setup.call("echo", "x"), "echo: x");
      await setup.until("forked");
      const [forked = ""] = setup.logged("forked");
      assert.ok(isAlive(forked));
      await setup.hub.close();
      await assertGone(forked);
      await assertGone(setup.logged("started")[0]);
    },
  });

  Deno.test({
    name: `what left its group in mode ${mode} ends with a server that crashes`,
    ignore: !LINUX,
    async fn() {
      await using setup = await setUp(mode);
      assert.equal(await setup.call("echo", "x"), "echo: x");
      await setup.until("forked");
      Deno.kill(Number(setup.logged("started")[0]), "SIGKILL");
      await assertGone(setup.logged("forked")[0]);
    },
  });
}

/** Starts a process that starts a server, and kills it with -9. */
async function killOwner(mode: string, file: string): Promise<void> {
  const owner = new URL("../../tests/servers/hub_owner.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", owner.pathname, mode, file],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assert(!(await reader.read()).done, "the owner is ready");
  for (let waitedMs = 0; mode === "double-fork"; waitedMs += 20) {
    if ((await Deno.readTextFile(file)).includes("forked")) break;
    assert(waitedMs < PATIENCE_MS, "the server never forked");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
}

for (const mode of ["ignore-sigterm", ...LEAVING]) {
  Deno.test({
    name: `a server in mode ${mode} ends with its owner, even by kill -9`,
    ignore: mode === "ignore-sigterm" ? !POSIX : !LINUX,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await killOwner(mode, `${folder}/log`);
        const log = await Deno.readTextFile(`${folder}/log`);
        const ids = [...log.matchAll(/^(?:started|forked) (\d+)$/gm)]
          .map((match) => match[1]);
        assert.equal(ids.length, mode === "ignore-sigterm" ? 1 : 2);
        for (const id of ids) await assertGone(id);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "what another server started is left alone",
  ignore: !LINUX,
  async fn() {
    await using first = await setUp("daemon");
    await using second = await setUp("daemon");
    await first.call("echo");
    await second.call("echo");
    const [other = ""] = second.logged("forked");
    await first.hub.close();
    await assertGone(first.logged("forked")[0]);
    assert.ok(isAlive(other));
    assert.equal(await second.call("echo", "still"), "echo: still");
  },
});
