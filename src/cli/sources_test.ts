import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
} from "node:assert/strict";
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

Deno.test("readSources() says what it cannot read", async () => {
  const context = await fakeContext("", { files: { "/m/a.txt": "" } });
  await rejects(readSources(context, []), /Missing option --file/);
  await rejects(readSources(context, ["/x"]), /"\/x": no such file or folder/);
  await rejects(
    readSources(context, ["/m"]),
    /Cannot find a manifest in "\/m"/,
  );
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
