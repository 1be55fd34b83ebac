import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import { type Confinement, openFileRunner } from "./confined.ts";

const host = systemHost();

async function inFolder(
  confinement: Confinement,
  work: (
    folder: string,
    run: (tool: string, args: JsonObject) => Promise<string>,
  ) => Promise<void>,
  callMsMax = 15_000,
): Promise<void> {
  const folder = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const root = `${folder}/in, side`;
  host.files.makeDirectory(root);
  const runner = openFileRunner({ host, root, confinement, callMsMax });
  try {
    await work(root, async (tool, args) => {
      const call = { tool, arguments: args };
      const { text } = await runner.run(call, AbortSignal.timeout(60_000));
      return text;
    });
  } finally {
    await runner.close();
    await host.files.remove(folder);
  }
}

for (const confinement of ["process", "worker", "here"] as const) {
  Deno.test(`run() works on files in a ${confinement}`, async () => {
    await inFolder(confinement, async (root, run) => {
      assert.match(
        await run("write", { path: "a/b.txt", content: "one\ntwo\n" }),
        /^Created a\/b\.txt: 2 lines, 8 bytes$/,
      );
      assert.equal(
        await run("read", { path: "a/b.txt" }),
        "     1\tone\n     2\ttwo",
      );
      assert.match(
        await run("edit", {
          path: "a/b.txt",
          oldText: "two",
          newText: "three",
        }),
        /1 replacement, line 2/,
      );
      assert.equal(
        await host.files.readText(`${root}/a/b.txt`),
        "one\nthree\n",
      );
      assert.equal(
        await run("search", { pattern: "thr" }),
        "a/b.txt:2: three",
      );
      assert.equal(await run("list", {}), "a/\na/b.txt (10 bytes)");
    });
  });
}

Deno.test("run() ends a search that does not end, and the files go on", async () => {
  await inFolder("process", async (_root, run) => {
    await run("write", { path: "a.txt", content: `${"a".repeat(60)}!` });
    const before = await run("read", { path: "a.txt" });
    const [late, beside] = await Promise.all([
      run("search", { pattern: "(a+)+$", regex: true }),
      run("read", { path: "a.txt" }),
    ]);
    assert.match(late, /It took more than 1.5 s and was ended/);
    assert.equal(beside, before);
    // The next one has a new process.
    assert.match(await run("search", { pattern: "aaa" }), /^a\.txt:1: aaa/);
  }, 1500);
});

Deno.test("run() ends a search that does not end in a worker", async () => {
  await inFolder("worker", async (_root, run) => {
    await run("write", { path: "a.txt", content: `${"a".repeat(60)}!` });
    assert.match(
      await run("search", { pattern: "(a+)+$", regex: true }),
      /It took more than 1.5 s and was ended/,
    );
  }, 1500);
});

Deno.test("run() tells of tools that cannot be started", async () => {
  const root = `${host.platform.cwd()}/no-folder-of-the-kind`;
  const runner = openFileRunner({ host, root, confinement: "process" });
  const call = { tool: "list", arguments: {} };
  const { text, isError } = await runner.run(call, AbortSignal.timeout(60_000));
  assert.ok(isError);
  assert.match(text, /^The tools for files cannot run: .*cwd/);
  await runner.close();
});

Deno.test("run() leaves no search running that nobody waits for any more", () =>
  inFolder("process", async (root, run) => {
    await run("write", { path: "a.txt", content: `${"a".repeat(60)}!` });
    const runner = openFileRunner({ host, root, confinement: "process" });
    const abort = new AbortController();
    const stuck = { pattern: "(a+)+$", regex: true };
    const both = [1, 2].map(() =>
      runner.run({ tool: "search", arguments: stuck }, abort.signal)
    );
    abort.abort(new Error("cancelled"));
    for (const it of both) await assert.rejects(it, /cancelled/);
    const call = { tool: "search", arguments: { pattern: "a!" } };
    const { text } = await runner.run(call, AbortSignal.timeout(60_000));
    assert.match(text, /^a\.txt:1: a+!$/);
    await runner.close();
  }));
