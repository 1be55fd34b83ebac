import assert from "node:assert/strict";
import { systemFiles } from "./system_files.ts";

const files = systemFiles();
const POSIX = { ignore: Deno.build.os === "windows" };

async function inFolder(work: (folder: string) => Promise<void>) {
  const folder = await files.realPath(await files.makeTemporaryDirectory());
  try {
    await work(folder);
  } finally {
    await files.remove(folder);
  }
}

Deno.test("readReal() reads no more than it is asked, and says what it read", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a`;
    await Deno.writeTextFile(path, "x".repeat(5000));
    const { bytes, info } = await files.readReal(path, { lengthMax: 3000 });
    assert.deepEqual([bytes.length, info.sizeBytes], [3000, 5000]);
    assert.equal(info.fileId, files.stat(path)?.fileId);
    const whole = await files.readReal(path, { lengthMax: 9000 });
    assert.equal(whole.bytes.length, 5000);
  }));

Deno.test(
  "readReal() and writeReal() follow no link",
  POSIX,
  () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/real`);
      await Deno.writeTextFile(`${folder}/real/a`, "kept");
      await Deno.symlink("real", `${folder}/link`);
      await Deno.symlink("real/a", `${folder}/b`);
      const bytes = new TextEncoder().encode("new");
      for (
        const path of [`${folder}/link/a`, `${folder}/b`, `${folder}/real`]
      ) {
        await assert.rejects(
          files.readReal(path, { lengthMax: 10 }),
          Deno.errors.PermissionDenied,
        );
      }
      await assert.rejects(
        files.writeReal(`${folder}/link/c`, bytes),
        Deno.errors.PermissionDenied,
      );
      // A link itself is replaced; what it led to is not.
      await files.writeReal(`${folder}/b`, bytes);
      assert.ok(!files.isLink(`${folder}/b`));
      assert.equal(await files.readText(`${folder}/real/a`), "kept");
      assert.deepEqual(await files.list(`${folder}/real`), ["a"]);
    }),
);

Deno.test(
  "writeReal() gives a file exactly its mode, and leaves nothing beside it",
  POSIX,
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/a`;
      await files.writeReal(path, new Uint8Array(3), { mode: 0o777 });
      assert.equal(files.stat(path)?.mode, 0o777);
      await Deno.mkdir(`${folder}/dir`);
      await assert.rejects(files.writeReal(`${folder}/dir`, new Uint8Array()));
      assert.deepEqual(
        (await files.entries(folder)).map(({ name, kind }) =>
          `${name} ${kind}`
        ),
        ["a file", "dir directory"],
      );
    }),
);

Deno.test(
  "writeReal() writes a file whose name leaves no room for another's",
  POSIX,
  () =>
    inFolder(async (folder) => {
      for (const name of ["n".repeat(255), `${"n".repeat(253)}\\n`]) {
        const path = `${folder}/${name}`;
        await files.writeReal(path, new TextEncoder().encode("one"));
        await files.writeReal(path, new TextEncoder().encode("two"));
        assert.equal(await files.readText(path), "two");
      }
      assert.equal((await files.entries(folder)).length, 2);
    }),
);
