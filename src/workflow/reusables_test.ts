import { deepStrictEqual, ok } from "node:assert/strict";
import { document, errorsOf } from "../../tests/engine/documents.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { BUILT_IN_FUNCTIONS } from "./reusables.ts";

const TASKS: Json = [{ a: { set: { x: 1 } } }];

Deno.test("each mistake under `use` is named at its place", () => {
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ secret: ["k"] }, [
      '/use/secret Unknown field "secret" of "use" (Did you mean "secrets"?)',
    ]],
    [{ secrets: { k: 1 } }, [
      "/use/secrets This must be an array, not an object",
    ]],
    [{ secrets: ["k", 1, "k"] }, [
      '/use/secrets/1 This must be a string, not the number 1 (Quote it, as "1")',
      '/use/secrets/2 Secret "k" is named twice',
    ]],
    [{ errors: { e: "x" } }, [
      "/use/errors/e This must be an object, not a string",
    ]],
    [{ errors: { e: { type: "https://a.test/e" } } }, [
      '/use/errors/e An error needs "status"',
    ]],
    [{ catalogs: { c: {} } }, ['/use/catalogs/c A catalog needs "endpoint"']],
    [{ catalogs: { c: { endpoint: "${ .x }" } } }, [
      "/use/catalogs/c/endpoint The address of a catalog cannot be computed",
    ]],
    [{ functions: { f: {} } }, [
      '/use/functions/f Task "f" does not say what it does (Give it one of ' +
      "call, emit, for, fork, listen, raise, run, set, switch, try, wait, do)",
    ]],
    [{ functions: { f: 1 } }, [
      "/use/functions/f This must be an object, a task, not a number",
    ]],
    [{ functions: { http: { set: { x: 1 } } } }, [
      '/use/functions/http "http" is a function of its own, give yours another name',
    ]],
    [{ functions: { "a b": { set: { x: 1 } } } }, [
      '/use/functions/a b "a b" cannot be the name of a function (Leave out ' +
      'spaces, ":", "@" and "/")',
    ]],
    [{ functions: { f: { set: { x: 1 }, then: "a" } } }, [
      '/use/functions/f/then There is no task "a" in this list to go to ' +
      '(Name a task of the same list, or "continue", "exit" or "end")',
    ]],
    [{ extensions: { e: {} } }, [
      "/use/extensions This must be an array, not an object",
    ]],
    [{ extensions: [{ extend: "all", before: [] }] }, [
      "/use/extensions/0 An extension stands under one key, its name (Write " +
      '"- name: {…}" around it)',
    ]],
    [{ extensions: [{ e: { extend: "calls" } }, { e: { extend: "all" } }] }, [
      "/use/extensions/0/e/extend This must be one of " +
      '"call", "composite", "emit", "for", "listen", "raise", "run", "set", ' +
      '"switch", "try", "wait", "all", not "calls" (Did you mean "call"?)',
      '/use/extensions/1/e There is an extension "e" already',
    ]],
    [{ extensions: [{ e: { extend: "all", when: ".a ==", if: ".b" } }] }, [
      '/use/extensions/0/e/if Unknown field "if" of an extension (Did you ' +
      'mean "when"?)',
      "/use/extensions/0/e/when@5 The expression ends too early",
    ]],
    [
      {
        extensions: [{ e: { before: [{ x: { set: { y: "${ $item }" } } }] } }],
      },
      [
        '/use/extensions/0/e An extension needs "extend"',
        '/use/extensions/0/e/before/0/x/set/y@3 Unknown variable "$item"',
      ],
    ],
    [{ authentications: { a: { basic: { username: "u" } } } }, [
      '/use/authentications/a/basic "basic" needs "password"',
    ]],
    [{ retries: { r: { dely: "PT1S" } } }, [
      '/use/retries/r/dely Unknown field "dely" of a retry policy (Did you ' +
      'mean "delay"?)',
    ]],
    [{ timeouts: { t: { after: "1s" } } }, [
      '/use/timeouts/t/after "1s" is not a duration (Write it as {seconds: 1})',
    ]],
  ];
  for (const [use, expected] of cases) {
    deepStrictEqual(errorsOf(document(TASKS, { use })), expected);
  }
});

Deno.test("what is under `use` and nothing names is no mistake", () => {
  const use = {
    authentications: { a: { bearer: { token: "t" } } },
    catalogs: { c: { endpoint: "https://a.test" } },
    errors: { e: { type: "https://a.test/e", status: 500 } },
    extensions: [{ e: { extend: "all" } }],
    functions: { f: { set: { x: 1 } } },
    retries: { r: { delay: "PT1S" } },
    secrets: ["s"],
    timeouts: { t: { after: "PT1S" } },
  };
  deepStrictEqual(errorsOf(document(TASKS, { use })), []);
  deepStrictEqual(
    errorsOf({ tasks: [{ name: "a", set: { x: 1 } }], use }),
    [],
  );
});

Deno.test("each function that is built in can be called, and no other has its name", () => {
  for (const name of BUILT_IN_FUNCTIONS) {
    const called = errorsOf(document([{ a: { call: name, with: {} } }]));
    ok(!called.some((it) => it.includes("Unknown function")), name);
    const defined = errorsOf(
      document(TASKS, { use: { functions: { [name]: { set: { x: 1 } } } } }),
    );
    deepStrictEqual(defined.length, 1, name);
  }
});
