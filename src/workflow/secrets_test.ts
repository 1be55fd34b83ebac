import { deepStrictEqual } from "node:assert/strict";
import { document, errorsOf, planOf } from "../../tests/engine/documents.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";

const USE: JsonObject = { secrets: ["TOKEN", "my-key"] };
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

Deno.test("secrets may stand in all that is data, and in what decides", () => {
  const inner = { x: { set: { y: SECRET } } };
  const decides = "$secrets.TOKEN != null";
  const tasks: readonly JsonObject[] = [
    { set: { x: SECRET } },
    { set: { x: 1 }, if: decides },
    { set: { x: 1 }, input: { from: SECRET } },
    http({}, { output: { as: SECRET } }),
    http({}, { export: { as: SECRET } }),
    { do: [inner] },
    { for: { in: "[$secrets.TOKEN]" }, while: decides, do: [inner] },
    { fork: { branches: [inner] } },
    { try: [inner], catch: { when: decides, retry: { when: decides } } },
    { switch: [{ c: { when: decides, then: "end" } }] },
    { call: "agent", with: { agent: "x", message: SECRET } },
    { call: "agent", with: { agent: "x", input: { k: SECRET } } },
    { call: "f", with: { k: SECRET, timeout: SECRET } },
    {
      run: {
        workflow: {
          namespace: "n",
          name: "w",
          version: "1.0.0",
          input: { k: SECRET },
        },
      },
    },
  ];
  const use = {
    ...USE,
    functions: { f: { set: { x: 1 } } },
    extensions: [{ e: { extend: "all", when: decides, before: [inner] } }],
  };
  for (const task of tasks) {
    const { plan, diagnostics } = checkWorkflow(
      document([{ a: task }], { use }),
    );
    deepStrictEqual(diagnostics, [], JSON.stringify(task));
    deepStrictEqual(plan?.usedSecrets, ["TOKEN"]);
    const { body } = plan;
    const [read] = body.kind === "sequence" ? body.tasks : [];
    deepStrictEqual(read?.reveals, undefined);
  }
});

Deno.test("who will not see a secret is told of with a warning", () => {
  const error = { type: "https://a.test/e", status: 400, detail: SECRET };
  const cases: readonly (readonly [JsonObject, string])[] = [
    [{ raise: { error } }, "/do/0/a/raise/error/detail"],
    [
      { emit: { event: { with: { type: "a", data: SECRET } } } },
      "/do/0/a/emit/event/with/data",
    ],
    [{ call: "human", with: { prompt: SECRET } }, "/do/0/a/with/prompt"],
  ];
  const told = 'This leaves the run, where "$secrets.TOKEN" is "***"';
  for (const [task, pointer] of cases) {
    const { diagnostics } = checkWorkflow(
      document([{ a: task }], { use: USE }),
    );
    deepStrictEqual(diagnostics, [
      { severity: "warning", pointer, message: told },
    ]);
  }
  const output = { as: SECRET };
  const spec = document([{ a: { set: { x: 1 } } }], { use: USE, output });
  deepStrictEqual(checkWorkflow(spec).diagnostics, [
    { severity: "warning", pointer: "/output/as", message: told },
  ]);
});

Deno.test("secrets stand nowhere where they would be written down or asked for each time", () => {
  const journal = "the journal says how long something takes (Use a " +
    "variable, or a constant)";
  const filter = "it is asked of all that comes, and a secret is opened for " +
    'one task (Take what comes, and look at it in an "if" or a "switch")';
  const named = "it names what is run (Use a variable, or a constant)";
  const until = { one: { with: { type: "x", data: SECRET } } };
  const cases: readonly (readonly [JsonObject, string, string])[] = [
    [http({}, { timeout: { after: SECRET } }), "/timeout/after", journal],
    [{ wait: SECRET }, "/wait", journal],
    [{ wait: { seconds: SECRET } }, "/wait/seconds", journal],
    [
      { call: "human", with: { prompt: "?", timeout: SECRET } },
      "/with/timeout",
      journal,
    ],
    [
      {
        try: [{ b: { set: { x: 1 } } }],
        catch: { retry: { delay: SECRET } },
      },
      "/catch/retry/delay",
      journal,
    ],
    [{ listen: { to: until } }, "/listen/to/one/with/data", filter],
    [
      {
        try: [{ b: { set: { x: 1 } } }],
        catch: { errors: { with: { detail: SECRET } } },
      },
      "/catch/errors/with/detail",
      "errors show no secret, so that none would be caught (Look at it in " +
      '"catch.when")',
    ],
    [{ call: "agent", with: { agent: SECRET } }, "/with/agent", named],
    [
      { call: "agent", with: { agent: "x", session: SECRET } },
      "/with/session",
      named,
    ],
  ];
  for (const [task, at, why] of cases) {
    deepStrictEqual(errorsOf(document([{ a: task }], { use: USE })), [
      `/do/0/a${at} Secrets, as in "$secrets.TOKEN", cannot stand here: ${why}`,
    ]);
  }
  deepStrictEqual(
    errorsOf(document([{ a: { set: { x: 1 } } }], {
      use: USE,
      timeout: { after: SECRET },
    })),
    [
      '/timeout/after Secrets, as in "$secrets.TOKEN", cannot stand here: ' +
      journal,
    ],
  );
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
  const agent = { name: "a", agent: "x", inputs: { k: "${secrets.NEW-ONE}" } };
  const unnamed = planOf({ tasks: [agent] });
  deepStrictEqual(unnamed.usedSecrets, ["NEW-ONE"]);
  deepStrictEqual(unnamed.secrets, ["NEW-ONE"]);
  deepStrictEqual(
    errorsOf({
      use: USE,
      tasks: [{ name: "a", ...http({ body: "${secrets.TOKE}" }) }],
    }),
    [
      '/tasks/0/with/body@2 Unknown secret "TOKE" (Did you mean "TOKEN"?)',
    ],
  );
});
