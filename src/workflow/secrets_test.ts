import { deepStrictEqual } from "node:assert/strict";
import { document, errorsOf, planOf } from "../../tests/engine/documents.ts";
import type { Json, JsonObject } from "../model/json.ts";

const USE: JsonObject = { secrets: ["TOKEN", "my-key"] };
const KEPT = 'Secrets, as in "$secrets.TOKEN", cannot stand here: this is ' +
  'kept in the journal (Use them in the "with" of a call, or in the ' +
  '"environment" or "stdin" of a process)';
const PUBLIC = 'Secrets, as in "$secrets.TOKEN", cannot stand here: ' +
  'everybody on the host can read it (Give it as "environment" or "stdin")';
const SECRET = "${ $secrets.TOKEN }";

function http(more: JsonObject, beside: JsonObject = {}): JsonObject {
  return {
    call: "http",
    with: { method: "get", endpoint: "https://a.test", ...more },
    ...beside,
  };
}

Deno.test("secrets may stand in what an effect is given, and the task says which", () => {
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [http({ endpoint: "https://a.test?k=" + SECRET }), ["TOKEN"]],
    [http({ headers: { a: SECRET, b: '${ $secrets["my-key"] }' } }), [
      "TOKEN",
      "my-key",
    ]],
    [http({ body: '${ $secrets."my-key" | ascii_downcase }' }), ["my-key"]],
    [http({ body: '${ "a \\($secrets.TOKEN)" }' }), ["TOKEN"]],
    [http({ body: "${ $secrets[.which] }" }), ["TOKEN", "my-key"]],
    [http({}, { input: { from: SECRET } }), ["TOKEN"]],
    [
      http({
        endpoint: {
          uri: "https://a.test",
          authentication: { bearer: { token: SECRET } },
        },
      }),
      ["TOKEN"],
    ],
    [
      http({
        endpoint: {
          uri: "https://a.test",
          authentication: { basic: { use: "my-key" } },
        },
      }),
      ["my-key"],
    ],
    [
      http({
        endpoint: { uri: "https://a.test", authentication: { use: "login" } },
      }),
      ["TOKEN"],
    ],
    [
      { run: { shell: { command: "true", environment: { K: SECRET } } } },
      ["TOKEN"],
    ],
    [{ run: { shell: { command: "true", stdin: SECRET } } }, ["TOKEN"]],
    [
      {
        set: { x: 1 },
        output: {
          schema: {
            resource: {
              endpoint: {
                uri: "https://a.test",
                authentication: { bearer: { token: SECRET } },
              },
            },
          },
        },
      },
      ["TOKEN"],
    ],
  ];
  const use = {
    ...USE,
    authentications: { login: { bearer: { token: SECRET } } },
  };
  for (const [task, secrets] of cases) {
    const { body } = planOf(document([{ a: task }], { use }));
    const [read] = body.kind === "sequence" ? body.tasks : [];
    deepStrictEqual(read?.reveals, { secrets, authorization: false });
  }
});

Deno.test("secrets stand nowhere else", () => {
  const inner = { x: { set: { y: SECRET } } };
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ set: { x: SECRET } }, ["/do/0/a/set/x"]],
    [{ set: { x: 1 }, if: "$secrets.TOKEN" }, ["/do/0/a/if"]],
    [{ set: { x: 1 }, input: { from: SECRET } }, ["/do/0/a/input/from"]],
    [http({}, { output: { as: SECRET } }), ["/do/0/a/output/as"]],
    [http({}, { export: { as: SECRET } }), ["/do/0/a/export/as"]],
    [http({}, { timeout: { after: SECRET } }), ["/do/0/a/timeout/after"]],
    [{ wait: SECRET }, ["/do/0/a/wait"]],
    [{ do: [inner] }, ["/do/0/a/do/0/x/set/y"]],
    [{ for: { in: SECRET }, do: [inner] }, [
      "/do/0/a/do/0/x/set/y",
      "/do/0/a/for/in",
    ]],
    [{ fork: { branches: [inner] } }, ["/do/0/a/fork/branches/0/x/set/y"]],
    [{ try: [inner], catch: { when: SECRET } }, [
      "/do/0/a/try/0/x/set/y",
      "/do/0/a/catch/when",
    ]],
    [{ switch: [{ c: { when: SECRET, then: "end" } }] }, [
      "/do/0/a/switch/0/c/when",
    ]],
    [{
      raise: {
        error: { type: "https://a.test/e", status: 400, detail: SECRET },
      },
    }, ["/do/0/a/raise/error/detail"]],
    [{ emit: { event: { with: { type: "a", data: SECRET } } } }, [
      "/do/0/a/emit/event/with/data",
    ]],
  ];
  const use = { ...USE, functions: { f: { set: { x: 1 } } } };
  for (const [task, pointers] of cases) {
    deepStrictEqual(
      errorsOf(document([{ a: task }], { use })),
      pointers.map((pointer) => `${pointer} ${KEPT}`),
    );
  }
  deepStrictEqual(
    errorsOf(document([{ a: { set: { x: 1 } } }], {
      use,
      output: { as: SECRET },
    })),
    [`/output/as ${KEPT}`],
  );
});

Deno.test("who is given a secret to keep is named", () => {
  const cases: readonly (readonly [JsonObject, string, string])[] = [
    [
      { call: "agent", with: { agent: "x", message: SECRET } },
      "/do/0/a/with/message",
      "an agent",
    ],
    [
      { call: "human", with: { prompt: SECRET } },
      "/do/0/a/with/prompt",
      "a person",
    ],
    [{ call: "f", with: { k: SECRET } }, "/do/0/a/with/k", "a function"],
  ];
  const use = { ...USE, functions: { f: { set: { x: 1 } } } };
  for (const [task, pointer, who] of cases) {
    deepStrictEqual(errorsOf(document([{ a: task }], { use })), [
      `${pointer} ${KEPT.slice(0, KEPT.indexOf(" ("))} (What ${who} is given ` +
      "is kept: use the secret in a call of its own, and pass on what that " +
      "gives)",
    ]);
  }
});

Deno.test("a secret does not get there through the input either", () => {
  const from = "${ {key: $secrets.TOKEN} }";
  const shell = {
    command: "cat",
    stdin: "${ .key }",
    arguments: ["${ .key }"],
  };
  const refused =
    'An input with secrets, as ".key" may read it, cannot stand ' +
    "here: everybody on the host can read it (Give secrets as " +
    '"environment" or "stdin", not by the input)';
  deepStrictEqual(
    errorsOf(document([{ a: { input: { from }, run: { shell } } }], {
      use: USE,
    })),
    [`/do/0/a/run/shell/arguments/0 ${refused}`],
  );
  const stdio = { command: "cat", arguments: ["${ .key }"] };
  const mcp = {
    call: "mcp",
    with: { method: "tools/list", transport: { stdio } },
    input: { from },
  };
  deepStrictEqual(errorsOf(document([{ a: mcp }], { use: USE })), [
    `/do/0/a/with/transport/stdio/arguments/0 ${refused}`,
  ]);
  const plain = { input: { from: "${ {key: 1} }" }, run: { shell } };
  deepStrictEqual(errorsOf(document([{ a: plain }], { use: USE })), []);
});

Deno.test("a secret is not put where everybody on the host can read it", () => {
  for (const key of ["command", "arguments"]) {
    const shell = {
      command: "true",
      [key]: key === "command" ? SECRET : [SECRET],
    };
    const at = key === "command" ? "" : "/0";
    deepStrictEqual(
      errorsOf(document([{ a: { run: { shell } } }], { use: USE })),
      [`/do/0/a/run/shell/${key}${at} ${PUBLIC}`],
    );
  }
});

Deno.test("a secret that is not named under `use` is found, with its place", () => {
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    ["${ $secrets.TOKN }", [
      '/do/0/a/with/body@3 Unknown secret "TOKN" (Did you mean "TOKEN"?)',
    ]],
    [{ x: ["key: ${ .a + $secrets.other }"] }, [
      '/do/0/a/with/body/x/0@13 Unknown secret "other" (Name it under ' +
      '"use.secrets")',
    ]],
  ];
  for (const [body, expected] of cases) {
    deepStrictEqual(
      errorsOf(document([{ a: http({ body }) }], { use: USE })),
      expected,
    );
  }
  deepStrictEqual(
    errorsOf(document([{
      a: http({
        endpoint: {
          uri: "https://a.test",
          authentication: { bearer: { use: "mykey" } },
        },
      }),
    }], { use: USE })),
    [
      "/do/0/a/with/endpoint/authentication/bearer/use Unknown secret " +
      '"mykey" (Did you mean "my-key"?)',
    ],
  );
});

Deno.test("$authorization is known in the fields of a call that proves who it is", () => {
  const authentication = { bearer: { token: "t" } };
  const endpoint = { uri: "https://a.test", authentication };
  const header = { headers: { x: "${ $authorization.parameter }" } };
  deepStrictEqual(
    errorsOf(document([{ a: http({ endpoint, ...header }) }])),
    [],
  );
  deepStrictEqual(errorsOf(document([{ a: http(header) }])), [
    '/do/0/a/with/headers/x "$authorization" is not known: this call has no ' +
    '"authentication"',
  ]);
  deepStrictEqual(
    errorsOf(document([{ a: { set: { x: "${ $authorization.scheme }" } } }])),
    [
      '/do/0/a/set/x "$authorization" is known only in the fields of a call ' +
      'with "authentication"',
    ],
  );
});

Deno.test("a graph's tasks use secrets by their own spelling", () => {
  const spec: JsonObject = {
    use: USE,
    tasks: [
      { name: "get", ...http({ headers: { k: "${secrets.my-key}" } }) },
      {
        name: "other",
        inputs: { key: "${secrets.TOKEN}" },
        ...http({ body: "${ .key }" }),
      },
    ],
  };
  const { body } = planOf(spec);
  deepStrictEqual(
    body.kind === "graph" ? body.tasks.map(({ task }) => task.reveals) : [],
    [
      { secrets: ["my-key"], authorization: false },
      { secrets: ["TOKEN"], authorization: false },
    ],
  );
  deepStrictEqual(
    errorsOf({
      use: USE,
      tasks: [{ name: "a", agent: "x", inputs: { k: "${secrets.TOKEN}" } }],
    }),
    [
      '/tasks/0/inputs/k Secrets, as in "secrets.TOKEN", cannot stand here: ' +
      "this is kept in the journal (What an agent is given is kept: use the " +
      "secret in a call of its own, and pass on what that gives)",
    ],
  );
  deepStrictEqual(
    errorsOf({
      use: USE,
      tasks: [{ name: "a", ...http({ body: "${secrets.TOKE}" }) }],
    }),
    [
      '/tasks/0/with/body Unknown secret "TOKE" (Did you mean "TOKEN"?)',
    ],
  );
});
