import { deepStrictEqual, rejects } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { readConfigFile, readPlain, shownValue } from "./config_file.ts";

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

Deno.test("readConfigFile() takes servers, in either spelling", async () => {
  deepStrictEqual(
    await read(
      "backend:\n  type: cloud\n  context: my-prod\ncontexts:\n" +
        "  my-prod:\n    endpoint: a.example.com:443\n    insecure: false\n",
    ),
    {
      "backend.type": "cloud",
      "backend.context": "my-prod",
      "contexts.my-prod.endpoint": "a.example.com:443",
      "contexts.my-prod.insecure": "false",
      warnings: [],
    },
  );
  deepStrictEqual(
    await read(
      "backend: {type: cloud}\nlocal: {db_path: /x}\n" +
        "cloud: {endpoint: a.example.com, organization: acme}\n",
    ),
    {
      "backend.type": "cloud",
      "backend.local.db_path": "/x",
      "backend.cloud.endpoint": "a.example.com",
      warnings: [
        'Key "backend.cloud.organization" in "/c.yaml" means nothing, leave it out',
      ],
    },
  );
  // The same twice is no contradiction.
  deepStrictEqual(
    await read("local: {db_path: /x}\nbackend: {local: {db_path: /x}}\n"),
    { "backend.local.db_path": "/x", warnings: [] },
  );
});

Deno.test("readConfigFile() warns of a token that others can read", async () => {
  const text = "backend: {cloud: {token: stg_secret}}\n";
  const { warnings } = await readConfigFile(
    fakeHost({ files: { "/c.yaml": text } }),
    "/c.yaml",
    true,
  );
  deepStrictEqual(warnings, [
    '"/c.yaml" holds an access token and can be read by others, close it ' +
    'with: chmod 600 "/c.yaml"',
  ]);
  const host = fakeHost();
  await host.files.writeAtomic("/c.yaml", text, { mode: 0o600 });
  deepStrictEqual((await readConfigFile(host, "/c.yaml", true)).warnings, []);
});

Deno.test("shownValue() hides what is secret, and nothing else", () => {
  deepStrictEqual(
    [
      shownValue("backend.cloud.token", "stg_secret"),
      shownValue("backend.cloud.token", ""),
      shownValue("contexts.a.endpoint", "https://a"),
    ],
    ["***", "", "https://a"],
  );
});

Deno.test("readConfigFile() refuses what it cannot mean", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["output: jsn\n", /Key "output" in "\/c.yaml" cannot be "jsn"/],
    [
      "a: [\n",
      /Cannot read the configuration "\/c.yaml", line 1, column 4: the list in brackets/,
    ],
    [
      "a:\n\tb: 1\n",
      /"\/c.yaml", line 2, column 1: a tab cannot indent YAML$/,
    ],
    ["- a\n", /it is no mapping of keys/],
    [
      "backend: 7\n",
      /Key "backend" in "\/c.yaml" cannot be "7", it holds other keys: type, local, context, cloud$/,
    ],
    ["backend: cloud\n", /cannot be "cloud", it holds other keys/],
    ["contexts: prod\n", /Key "contexts" in .* is one value, it holds/],
    ["contexts: {a: https://a}\n", /"contexts.a" .*: endpoint, ca_file/],
    ["cloud: stg_secret\n", /Key "cloud" in "\/c.yaml" is one value/],
    ["backend: {type: prod}\n", /"backend.type" in .* cannot be "prod"/],
    [
      "local: {db_path: /x}\nbackend: {local: {db_path: /y}}\n",
      /Keys "backend.local.db_path" and "local.db_path" in .* differ/,
    ],
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
