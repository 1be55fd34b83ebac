import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { systemHost } from "../host/system.ts";
import { keyFileSource } from "./key_file_source.ts";
import { findKey } from "./key_source.ts";

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const UNIX = Deno.build.os !== "windows";

async function inFolder(
  body: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(`${folder}/master.key`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a key file keeps several keys, its owner's alone, and forgets one", () =>
  inFolder(async (path) => {
    const source = keyFileSource(systemHost(), path);
    strictEqual(await source.read("key-1"), undefined);
    const { location } = await source.write("key-1", KEY);
    strictEqual(location, path);
    await source.write("key-2", OTHER);
    await source.write("key-2", OTHER);
    if (UNIX) strictEqual((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    const again = keyFileSource(systemHost(), path);
    deepStrictEqual(await again.read("key-1"), KEY);
    deepStrictEqual(await again.read("key-2"), OTHER);
    await again.remove("key-1");
    await again.remove("key-1");
    strictEqual(await source.read("key-1"), undefined);
    deepStrictEqual(await source.read("key-2"), OTHER);
  }));

Deno.test("a key file that others can read is refused, with the way out", {
  ignore: !UNIX,
}, () =>
  inFolder(async (path) => {
    const source = keyFileSource(systemHost(), path);
    await source.write("key-1", KEY);
    for (const mode of [0o640, 0o604, 0o660]) {
      await Deno.chmod(path, mode);
      const words = /chmod 600 ".*master\.key"/;
      await rejects(source.read("key-1"), words);
      await rejects(source.write("key-2", OTHER), words);
      const usability = await source.probe();
      strictEqual(!usability.usable && usability.broken, true);
    }
    await Deno.chmod(path, 0o400);
    deepStrictEqual(await source.read("key-1"), KEY);
  }));

Deno.test("a key file that is older, or empty, is not called missing", () =>
  inFolder(async (path) => {
    const source = keyFileSource(systemHost(), path);
    const searched = async () => {
      const found = await findKey([source], { keyId: "key-none" });
      return found.kind === "missing" && found.searched;
    };
    strictEqual(await searched(), "a key file: it is not there");
    for (const keyId of ["key-1", "key-2", "key-3", "key-4", "key-5"]) {
      await source.write(keyId, KEY);
    }
    strictEqual(
      await searched(),
      "a key file: it holds key-3, key-4, key-5 and 2 older",
    );
    await Deno.writeTextFile(path, "");
    strictEqual(await searched(), "a key file: it holds no key");
  }));

Deno.test("a damaged key file is never written over", () =>
  inFolder(async (path) => {
    const source = keyFileSource(systemHost(), path);
    await source.write("key-1", KEY);
    const text = await Deno.readTextFile(path);
    for (
      const broken of [
        text.slice(0, -10),
        `${text}rubbish\n`,
        `${text}key-3 ${"A".repeat(12)}\n`,
        `${text}${"# much\n".repeat(30_000)}`,
      ]
    ) {
      await Deno.writeTextFile(path, broken);
      await rejects(source.read("key-1"));
      await rejects(source.write("key-2", OTHER));
      strictEqual(await Deno.readTextFile(path), broken);
    }
  }));

Deno.test("what is wrong in a key file is said by its line, without the text", () =>
  inFolder(async (path) => {
    await Deno.writeTextFile(path, "# a\nkey-1 hunter2\n", { mode: 0o600 });
    await rejects(keyFileSource(systemHost(), path).read("key-1"), (error) => {
      match(String(error), /is damaged in line 2/);
      strictEqual(String(error).includes("hunter2"), false);
      return true;
    });
  }));

Deno.test("keys that are written at once are all kept", () =>
  inFolder(async (path) => {
    const ids = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    await Promise.all(
      ids.map((id) => keyFileSource(systemHost(), path).write(id, KEY)),
    );
    const source = keyFileSource(systemHost(), path);
    for (const id of ids) deepStrictEqual(await source.read(id), KEY, id);
  }));

Deno.test("a key that a process left half written does not stay about", () =>
  inFolder(async (path, folder) => {
    const stray = `${path}.123.${crypto.randomUUID()}.tmp`;
    await Deno.writeTextFile(stray, "key-1 a copy");
    // Copies that a person has put aside are nobody else's to remove.
    const aside = ["master.key.old.tmp", "master.key.tmp", "other.tmp"];
    for (const name of aside) {
      await Deno.writeTextFile(`${folder}/${name}`, "somebody's");
    }
    await keyFileSource(systemHost(), path).write("key-1", KEY);
    deepStrictEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
      ["master.key", "master.key.lock", ...aside].sort(),
    );
  }));

Deno.test("a key file that another process holds is given up on after a time", async () => {
  const host = fakeHost();
  host.files.lock("/home/user/master.key.lock");
  const source = keyFileSource(host, "/home/user/master.key");
  const writing = rejects(source.write("key-1", KEY), {
    code: "UNAVAILABLE",
  });
  for (let waited = 0; waited < 300; waited++) {
    host.clock.advance(20);
    await Promise.resolve();
  }
  await writing;
});
