import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { apartHost } from "../host/system_apart.ts";
import { systemHost } from "../host/system.ts";
import type { JsonObject } from "../model/json.ts";
import { runFileCall } from "./file_tools.ts";
import type { ToolText } from "./tool.ts";

const ROOT = "/work";

/** Files of memory with the tools over them. */
function workspaceWith(files: Readonly<Record<string, string>>) {
  const host = fakeHost({
    files: Object.fromEntries(
      Object.entries({ ".keep": "", ...files }).map(([path, text]) => [
        `${ROOT}/${path}`,
        text,
      ]),
    ),
  });
  const run = (tool: string, args: JsonObject): Promise<ToolText> =>
    runFileCall({ tool, arguments: args, root: ROOT, os: "linux" }, {
      files: host.files,
      monotonic: () => host.clock.monotonic(),
      isEnded: true,
    });
  return {
    host,
    run,
    async text(tool: string, args: JsonObject) {
      const { text, isError } = await run(tool, args);
      assert.equal(isError, false, text);
      return text;
    },
    async problem(tool: string, args: JsonObject) {
      const { text, isError } = await run(tool, args);
      assert.equal(isError, true, text);
      return text;
    },
    file: (path: string) => host.files.readText(`${ROOT}/${path}`),
  };
}

Deno.test("read gives lines with numbers, a part at a time", async () => {
  const lines = Array.from({ length: 5 }, (_, i) => `line ${i + 1}`);
  const { text, problem } = workspaceWith({
    "a.txt": `${lines.join("\n")}\n`,
    "empty.txt": "",
    "long.txt": "x".repeat(3000),
    "binary.bin": "a\0b",
    "dir/b.txt": "",
  });
  assert.equal(
    await text("read", { path: "a.txt", offset: 2, limit: 2 }),
    "     2\tline 2\n     3\tline 3\n" +
      "[lines 2 to 3 of 5; read on with offset 4]",
  );
  assert.match(await text("read", { path: "a.txt" }), /5\tline 5$/);
  assert.equal(
    await text("read", { path: "empty.txt" }),
    "[the file is empty]",
  );
  assert.match(
    await text("read", { path: "long.txt" }),
    /x{2000} \[1000 characters more\]$/,
  );
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ path: "a.txt", offset: 9 }, /The file has 5 lines, none is 9/],
    [{ path: "long.txt", offset: 2 }, /The file has 1 line, none is 2/],
    [{ path: "binary.bin" }, /is no text: 3 bytes/],
    [{ path: "dir" }, /is a folder: list it/],
    [{ path: "none.txt" }, /There is no "none.txt"/],
    [{}, /"path" is missing/],
    [{ path: "a.txt", ofset: 1 }, /did you mean "offset"\?/],
    [{ path: "a.txt", offset: 0 }, /0 is not from 1/],
    [{ path: 7 }, /expected a text, got number/],
  ];
  for (const [args, expected] of cases) {
    assert.match(await problem("read", args), expected);
  }
});

Deno.test("read keeps to a bound and says how to go on", async () => {
  const { text } = workspaceWith({
    "a.txt": `${"y".repeat(1500)}\n`.repeat(90),
  });
  const page = await text("read", { path: "a.txt" });
  assert.ok(page.length < 62_000);
  const next = Number(/read on with offset (\d+)\]$/.exec(page)?.[1]);
  assert.match(
    await text("read", { path: "a.txt", offset: next }),
    new RegExp(`^ +${next}\t`),
  );
});

Deno.test("list goes as deep as it is asked, and leaves out what nobody means", async () => {
  const { text } = workspaceWith({
    "a.txt": "1",
    "src/deep/er/b.ts": "22",
    "node_modules/x/c.js": "",
    ".git/HEAD": "",
  });
  assert.equal(
    await text("list", {}),
    ".git/ …\n.keep (0 bytes)\na.txt (1 byte)\nnode_modules/ …\nsrc/\n" +
      "src/deep/ …",
  );
  assert.equal(
    await text("list", { glob: "**/*.{ts,js}" }),
    "src/deep/er/b.ts (2 bytes)",
  );
  assert.match(await text("list", { all: true, depth: 9 }), /x\/c\.js/);
  assert.match(await text("list", { path: "node_modules" }), /x\/c\.js/);
  assert.equal(await text("list", { glob: "*.rs" }), "[nothing is there]");
});

Deno.test("search finds texts and expressions, with what is around them", async () => {
  const { text, problem } = workspaceWith({
    "a.ts": "const a = 1;\nconst b = 2;\nlet c = 3;\n",
    "b.md": "A = one\n",
    "c.bin": "const\0",
    "node_modules/d.ts": "const d = 4;\n",
  });
  assert.equal(
    await text("search", { pattern: "const" }),
    "a.ts:1: const a = 1;\na.ts:2: const b = 2;\n" +
      "[left out, as no text or too large: 1 file]",
  );
  assert.match(
    await text("search", { pattern: "^let \\w", regex: true, context: 1 }),
    /^a\.ts-2- const b = 2;\na\.ts:3: let c = 3;\n/,
  );
  assert.match(
    await text("search", { pattern: "a =", ignoreCase: true, glob: "*.md" }),
    /^b\.md:1: A = one/,
  );
  assert.match(
    await text("search", { pattern: "const", maxResults: 1 }),
    /^a\.ts:1: .*\n\[there is more: 1 are shown/,
  );
  assert.match(
    await text("search", { pattern: "const", filesOnly: true }),
    /^a\.ts\n/,
  );
  assert.match(
    await text("search", { pattern: "d = 4", path: "node_modules" }),
    /^node_modules\/d\.ts:1/,
  );
  assert.match(await text("search", { pattern: "zzz" }), /^\[nothing fits\]/);
  assert.match(
    await problem("search", { pattern: "(", regex: true }),
    /no regular expression/,
  );
});

Deno.test("search reads no file that rules keep from being read", async () => {
  const { host } = workspaceWith({
    ".env": "KEY=1\n",
    "a.txt": "KEY=2\n",
    "asked.txt": "KEY=3\n",
    "shut/b.txt": "KEY=4\n",
  });
  const { text } = await runFileCall({
    tool: "search",
    arguments: { pattern: "KEY" },
    root: ROOT,
    os: "linux",
    layers: [{
      agent: "bot",
      rules: {
        allow: [],
        // Who is asked about a search, is asked about no file of it again.
        ask: ["read:path=asked*", "search"],
        deny: ["read:path=.env", "search:path=shut/*"],
      },
    }],
  }, { files: host.files, monotonic: () => 0, isEnded: true });
  assert.equal(
    text,
    "a.txt:1: KEY=2\n" +
      "[left out, by rules for `read`: 3 files]",
  );
});

Deno.test("list and search say so where a folder has more than they look at", async () => {
  const { host } = workspaceWith({ "a.txt": "word" });
  const names = ["a.txt", ...Array.from({ length: 50_000 }, (_, i) => `b${i}`)];
  const files = {
    ...host.files,
    entries: () =>
      Promise.resolve(names.map((name) => ({ name, kind: "file" } as const))),
  };
  const cases: readonly (readonly [string, JsonObject, RegExp])[] = [
    ["search", { pattern: "none" }, /^\[nothing fits\]\n\[not all .* 50000 /],
    ["list", { glob: "z*" }, /^\[nothing is there\]\n\[not all .* 50000 /],
    ["list", { glob: "a*" }, /^a\.txt \(4 bytes\)\n\[not all .* 50000 /],
  ];
  for (const [tool, args, expected] of cases) {
    const { text } = await runFileCall(
      { tool, arguments: args, root: ROOT, os: "linux" },
      { files, monotonic: () => 0, isEnded: true },
    );
    assert.match(text, expected);
  }
});

Deno.test("write says what it did, and keeps how a file is written", async () => {
  const { text, problem, file } = workspaceWith({
    "dos.txt": "\ufeffa\r\nb\r\n",
    "dir/x": "",
  });
  assert.equal(
    await text("write", { path: "new/deep/a.txt", content: "1\n2" }),
    "Created new/deep/a.txt: 2 lines, 3 bytes",
  );
  assert.match(
    await text("write", { path: "dos.txt", content: "c\nd\n" }),
    /^Replaced dos\.txt/,
  );
  assert.equal(await file("dos.txt"), "c\r\nd\r\n");
  assert.match(await problem("write", { path: ".", content: "" }), /a folder/);
  assert.match(
    await problem("write", { path: "dir", content: "" }),
    /a folder/,
  );
  assert.match(
    await problem("write", { path: "dos.txt/a", content: "" }),
    /"dos.txt" is no folder/,
  );
});

Deno.test("edit replaces what is there once, or says why not", async () => {
  const { text, problem, file } = workspaceWith({
    "a.ts": "one\ntwo\none\n  three\n",
    "dos.txt": "a\r\nb\r\n",
  });
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ oldText: "one", newText: "1" }, /in it 2 times, at lines 1, 3: take in/],
    [{ oldText: "four", newText: "4" }, /not in it: read the file/],
    [{ oldText: "\tthree", newText: "3" }, /line 4 begins like it/],
    [{ oldText: "two", newText: "two" }, /are the same/],
    [{ oldText: "", newText: "x" }, /is empty/],
    [{}, /Nothing is to be replaced/],
    [{ edits: [{ oldText: "two" }] }, /item 1: it needs/],
    [{
      edits: [{ oldText: "two", newText: "2" }, {
        oldText: "none",
        newText: "",
      }],
    }, /a\.ts is unchanged: edit 2: `oldText` is not in it/],
  ];
  for (const [args, expected] of cases) {
    assert.match(await problem("edit", { path: "a.ts", ...args }), expected);
  }
  assert.equal(await file("a.ts"), "one\ntwo\none\n  three\n");
  assert.equal(
    await text("edit", {
      path: "a.ts",
      oldText: "one",
      newText: "$&1",
      replaceAll: true,
      edits: [{ oldText: "two\n", newText: "" }],
    }),
    "Edited a.ts: 2 replacements, from line 1 on; 1 replacement, line 2",
  );
  assert.equal(await file("a.ts"), "$&1\n$&1\n  three\n");
  await text("edit", { path: "dos.txt", oldText: "a\nb", newText: "c\nd" });
  assert.equal(await file("dos.txt"), "c\r\nd\r\n");
});

Deno.test("files keep their mode and their encoding", async () => {
  const { files, monotonic } = apartHost();
  const host = systemHost();
  const root = await host.files.realPath(
    await host.files.makeTemporaryDirectory(),
  );
  const { os } = host.platform;
  const run = (tool: string, args: JsonObject) =>
    runFileCall({ tool, arguments: args, root, os }, {
      files,
      monotonic,
      isEnded: true,
    });
  try {
    const utf16 = Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x62, 0);
    await Deno.writeFile(`${root}/a.txt`, utf16, { mode: 0o755 });
    assert.equal(
      (await run("read", { path: "a.txt" })).text,
      "     1\ta\n     2\tb",
    );
    await run("edit", { path: "a.txt", oldText: "b", newText: "c" });
    assert.deepEqual(
      await Deno.readFile(`${root}/a.txt`),
      Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x63, 0),
    );
    if (os !== "windows") {
      assert.equal(files.stat(`${root}/a.txt`)?.mode, 0o755);
      await Deno.chmod(`${root}/a.txt`, 0o666);
      await run("write", { path: "a.txt", content: "d" });
      assert.equal(files.stat(`${root}/a.txt`)?.mode, 0o666);
      // Nobody's words are run as someone else.
      for (const tool of ["write", "edit"]) {
        await Deno.chmod(`${root}/a.txt`, 0o6755);
        const args = tool === "write"
          ? { content: "one" }
          : { oldText: "one", newText: "two" };
        await run(tool, { path: "a.txt", ...args });
        assert.equal(files.stat(`${root}/a.txt`)?.mode, 0o755, tool);
      }
      await Deno.chmod(`${root}/a.txt`, 0o444);
      for (const args of [{ content: "x" }, { oldText: "two", newText: "x" }]) {
        const tool = "content" in args ? "write" : "edit";
        const { text } = await run(tool, { path: "a.txt", ...args });
        assert.match(text, /"a\.txt" is read-only/);
      }
      const { text } = await run("read", { path: "a.txt" });
      assert.equal(text, "     1\ttwo");
      await run("write", { path: "b\\c.txt", content: "" });
      assert.deepEqual(await files.list(root), ["a.txt", "b\\c.txt"]);
    } else assert.deepEqual(await files.list(root), ["a.txt"]);
  } finally {
    await host.files.remove(root);
  }
});
