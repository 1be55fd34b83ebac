import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
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
async function killOwner(
  mode: string,
  file: string,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
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
  await before();
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

/** Finds the guard of a process group. */
async function guardOf(group: string): Promise<string> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`)
      .catch(() => "");
    const words = line.split("\0");
    const at = words.indexOf("stigmer-guard");
    if (at >= 0 && words[at + 1] === group) return name;
  }
  assert.fail(`group ${group} has no guard`);
}

/** Kills the guard of a process group. */
async function killGuard(group: string): Promise<void> {
  const guard = await guardOf(group);
  Deno.kill(Number(guard), "SIGKILL");
  await assertGone(guard);
}

Deno.test({
  name: "what is left of a process without its guard is found by another one",
  ignore: !LINUX,
  async fn() {
    await using alive = await setUp("good");
    await alive.call("echo");
    const folder = await Deno.makeTempDir();
    const started = async (): Promise<string> => {
      const log = await Deno.readTextFile(`${folder}/log`);
      return /^started (\d+)$/m.exec(log)?.[1] ?? "";
    };
    try {
      // It ends neither by the end of its input nor by SIGTERM.
      await killOwner("ignore-sigterm", `${folder}/log`, async () => {
        await killGuard(await started());
      });
      const left = await started();
      assert.ok(isAlive(left));
      await systemHost().processes.endOrphans();
      await assertGone(left);
      // What belongs to a process that runs is none.
      assert.equal(await alive.call("echo", "here"), "echo: here");
      assert.equal(alive.logged("started").length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a process that only tells of a mark is nobody's",
  ignore: !LINUX,
  async fn() {
    // A process that is gone, of this machine and as it is now.
    const [boot = "", view = ""] = [
      await Deno.readTextFile("/proc/sys/kernel/random/boot_id"),
      await Deno.readLink("/proc/self/ns/pid"),
    ];
    const told = `STIGMER_CHILD=${boot.trim()}/${view}/1/0/none`;
    const bystander = new Deno.Command("sleep", {
      args: ["300"],
      env: { NOTE: `see ${told}`, LINES: `one\n${told}` },
    }).spawn();
    try {
      await systemHost().processes.endOrphans();
      assert.ok(isAlive(String(bystander.pid)));
    } finally {
      bystander.kill("SIGKILL");
      await bystander.status;
    }
  },
});

Deno.test({
  name: "a guard that hangs holds up no end",
  ignore: !LINUX,
  async fn() {
    await using setup = await setUp("good");
    assert.equal(await setup.call("echo", "x"), "echo: x");
    const [group = ""] = setup.logged("started");
    const guard = await guardOf(group);
    Deno.kill(Number(guard), "SIGSTOP");
    const closed = setup.hub.close().then(() => "closed");
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve("it hangs"), PATIENCE_MS);
    try {
      assert.equal(await Promise.race([closed, late.promise]), "closed");
      assert.ok(!isAlive(group));
    } finally {
      clearTimeout(timer);
      Deno.kill(Number(guard), "SIGKILL");
      await assertGone(guard);
    }
  },
});
