import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { runFileCall } from "./file_tools.ts";
import { isOwn, ownPaths } from "./own_files.ts";

Deno.test("isOwn() knows what is kept, and what stands beside it under its name", () => {
  const own = ["/home/me/stigmer.db", "/home/me/workers/"];
  const cases = [
    ["/home/me/stigmer.db", true],
    ["/home/me/stigmer.db-wal", true],
    ["/home/me/stigmer.db.1.tmp", true],
    ["/home/me/workers", false],
    ["/home/me/workers/1.lock", true],
    ["/home/me", false],
    ["/home/me/stigmer.dbx", false],
    ["/home/me/workers.ts", false],
    ["/home/me/a/stigmer.db", false],
  ] as const;
  for (const [path, expected] of cases) {
    assert.equal(isOwn(path, own), expected, path);
  }
});

Deno.test("tools have nothing of Stigmer's own, whatever the folder", async () => {
  const host = fakeHost({
    files: { "/me/.stigmer/master.key": "word", "/me/.stigmer/a": "word" },
  });
  const own = await ownPaths(
    { folder: "/me/.stigmer", names: ["master.key", "stigmer.db"] },
    host,
  );
  const cases = [
    ["/me", ".stigmer/"],
    ["/me/.stigmer", ""],
  ] as const;
  for (const [root, start] of cases) {
    const run = async (tool: string, args: Readonly<Record<string, string>>) =>
      (await runFileCall({ tool, arguments: args, root, os: "linux", own }, {
        files: host.files,
        monotonic: () => 0,
        isEnded: true,
      })).text;
    for (const name of ["master.key", "master.key.1.tmp", "stigmer.db-wal"]) {
      const path = start + name;
      const problem = `"${path}" is what Stigmer keeps for itself`;
      assert.equal(await run("read", { path }), problem);
      assert.equal(await run("write", { path, content: "" }), problem);
    }
    assert.equal(
      await run("search", { pattern: "word" }),
      `${start}a:1: word`,
    );
    assert.ok(!(await run("list", {})).includes("master"));
  }
  assert.deepEqual(await ownPaths({ folder: "/none", names: ["a"] }, host), []);
});
