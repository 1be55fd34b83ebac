import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { rotateMasterKey } from "../../src/backend/vault_rotation.ts";
import { systemHost } from "../../src/host/system.ts";
import { dataKeysUnder } from "../../src/store/data_keys.ts";
import { vaultKeyIn, vaultKeys } from "../../src/store/vault_keys.ts";
import {
  DATABASE_NAME,
  fillVaultHome,
  KEY_FILE_NAME,
  openVaultHome,
  SECRETS,
  type VaultHome,
} from "./rotation_home.ts";

/** Processes at once; each takes a part of a second to start. */
const AT_ONCE = 3;
const MOMENTS_MAX = 400;
const ROTATIONS = 12;
const READY_TIMEOUT_MS = 30_000;

function scriptPath(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

function spawn(name: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", scriptPath(name), ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function endOf(child: Deno.ChildProcess) {
  const { signal, code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((it) => new TextDecoder().decode(it));
  return { signal, code, out: out ?? "", err: err ?? "" };
}

/** Waits until a file is there. */
async function appears(path: string): Promise<void> {
  const { files, clock } = systemHost();
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += 10) {
    if (files.stat(path) !== undefined) return;
    await clock.sleep(10);
  }
  throw new Error(`"${path}" did not appear`);
}

async function copyHome(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for (const name of [DATABASE_NAME, KEY_FILE_NAME]) {
    await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function opensAll(home: VaultHome, when: string): Promise<void> {
  for (const [owner, values] of Object.entries(SECRETS)) {
    deepStrictEqual(await home.get(owner), values, `${owner}, ${when}`);
  }
}

async function keyIdsInFile(folder: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${folder}/${KEY_FILE_NAME}`);
  return text.split("\n").filter((line) => line.startsWith("key-"))
    .map((line) => line.split(" ")[0] ?? "");
}

/** Lets a rotation die at a moment, and looks at what it left. */
async function dieAt(moment: number, folder: string): Promise<string> {
  const when = `killed at moment ${moment}`;
  const child = spawn("rotation_worker.ts", [folder, `${moment}`]);
  const { signal, err } = await endOf(child);
  strictEqual(signal, "SIGKILL", `${when}: ${err}`);
  let left: string;
  {
    using home = openVaultHome(folder);
    await opensAll(home, when);
    left = vaultKeys(home.store.database).map(({ state }) => state).join();
    // What was not yet begun is begun, what was is gone on with.
    await rotateMasterKey(home, { forgetOld: true });
  }
  using home = openVaultHome(folder);
  await opensAll(home, `${when}, and rotated again`);
  const { database } = home.store;
  const [row, ...others] = vaultKeys(database);
  deepStrictEqual([row?.state, others], ["current", []], when);
  const dataKeys = dataKeysUnder(database, row?.id ?? "");
  strictEqual(dataKeys.length, 3, when);
  const inFile = await keyIdsInFile(folder);
  ok(inFile.includes(row?.id ?? ""), when);
  // A key that nobody noted, at the most: it died before it was noted.
  ok(inFile.length <= 2, `${when}: ${inFile}`);
  return left;
}

Deno.test({
  name:
    "a rotation that is killed at any moment loses nothing, and is ended by the next",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "stigmer-rotation-" });
    try {
      const filled = `${folder}/filled`;
      await Deno.mkdir(filled);
      await fillVaultHome(filled);
      await copyHome(filled, `${folder}/0`);
      const whole = await endOf(
        spawn("rotation_worker.ts", [`${folder}/0`, "0"]),
      );
      strictEqual(whole.code, 0, whole.err);
      const moments = Number(whole.out);
      ok(moments > 20 && moments < MOMENTS_MAX, `${moments} moments`);
      const left = new Set<string>();
      let next = 1;
      const work = async (): Promise<void> => {
        for (let moment = next++; moment <= moments; moment = next++) {
          const copy = `${folder}/${moment}`;
          await copyHome(filled, copy);
          left.add(await dieAt(moment, copy));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      // It died in each of the states that there are between two commits.
      deepStrictEqual([...left].sort(), [
        "current",
        "current,next",
        "forgotten,current",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "processes that rotate at once end with one key, and take each other's away",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "stigmer-rotation-" });
    try {
      await fillVaultHome(folder);
      const children = Array.from(
        { length: 4 },
        () => spawn("rotation_worker.ts", [folder, "0"]),
      );
      for (const { code, err } of await Promise.all(children.map(endOf))) {
        strictEqual(code, 0, err);
      }
      using home = openVaultHome(folder);
      await opensAll(home, "after all of them");
      const rows = vaultKeys(home.store.database);
      deepStrictEqual(rows.map(({ state }) => state), ["current"]);
      deepStrictEqual(await keyIdsInFile(folder), rows.map(({ id }) => id));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "secrets are opened and sealed by others the whole time of a rotation",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "stigmer-rotation-" });
    const stop = `${folder}/stop`;
    const readers: Deno.ChildProcess[] = [];
    try {
      await fillVaultHome(folder);
      for (const number of ["1", "2"]) {
        readers.push(spawn("rotation_reader.ts", [folder, number, stop]));
      }
      for (const number of ["1", "2"]) await appears(`${stop}-${number}`);
      for (let i = 0; i < ROTATIONS; i++) {
        // A home of its own each time, as a command has it.
        using home = openVaultHome(folder);
        const before = vaultKeyIn(home.store.database, "current")?.id;
        const { oldKeyId } = await rotateMasterKey(home, { forgetOld: true });
        strictEqual(oldKeyId, before);
        await home.host.clock.sleep(home.host.random.fraction() * 60);
      }
      await Deno.writeTextFile(stop, "");
      for (const ended of await Promise.all(readers.map(endOf))) {
        strictEqual(ended.code, 0, ended.err);
        ok(Number(ended.out) > 1, `${ended.out} laps`);
      }
      using home = openVaultHome(folder);
      await opensAll(home, "at the end");
    } finally {
      for (const reader of readers) {
        try {
          reader.kill("SIGKILL");
        } catch {
          // It has ended.
        }
      }
      await Deno.remove(folder, { recursive: true });
    }
  },
});
