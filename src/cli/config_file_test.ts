import { deepStrictEqual, rejects } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { readConfigFile, readPlain } from "./config_file.ts";

Deno.test("readPlain() reads the plain form and leaves the rest to YAML", () => {
  const cases:
    readonly (readonly [string, Record<string, string> | undefined])[] = [
      ["", {}],
      ["# nothing\n\n", {}],
      ["output: json\n", { output: "json" }],
      ["output: json  \r\n", { output: "json" }],
      ["home: /a b/c#d:e\n", { home: "/a b/c#d:e" }],
      ["home: \"a # b\"\nmodel: 'x: y'\n", { home: "a # b", model: "x: y" }],
      [
        "backend:\n  type: local\n  local:\n    db_path: /x.db\noutput: wide\n",
        {
          "backend.type": "local",
          "backend.local.db_path": "/x.db",
          output: "wide",
        },
      ],
      ["output: json # why\n", undefined],
      ["output: {a: 1}\n", undefined],
      ["- a\n", undefined],
      ['home: "a\\nb"\n', undefined],
      ["home: |\n  x\n", undefined],
      ["home: &a x\n", undefined],
    ];
  for (const [text, expected] of cases) {
    const values = readPlain(text);
    deepStrictEqual(
      values === undefined ? undefined : Object.fromEntries(values),
      expected,
      text,
    );
  }
});

async function read(text: string): Promise<object> {
  const host = fakeHost({ files: { "/c.yaml": text } });
  const { values, warnings } = await readConfigFile(host, "/c.yaml", true);
  return { ...Object.fromEntries(values), warnings };
}

Deno.test("readConfigFile() takes any YAML", async () => {
  deepStrictEqual(
    await read("backend: {type: local, local: {db_path: /x}} # why\n"),
    {
      "backend.type": "local",
      "backend.local.db_path": "/x",
      warnings: [],
    },
  );
  deepStrictEqual(await read("modle: a\n"), {
    modle: "a",
    warnings: ['Unknown key "modle" in "/c.yaml". Did you mean "model"?'],
  });
});

Deno.test("readConfigFile() refuses what it cannot mean", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["output: jsn\n", /Key "output" in "\/c.yaml" cannot be "jsn"/],
    ["a: [\n", /Cannot read the configuration "\/c.yaml"/],
    ["- a\n", /it is no mapping of keys/],
  ];
  for (const [text, message] of cases) await rejects(read(text), message, text);
  const host = fakeHost();
  await rejects(
    readConfigFile(host, "/none.yaml", true),
    /Cannot read the configuration "\/none.yaml": no such file/,
  );
  deepStrictEqual(
    (await readConfigFile(host, "/none.yaml", false)).values.size,
    0,
  );
});
