import { rejects, strictEqual } from "node:assert/strict";
import { type ConfigChange, editConfig } from "./config_edit.ts";
import { fakeContext } from "./fake_context.ts";

const PATH = "/home/user/.stigmer/config.yaml";

async function edited(
  text: string | undefined,
  changes: readonly ConfigChange[],
): Promise<string> {
  const context = await fakeContext("", {
    files: text === undefined ? {} : { [PATH]: text },
  });
  await editConfig(context, changes);
  const { files } = context.host;
  return files.stat(PATH) === undefined
    ? "nothing"
    : await files.readText(PATH);
}

Deno.test("editConfig() changes what it is told, and keeps the rest as it was", async () => {
  const cases: readonly (readonly [
    string | undefined,
    readonly ConfigChange[],
    string,
  ])[] = [
    [undefined, [["output", "json"]], "output: json\n"],
    [undefined, [["output", undefined]], "nothing"],
    [
      "# mine\nmodel: a/b # why\n",
      [["backend.type", "cloud"], ["contexts.a.endpoint", "https://a"]],
      "# mine\nmodel: a/b # why\nbackend:\n  type: cloud\n" +
      "contexts:\n  a:\n    endpoint: https://a\n",
    ],
    ["output: json\n", [["output", undefined]], ""],
    // A mapping with nothing left in it goes with what was in it.
    [
      "backend:\n  cloud:\n    token: x\n  type: local\n",
      [["backend.cloud.token", undefined]],
      "backend:\n  type: local\n",
    ],
    [
      "contexts:\n  a:\n    endpoint: https://a\n    ca_file: /a\n" +
      "  b:\n    endpoint: https://b\n",
      [["contexts.a", undefined]],
      "contexts:\n  b:\n    endpoint: https://b\n",
    ],
    // Of two spellings one is left.
    [
      "cloud:\n  endpoint: https://old\n",
      [["backend.cloud.endpoint", "https://new"]],
      "backend:\n  cloud:\n    endpoint: https://new\n",
    ],
    ["cloud: {token: x}\n", [["backend.cloud.token", undefined]], ""],
    [
      "cloud: {token: x, endpoint: https://a}\nlocal: {db_path: /a}\n",
      [["backend.cloud", undefined]],
      "local: { db_path: /a }\n",
    ],
    // Keys with nothing behind them.
    [
      "backend:\ncontexts:\n  a:\n",
      [["backend.type", "cloud"], ["contexts.a.endpoint", "https://a"]],
      "backend:\n  type: cloud\ncontexts:\n  a:\n    endpoint: https://a\n",
    ],
  ];
  for (const [text, changes, expected] of cases) {
    strictEqual(await edited(text, changes), expected);
  }
});

Deno.test("editConfig() leaves a file alone that it cannot read", async () => {
  const context = await fakeContext("");
  const { files } = context.host;
  await files.writeAtomic(PATH, "a: [\n");
  await rejects(
    editConfig(context, [["output", "json"]]),
    /Cannot change ".*config.yaml", line 1, column 4: the list in brackets/,
  );
  strictEqual(await files.readText(PATH), "a: [\n");
});

Deno.test("editConfig() does not change what an alias stands for", async () => {
  const text = "base: &b {type: local}\nbackend: *b\n";
  await rejects(
    edited(text, [["backend.type", "cloud"]]),
    /Cannot change ".*config.yaml": "backend" is an alias there$/,
  );
});

Deno.test("editConfig() waits for whoever changes the file, but not for ever", async () => {
  const context = await fakeContext("");
  const { host } = context;
  const other = host.files.lock(`${PATH}.lock`);
  const editing = editConfig(context, [["output", "json"]]);
  const refused = rejects(editing, /another process holds its lock/);
  let ended = false;
  void refused.finally(() => ended = true);
  for (let i = 0; i < 1000 && !ended; i++) {
    host.clock.advance(20);
    await Promise.resolve();
  }
  await refused;
  other?.release();
  await editConfig(context, [["output", "json"]]);
  strictEqual(await host.files.readText(PATH), "output: json\n");
});
