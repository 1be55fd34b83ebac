import { deepStrictEqual, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { canMount } from "../faults/mounted.ts";
import { until } from "../until.ts";
import { newRelease, programText } from "./releases.ts";
import { INSTALLED, newScene, RELEASED } from "./upgrade_scene.ts";
import type { UpgradeScene } from "./upgrade_scene.ts";

const PROGRAM = fileURLToPath(new URL("upgrade_program.ts", import.meta.url));
/** Steps after which a process can be killed, in order. */
const STEPS = [
  "found",
  "downloading",
  "downloaded",
  "verified",
  "unpacked",
  "tried",
  "replaced",
] as const;
/** Rounds of killing at whatever moment it is. */
const ROUNDS = 6;

/** The command that upgrades the program of a scene. */
function commandOf(
  { path, server, signer }: UpgradeScene,
  killAt = "",
): readonly string[] {
  const { publicKey } = signer.key;
  const run = ["run", "-A", "--no-check", PROGRAM];
  return [Deno.execPath(), ...run, path, server.url, publicKey, killAt];
}

function start([program = "", ...args]: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Says that a program is the old one or the new one, and runs. */
async function assertWhole(scene: UpgradeScene): Promise<string> {
  const { success, stdout } = await new Deno.Command(scene.path).output();
  ok(success);
  const version = new TextDecoder().decode(stdout).trim();
  ok([INSTALLED, RELEASED].includes(version), version);
  return version;
}

Deno.test({
  name:
    "an upgrade that is killed after any step leaves a whole program, and the next one succeeds",
  ignore: Deno.build.os === "windows",
  async fn() {
    await Promise.all(STEPS.map(async (step) => {
      await using scene = await newScene();
      const { signal } = await start(commandOf(scene, step)).status;
      deepStrictEqual(signal, "SIGKILL", step);
      const version = await assertWhole(scene);
      deepStrictEqual(version, step === "replaced" ? RELEASED : INSTALLED);
      await scene.upgrade();
      deepStrictEqual(await scene.text(), programText(RELEASED), step);
      deepStrictEqual(await scene.names(), ["stigmer"], step);
    }));
  },
});

Deno.test({
  name: "an upgrade that is killed whenever leaves a whole program",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using scene = await newScene();
    const filler = `: ${"x".repeat(4_000_000)}`;
    scene.server.releases.set(
      RELEASED,
      await newRelease(scene.signer, RELEASED, { first: filler }),
    );
    for (let round = 0; round < ROUNDS; round++) {
      const before = scene.server.asked.length;
      const child = start(commandOf(scene));
      await until(() => scene.server.asked.length > before + 3);
      // Somewhere in what follows: no moment is safer than another.
      await new Promise((resolve) => setTimeout(resolve, round * 7));
      try {
        child.kill("SIGKILL");
      } catch {
        // It was quicker.
      }
      await child.status;
      await assertWhole(scene);
      await Deno.writeTextFile(scene.path, programText(INSTALLED));
    }
    await scene.upgrade();
    deepStrictEqual(await scene.names(), ["stigmer"]);
  },
});

/** Upgrades with a folder that is a file system of its own. */
async function upgradeMounted(
  scene: UpgradeScene,
  prepare: string,
): Promise<{ readonly said: string; readonly left: string }> {
  const script = `mount -t tmpfs -o size=1m,mode=755 tmpfs "$FOLDER"
printf '#!/bin/sh\\necho ${INSTALLED}\\n' > "$FOLDER/stigmer"
chmod 755 "$FOLDER/stigmer"
${prepare}
"$@" || true
ls -A "$FOLDER"
"$FOLDER/stigmer"`;
  const output = await new Deno.Command("unshare", {
    args: ["-rm", "bash", "-ec", script, "sh", ...commandOf(scene)],
    env: { FOLDER: scene.folder, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    said: decoder.decode(output.stderr),
    left: decoder.decode(output.stdout),
  };
}

Deno.test({
  name: "an upgrade with no room on the disk leaves what was there",
  ignore: !await canMount(),
  async fn() {
    await using scene = await newScene();
    scene.server.releases.set(
      RELEASED,
      // It packs well, so the archive finds room and what is in it does not.
      await newRelease(scene.signer, RELEASED, {
        first: `: ${"x".repeat(2_000_000)}`,
      }),
    );
    const { said, left } = await upgradeMounted(scene, "");
    match(said, /No space left on device/);
    deepStrictEqual(left, `stigmer\n${INSTALLED}\n`);
  },
});

Deno.test({
  name: "an upgrade on a file system that nobody may write says so",
  ignore: !await canMount(),
  async fn() {
    await using scene = await newScene();
    const { said, left } = await upgradeMounted(
      scene,
      'mount -o remount,bind,ro "$FOLDER"',
    );
    match(said, /nothing may be written in/);
    deepStrictEqual(left, `stigmer\n${INSTALLED}\n`);
  },
});

Deno.test({
  name: "upgrades at once do not meet: one replaces, and none leaves anything",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using scene = await newScene();
    const ended = await Promise.all(
      Array.from({ length: 4 }, () => start(commandOf(scene)).status),
    );
    ok(ended.some((it) => it.success));
    deepStrictEqual(await scene.text(), programText(RELEASED));
    deepStrictEqual(await scene.names(), ["stigmer"]);
  },
});
