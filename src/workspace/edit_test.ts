import assert from "node:assert/strict";
import { apartHost } from "../host/system_apart.ts";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import { runFileCall } from "./file_tools.ts";
import type { ToolText, WorkspaceFiles } from "./tool.ts";

const host = systemHost();

/** A folder with one file. */
async function withFile(
  text: string,
  work: (scene: {
    readonly path: string;
    edit(
      args: JsonObject,
      files?: Partial<WorkspaceFiles>,
    ): Promise<ToolText>;
  }) => Promise<void>,
): Promise<void> {
  const root = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const path = `${root}/a.txt`;
  await Deno.writeTextFile(path, text);
  const apart = apartHost();
  try {
    await work({
      path,
      edit: (args, files) =>
        runFileCall({
          tool: "edit",
          arguments: { path: "a.txt", ...args },
          root,
          os: host.platform.os,
        }, {
          files: { ...apart.files, ...files },
          monotonic: () => apart.monotonic(),
          isEnded: true,
        }),
    });
  } finally {
    await host.files.remove(root);
  }
}

Deno.test("edit undoes no change that someone else made meanwhile", () =>
  withFile("one two", async ({ path, edit }) => {
    const { readReal } = apartHost().files;
    const { text, isError } = await edit(
      { oldText: "one", newText: "1" },
      {
        async readReal(at, options) {
          const read = await readReal(at, options);
          Deno.writeTextFileSync(path, "one two three");
          return read;
        },
      },
    );
    assert.ok(isError);
    assert.match(text, /changed meanwhile: read it/);
    assert.equal(await Deno.readTextFile(path), "one two three");
  }));

Deno.test("edit replaces what is there a hundred thousand times, at once", () =>
  withFile("word and\n".repeat(100_000), async ({ path, edit }) => {
    const began = performance.now();
    const { text } = await edit({
      oldText: "word",
      newText: "sign",
      replaceAll: true,
    });
    assert.ok(performance.now() - began < 3000);
    assert.match(text, /100000 replacements, from line 1 on/);
    assert.equal(
      await Deno.readTextFile(path),
      "sign and\n".repeat(100_000),
    );
  }));

Deno.test("edit makes no file that no tool could read again", () =>
  withFile("a".repeat(10_000), async ({ path, edit }) => {
    const { text, isError } = await edit({
      oldText: "a",
      newText: "b".repeat(10_000),
      replaceAll: true,
    });
    assert.ok(isError);
    assert.match(text, /unchanged: it would have 100000000 characters/);
    assert.equal(await Deno.readTextFile(path), "a".repeat(10_000));
  }));
