import assert from "node:assert/strict";
import { systemFiles } from "./system_files.ts";

const files = systemFiles();

async function* pieces(
  ...texts: readonly string[]
): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await new TextEncoder().encode(text);
}

Deno.test("writeChunks() writes all pieces, for its owner alone", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a`;
  await files.writeChunks(path, pieces("one ", "two"), { mode: 0o600 });
  assert.equal(await files.readText(path), "one two");
  assert.equal(files.stat(path)?.mode, 0o600);
  assert.deepEqual(await files.list(folder), ["a"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "writeChunks() gives the whole mode, whatever the umask holds back",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    const before = Deno.umask(0o077);
    try {
      for (const mode of [0o755, 0o600, 0o644]) {
        const path = `${folder}/${mode}`;
        await files.writeChunks(path, pieces("x"), { mode });
        assert.equal(files.stat(path)?.mode, mode);
      }
    } finally {
      Deno.umask(before);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("writeChunks() replaces nothing unless it may", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a`;
  await Deno.writeTextFile(path, "before");
  await assert.rejects(
    files.writeChunks(path, pieces("after"), { mode: 0o600 }),
    Deno.errors.AlreadyExists,
  );
  assert.equal(await files.readText(path), "before");
  await files.writeChunks(path, pieces("after"), {
    mode: 0o600,
    replace: true,
  });
  assert.equal(await files.readText(path), "after");
  assert.deepEqual(await files.list(folder), ["a"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("writeChunks() leaves nothing behind when a piece fails", async () => {
  const folder = await Deno.makeTempDir();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* pieces("one");
    throw new Error("the line broke");
  }
  await assert.rejects(
    files.writeChunks(`${folder}/a`, broken(), { mode: 0o600 }),
    /the line broke/,
  );
  assert.deepEqual(await files.list(folder), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("readChunks() gives a large file in bounded pieces", async () => {
  const path = await Deno.makeTempFile();
  const content = new Uint8Array(2_500_000).map((_, i) => i % 251);
  await Deno.writeFile(path, content);
  let at = 0;
  for await (const chunk of files.readChunks(path)) {
    assert.ok(chunk.length <= 1024 * 1024);
    assert.deepEqual(chunk, content.slice(at, at + chunk.length));
    at += chunk.length;
  }
  assert.equal(at, content.length);
  await Deno.remove(path);
});

Deno.test("freeBytes() says how much room there is, where it is known", async () => {
  const free = await files.freeBytes(Deno.cwd());
  if (Deno.build.os !== "windows") assert.ok((free ?? 0) > 0);
  assert.equal(await files.freeBytes("/no/such/folder"), undefined);
});
