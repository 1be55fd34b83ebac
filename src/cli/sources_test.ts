import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { fakeContext } from "./fake_context.ts";
import { confirmDeletion } from "./confirm.ts";
import { looksLikeManifest, readSources } from "./sources.ts";

const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: NAME }
spec: { instructions: Review whatever you are given }
`;

Deno.test("readSources() reads folders in order and skips what is no manifest", async () => {
  const context = await fakeContext("", {
    files: {
      "/m/b.yml": AGENT.replace("NAME", "b"),
      "/m/a/z.yaml": AGENT.replace("NAME", "z"),
      "/m/script.yaml": "turns:\n  - say: hello\n",
      "/m/.hidden/x.yaml": AGENT,
      "/m/notes.txt": "kind: nothing",
      "/m/data.json": '{"a": 1}',
    },
    stdin: AGENT.replace("NAME", "stdin"),
  });
  const read = await readSources(context, ["/m", "-"]);
  deepStrictEqual(read.documents.map((it) => it.name), ["z", "b", "stdin"]);
  deepStrictEqual(read.diagnostics, []);
  strictEqual(read.fileCount, 3);
  match(
    context.host.terminal.text("stderr"),
    /Skipped "\/m\/data.json"[^]*Skipped "\/m\/script.yaml"/,
  );
});

Deno.test("readSources() says nothing of the script of a model", async () => {
  const context = await fakeContext("", {
    files: {
      "/m/a.yaml": AGENT.replace("NAME", "a"),
      "/m/a.script.yaml": "# What it says\nturns:\n  - say: hello\n",
      "/m/b.script.json": '{"turns": []}',
      "/m/c.script.yaml": "steps: []\n",
    },
  });
  const read = await readSources(context, ["/m"]);
  deepStrictEqual(read.documents.map((it) => it.name), ["a"]);
  strictEqual(
    context.host.terminal.text("stderr"),
    'Skipped "/m/c.script.yaml": it is no manifest\n',
  );
});

Deno.test("readSources() says what it cannot read", async () => {
  const context = await fakeContext("", { files: { "/m/a.txt": "" } });
  await rejects(readSources(context, []), /Missing option --file/);
  await rejects(readSources(context, ["/x"]), /"\/x": no such file or folder/);
  await rejects(
    readSources(context, ["/m"]),
    /Cannot find a manifest in "\/m"/,
  );
});

Deno.test("readSources() leads from a path with nothing there to a file", async () => {
  const context = await fakeContext("", { files: { "/m/a-flow.yaml": "" } });
  await rejects(
    readSources(context, ["/m/a-flow.yml"]),
    (error) =>
      error instanceof StigmerError && error.code === "NOT_FOUND" &&
      error.hints[0] === 'Did you mean "/m/a-flow.yaml"?',
  );
});

Deno.test("readSources() refuses what is no text, and shows none of it", async () => {
  const context = await fakeContext("", {
    files: {
      "/m/ls": "\x7fELF\x02\0\0\0rest",
      "/m/u16.yaml": "\ufffd\ufffda\0:\0 \x001\0",
      "/f/folder.yaml": "\x7fELF\0",
      "/f/agent.yaml": AGENT,
    },
  });
  await rejects(
    readSources(context, ["/m/ls"]),
    /Cannot read "\/m\/ls": it is a binary file, and no YAML or JSON$/,
  );
  await rejects(
    readSources(context, ["/m/u16.yaml"]),
    /Cannot read "\/m\/u16.yaml": it is text in UTF-16$/,
  );
  // One that nobody named keeps no other from being read.
  strictEqual((await readSources(context, ["/f"])).fileCount, 1);
});

Deno.test("looksLikeManifest() knows resources, lists and specifications", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [AGENT, true],
    ['{"apiVersion": "x"}', true],
    ["- kind: Agent\n", true],
    ["document:\n  dsl: 1.0.0\ndo: []\n", true],
    ["document: x\n", false],
    ["turns: []\n", false],
    ["", false],
  ];
  for (const [text, expected] of cases) {
    strictEqual(looksLikeManifest(text), expected, text);
  }
});

Deno.test("confirmDeletion() asks on a terminal and nowhere else", async () => {
  const ask = async (
    line: string,
    stdin: string,
    columns?: number,
  ): Promise<boolean> => {
    const options = columns === undefined ? {} : { columns };
    const context = await fakeContext(line, { stdin, ...options });
    return await confirmDeletion(context, ['agent "a"'], false);
  };
  strictEqual(await ask("", "y\n", 80), true);
  strictEqual(await ask("", "YES\n", 80), true);
  strictEqual(await ask("", "\n", 80), false);
  strictEqual(await ask("", "", 80), false);
  await rejects(ask("", "y\n"), /Cannot ask whether to delete agent "a"/);
  await rejects(ask("--no-input", "y\n", 80), /Cannot ask/);
  const context = await fakeContext("");
  strictEqual(await confirmDeletion(context, ["x"], true), true);
});
