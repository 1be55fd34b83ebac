import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { CloudEvent } from "../../src/model/durable.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../src/model/json.ts";
import { sealedReference } from "../../src/model/sealed.ts";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import { document, failureOf, outputOf, planOf } from "./documents.ts";
import { seeded } from "./simulation.ts";
import { MARK, runWithSecrets, type SecretRun } from "./secrets.ts";

const USE: JsonObject = { secrets: ["KEY", "OTHER", "LOGIN"] };

/** A call that sends something. */
function send(body: Json, more: JsonObject = {}): JsonObject {
  return {
    call: "http",
    with: { method: "post", endpoint: "https://a.test", body, ...more },
  };
}

function run(tasks: Json, more: JsonObject = {}): SecretRun {
  return runWithSecrets(document(tasks, { use: USE, ...more }));
}

/** What a call sent. */
function sent({ given, decision }: SecretRun, path: string): Json {
  const input = given[path];
  ok(isJsonObject(input), `${path}: ${JSON.stringify([given, decision])}`);
  return member(input, "body") ?? null;
}

Deno.test("a secret that is set is opened for the call that is given it", () => {
  const ran = run([
    { a: { set: { key: "${ $secrets.KEY }", n: 1 } } },
    { b: { ...send("${ . }"), output: { as: "${ $input }" } } },
    { c: { set: { got: "${ .key }", n: "${ .n + 1 }" } } },
  ]);
  deepStrictEqual(sent(ran, "/do/1/b"), { key: "key-9f8e7d6c", n: 1 });
  deepStrictEqual(ran.opened["/do/1/b"], ["KEY"]);
  deepStrictEqual(outputOf(ran), { got: "***", n: 2 });
});

Deno.test("what computes with a secret is computed for the call that is given it", () => {
  const ran = run([
    {
      a: {
        set: {
          basic: '${ "u:" + $secrets.KEY | @base64 }',
          text: "Bearer ${ $secrets.KEY }",
          password: "${ $secrets.LOGIN.password }",
          login: "${ $secrets.LOGIN }",
          all: "${ $secrets | keys }",
        },
      },
    },
    { b: send("${ . }") },
  ]);
  deepStrictEqual(sent(ran, "/do/1/b"), {
    basic: btoa("u:key-9f8e7d6c"),
    text: "Bearer key-9f8e7d6c",
    password: "pw-1a2b3c4d",
    login: { username: "ada-lovelace", password: "pw-1a2b3c4d" },
    all: ["KEY", "LOGIN", "OTHER"],
  });
  const text = { basic: "***", text: "Bearer ***", password: "***" };
  deepStrictEqual(
    outputOf(run([{
      a: {
        set: {
          basic: '${ "u:" + $secrets.KEY | @base64 }',
          text: "Bearer ${ $secrets.KEY }",
          password: "${ $secrets.LOGIN.password }",
        },
      },
    }])),
    text,
  );
});

Deno.test("the rest of what an expression gives is there at once", () => {
  const ran = run([
    {
      a: {
        set: { n: 3 },
        export: {
          as: '${ ($context // {}) + {n: .n, h: ("x" + $secrets.KEY | @uri)} }',
        },
      },
    },
    {
      b: {
        set: { list: "${ [1, 2] | map({id: ., key: $secrets.OTHER}) }" },
        if: "$context.n == 3",
      },
    },
    {
      c: {
        for: { in: "${ .list }" },
        do: [{ d: send({ it: "${ $item }", h: "${ $context.h }" }) }],
      },
    },
  ]);
  deepStrictEqual(sent(ran, "/do/2/c/for/1/do/0/d"), {
    it: { id: 2, key: "other-5a4b3c2d" },
    h: "xkey-9f8e7d6c",
  });
  deepStrictEqual(ran.opened["/do/2/c/for/1/do/0/d"], ["OTHER", "KEY"]);
});

Deno.test("data with a secret in it can be computed with later, too", () => {
  const ran = run([
    { a: { set: { key: "${ $secrets.KEY }", id: 7, list: [{ id: 1 }] } } },
    {
      b: {
        set: {
          upper: "${ .key | ascii_upcase }",
          long: '${ .key + "-" + $secrets.OTHER }',
          same: '${ .key == "key-9f8e7d6c" }',
          is: '${ .key | startswith("key-") }',
          all: "${ . + {more: 1} }",
          found: "${ .list | map(select(.id == 1)) }",
          user: "${ $input.id }",
        },
      },
    },
    { c: { ...send("${ . }"), if: ".user == 7 and (.found | length) == 1" } },
  ]);
  deepStrictEqual(sent(ran, "/do/2/c"), {
    upper: "KEY-9F8E7D6C",
    long: "key-9f8e7d6c-other-5a4b3c2d",
    same: true,
    is: true,
    all: { key: "key-9f8e7d6c", id: 7, list: [{ id: 1 }], more: 1 },
    found: [{ id: 1 }],
    user: 7,
  });
  // It decides on nothing secret, and is no effect.
  strictEqual(ran.given["/do/2/c/if"], undefined);
});

Deno.test("an effect is given no more secrets than its fields read", () => {
  const ran = run([
    {
      a: {
        set: {
          key: "${ $secrets.KEY }",
          other: "${ $secrets.OTHER | ascii_upcase }",
          n: 1,
        },
      },
    },
    {
      f: {
        fork: {
          branches: [
            { one: send("${ .key }") },
            { two: send("${ .other | length }") },
            { three: send("${ .n + 1 }") },
            { four: send("${ .key + $secrets.OTHER }") },
          ],
        },
      },
    },
  ]);
  const at = "/do/1/f/fork/branches";
  deepStrictEqual({ ...ran.opened }, {
    [`${at}/0/one`]: ["KEY"],
    [`${at}/1/two`]: ["OTHER"],
    [`${at}/2/three`]: [],
    [`${at}/3/four`]: ["OTHER", "KEY"],
  });
  strictEqual(sent(ran, `${at}/1/two`), 14);
  strictEqual(sent(ran, `${at}/2/three`), 2);
});

Deno.test("a call computes with the secrets in its data", () => {
  const ran = run([
    { a: { set: { login: "${ $secrets.LOGIN }", who: "Ada" } } },
    {
      b: {
        call: "http",
        with: {
          method: "post",
          endpoint: "https://a.test/{who}",
          headers: {
            h: '${ .login.username + ":" + .login.password | @base64 }',
          },
          body: "${ .login | keys }",
        },
      },
    },
  ]);
  const given = ran.given["/do/1/b"];
  ok(isJsonObject(given));
  strictEqual(given["url"], "https://a.test/Ada");
  deepStrictEqual(given["headers"], { h: btoa("ada-lovelace:pw-1a2b3c4d") });
  deepStrictEqual(given["body"], ["password", "username"]);
});

Deno.test("input.from may use secrets, whatever the task is", () => {
  const ran = run([{
    a: {
      input: { from: { key: "${ $secrets.KEY }", n: "${ .none }" } },
      do: [{
        b: { ...send("${ .key }"), input: { from: '{key: (.key + "!")}' } },
      }],
    },
  }]);
  strictEqual(sent(ran, "/do/0/a/do/0/b"), "key-9f8e7d6c!");
  const unread = run([{
    b: {
      ...send("${ .n }"),
      input: { from: { key: "${ $secrets.KEY }", n: "${ 1 }" } },
      output: { as: "${ $input }" },
    },
  }]);
  strictEqual(sent(unread, "/do/0/b"), 1);
  deepStrictEqual(unread.opened["/do/0/b"], []);
  deepStrictEqual(outputOf(unread), { key: "***", n: 1 });
});

Deno.test("what decides on a secret is an effect, and its answer is kept", () => {
  const isKey = '$secrets.KEY == "key-9f8e7d6c"';
  const ran = run([
    { a: { set: { x: 1 }, if: `${isKey} | not` } },
    {
      s: {
        switch: [
          { no: { when: '$secrets.KEY == "no"', then: "end" } },
          { yes: { when: isKey, then: "l" } },
        ],
      },
    },
    { skipped: { set: { skipped: true } } },
    {
      l: {
        for: { in: "[1, 2, 3]" },
        while: `$item < ($secrets.OTHER | length) - 11`,
        do: [{ i: { set: { last: "${ $item }" } } }],
      },
    },
    {
      t: {
        try: [{
          r: { raise: { error: { type: "https://a.test/e", status: 400 } } },
        }],
        catch: {
          when: isKey,
          exceptWhen: `${isKey} | not`,
          do: [{ ok: { set: "${ . }" } }],
        },
      },
    },
  ]);
  const kept = ran.journal.filter(({ type }) => type === "TASK_COMPLETED")
    .map(({ path, data }) => [path, data]);
  deepStrictEqual(kept, [
    ["/do/0/a/if", false],
    ["/do/1/s/switch/0/when", false],
    ["/do/1/s/switch/1/when", true],
    ["/do/3/l/for/0/while", true],
    ["/do/3/l/for/1/while", true],
    ["/do/3/l/for/2/while", false],
    ["/do/4/t/catch/when", true],
    ["/do/4/t/catch/exceptWhen", false],
  ]);
  deepStrictEqual(outputOf(ran), { last: 2 });
});

Deno.test("what decides on data with a secret in it is an effect, too", () => {
  const ran = run([
    { a: { set: { key: "${ $secrets.KEY }", n: 1 } } },
    { b: { set: "${ . + {b: 1} }", if: '.key | startswith("key-")' } },
    { c: { set: "${ . + {c: 1} }", if: '.key == "x"' } },
    { d: { set: "${ . + {d: 1} }", if: ".n == 1" } },
  ]);
  deepStrictEqual(outputOf(ran), { key: "***", n: 1, b: 1, d: 1 });
  deepStrictEqual(
    Object.keys(ran.given),
    ["/do/1/b/if", "/do/2/c/if"],
  );
});

Deno.test("whether a retry is allowed may depend on a secret", () => {
  const spec: JsonObject = document([{
    t: {
      try: [{
        r: { raise: { error: { type: "https://a.test/e", status: 400 } } },
      }],
      catch: {
        retry: {
          when: '$secrets.KEY | startswith("key")',
          limit: { attempt: { count: 2 } },
        },
        do: [{ o: { set: { over: true } } }],
      },
    },
  }], { use: USE });
  const ran = runWithSecrets(spec);
  deepStrictEqual(outputOf(ran), { over: true });
  deepStrictEqual(Object.keys(ran.given), [
    "/do/0/t/retry#1/when",
    "/do/0/t/retry#2/when",
  ]);
});

Deno.test("extensions may apply by a secret", () => {
  const ran = run([{ a: { set: { x: 1 } } }], {
    use: {
      ...USE,
      extensions: [
        {
          one: {
            extend: "set",
            when: '$secrets.KEY == "no"',
            before: [{ b: { set: { y: 1 }, export: { as: '"no"' } } }],
          },
        },
        {
          two: {
            extend: "set",
            when: '$secrets.KEY | startswith("key")',
            after: [{ c: { set: { y: 1 }, export: { as: '"two"' } } }],
          },
        },
      ],
    },
    output: { as: "${ {context: $context} }" },
  });
  deepStrictEqual(outputOf(ran), { context: "two" });
});

Deno.test("functions are handed secrets as arguments, and use their own", () => {
  const ran = run([{ a: { call: "f", with: { key: "${ $secrets.KEY }" } } }], {
    use: {
      ...USE,
      functions: {
        f: {
          do: [{ g: send({ key: "${ .key }", own: "${ $secrets.OTHER }" }) }],
        },
      },
    },
  });
  const [path = ""] = Object.keys(ran.given);
  deepStrictEqual(sent(ran, path), {
    key: "key-9f8e7d6c",
    own: "other-5a4b3c2d",
  });
});

Deno.test("an agent and a workflow are handed what the references stand for", () => {
  const ran = run([
    {
      a: {
        call: "agent",
        with: {
          agent: "x",
          message: 'Log in with ${ "u:" + $secrets.KEY }',
          input: { key: "${ $secrets.OTHER }", n: 1 },
        },
      },
    },
    {
      b: {
        run: {
          workflow: {
            namespace: "n",
            name: "w",
            version: "1.0.0",
            input: { key: "${ $secrets.KEY }" },
          },
        },
      },
    },
  ]);
  const agent = ran.given["/do/0/a"];
  ok(isJsonObject(agent));
  const derived = "=/do/0/a with.message 0";
  deepStrictEqual(
    agent["message"],
    `Log in with ${sealedReference(MARK, derived)}`,
  );
  deepStrictEqual(agent["input"], {
    key: sealedReference(MARK, "OTHER"),
    n: 1,
  });
  deepStrictEqual(agent["sealed"], {
    [derived]: { names: ["KEY"], value: "u:key-9f8e7d6c" },
    OTHER: { names: ["OTHER"], value: "other-5a4b3c2d" },
  });
  const child = ran.given["/do/1/b"];
  ok(isJsonObject(child));
  deepStrictEqual(child["sealed"], {
    KEY: { names: ["KEY"], value: "key-9f8e7d6c" },
  });
});

Deno.test("a graph hands an agent a secret that it need not name under use", () => {
  const ran = runWithSecrets({
    tasks: [
      { name: "first", set: { x: "${secrets.OTHER}" } },
      {
        name: "ask",
        agent: "x",
        inputs: { key: "${secrets.KEY}", other: "${tasks.first.outputs.x}" },
      },
    ],
  });
  const agent = ran.given["/tasks/1/ask"];
  ok(isJsonObject(agent));
  deepStrictEqual(agent["sealed"], {
    KEY: { names: ["KEY"], value: "key-9f8e7d6c" },
    OTHER: { names: ["OTHER"], value: "other-5a4b3c2d" },
  });
});

Deno.test("a run that was handed references opens them by the names they have", () => {
  const ran = runWithSecrets(
    document([{ a: { set: { h: "${ .key | @base64 }", key: "${ .key }" } } }, {
      b: send("${ . }"),
    }]),
    {
      input: { key: sealedReference(MARK, "^0") },
      secrets: { "^0": "key-9f8e7d6c" },
    },
  );
  deepStrictEqual(sent(ran, "/do/1/b"), {
    h: btoa("key-9f8e7d6c"),
    key: "key-9f8e7d6c",
  });
});

Deno.test("what leaves the run shows no secret, and no reference", () => {
  const ran = run([
    { a: { set: { key: "${ $secrets.KEY }", of: "you" } } },
    {
      e: {
        emit: {
          event: {
            with: { type: "test.e", source: "https://a.test", data: "${ . }" },
          },
        },
        output: { as: ".data" },
      },
    },
    {
      t: {
        try: [{
          r: {
            raise: {
              error: {
                type: "https://a.test/e",
                status: 400,
                detail: "no ${ $secrets.KEY }",
              },
            },
          },
        }],
        catch: { as: "it", do: [{ s: send("${ $it.detail }") }] },
      },
    },
    {
      u: {
        raise: {
          error: {
            type: "https://a.test/e",
            status: 400,
            detail: "bad ${ $secrets.KEY }",
          },
        },
      },
    },
  ]);
  deepStrictEqual(ran.events.map((it) => it["data"]), [
    { key: "***", of: "you" },
  ]);
  strictEqual(sent(ran, "/do/2/t/catch/do/0/s"), "no key-9f8e7d6c");
  strictEqual(failureOf(ran).detail, "bad ***");
});

Deno.test("a question to a person shows no secret", () => {
  const ran = run([{
    a: {
      call: "human",
      with: { prompt: "Is ${ $secrets.KEY } right?" },
    },
  }]);
  const [view] = ran.machine.tasks();
  strictEqual(view?.human?.prompt, "Is *** right?");
  ok(!JSON.stringify(ran.journal).includes(MARK));
});

Deno.test("data that comes as a secret does not get into a command line", () => {
  const cases: readonly JsonObject[] = [
    { shell: { command: "echo ${ .key }" } },
    { shell: { command: "cat", arguments: ["${ .key }"] } },
    { script: { language: "js", code: "${ .code }" } },
  ];
  for (const it of cases) {
    const ran = run([
      { a: { set: { key: "${ $secrets.KEY }", code: "${ $secrets.OTHER }" } } },
      { b: { run: it } },
    ]);
    match(
      failureOf(ran).detail,
      /^Task "b" cannot have a secret in its "run\.\w+\.\w+": everybody/,
    );
    match(failureOf(ran).type, /configuration$/);
  }
  const fine = run([
    { a: { set: { key: "${ $secrets.KEY }", file: "x" } } },
    {
      b: {
        run: {
          shell: {
            command: "cat ${ .file }",
            environment: { K: "${ .key }" },
            stdin: "${ .key | @base64 }",
          },
        },
      },
    },
  ]);
  const given = fine.given["/do/1/b"];
  ok(isJsonObject(given));
  deepStrictEqual(
    [given["command"], given["environment"], given["stdin"]],
    ["cat x", { K: "key-9f8e7d6c" }, btoa("key-9f8e7d6c")],
  );
});

Deno.test("where data with a secret can mean nothing, it is said", () => {
  const set: JsonObject = {
    key: "${ $secrets.KEY }",
    list: "${ $secrets.LOGIN | keys }",
  };
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [
      { call: "agent", with: { agent: "${ .key }" } },
      /^Task "b" cannot have a secret in its "with.agent"$/,
    ],
    [
      { for: { in: ".list" }, do: [{ c: { set: { x: 1 } } }] },
      /^Task "b" cannot have a secret in its "for.in"$/,
    ],
    [
      {
        listen: { to: { one: { with: { data: "${ .x == $context.key }" } } } },
      },
      /^Task "b" cannot have a secret in its "listen.to"$/,
    ],
    [
      { wait: "${ .key }" },
      /^Task "b" needs a duration for "wait", not "\*\*\*"$/,
    ],
  ];
  for (const [task, detail] of cases) {
    const ran = run([{ a: { set, export: { as: "." } } }, { b: task }]);
    match(failureOf(ran).detail, detail);
  }
});

Deno.test("a schema is asked of what references stand for", () => {
  const schema = (pattern: string): JsonObject => ({
    schema: {
      document: { properties: { key: { type: "string", pattern } } },
    },
  });
  const tasks = (pattern: string): Json => [
    { a: { set: { key: "${ $secrets.KEY }" }, output: schema(pattern) } },
    { b: { ...send("${ .key }"), input: schema(pattern) } },
  ];
  strictEqual(sent(run(tasks("^key-")), "/do/1/b"), "key-9f8e7d6c");
  strictEqual(
    failureOf(run(tasks("^no-"))).detail,
    'Task "a" does not fit its "output.schema", with the secrets that are in it',
  );
});

Deno.test("what is done for each event may use secrets, and is checked with them", () => {
  const task = (pattern: string): JsonObject => ({
    listen: { to: { one: { with: { type: "x" } } } },
    foreach: {
      item: "it",
      do: [{ s: { set: { key: "${ $secrets.KEY }", of: "${ $it }" } } }],
      output: {
        as: "${ . }",
        schema: {
          document: { properties: { key: { type: "string", pattern } } },
        },
      },
      export: { as: "${ .key }" },
    },
  });
  const events: readonly CloudEvent[] = [
    { type: "x", source: "s", id: "1", specversion: "1.0", data: 7 },
  ];
  const heard = (pattern: string): SecretRun =>
    runWithSecrets(
      document([{ l: task(pattern) }, { c: send("${ $context }") }], {
        use: USE,
      }),
      { events },
    );
  strictEqual(sent(heard("^key-"), "/do/1/c"), "key-9f8e7d6c");
  match(
    failureOf(heard("^no")).detail,
    /^Task "l" does not fit its "foreach.output.schema", with the secrets/,
  );
});

Deno.test("an error of an expression does not show a part of a secret", () => {
  for (
    const [task, what] of [
      [send("${ $secrets.KEY | tonumber }"), "with.body"],
      [send("${ .n + $secrets.KEY }"), "with.body"],
      [send("${ .bad }"), "$secrets.KEY | tonumber"],
      [{ set: { x: 1 }, if: "$secrets.KEY | tonumber" }, "if"],
    ] as const
  ) {
    const ran = run([
      { a: { set: { n: 1, bad: "${ $secrets.KEY | tonumber }" } } },
      { b: task },
    ]);
    const { detail, type } = failureOf(ran);
    match(type, /expression$/);
    ok(!detail.includes("key-9"), detail);
    ok(detail.startsWith(`Cannot evaluate "${what}`), `${what}: ${detail}`);
  }
});

Deno.test("input that looks like a reference of another run is text", () => {
  const other = sealedReference("f".repeat(32), "KEY");
  const ran = runWithSecrets(
    document([
      { a: { set: { k: "${ $secrets.KEY }", o: "${ .o }" } } },
      { b: send("${ . }") },
    ], { use: USE }),
    { input: { o: other } },
  );
  deepStrictEqual(sent(ran, "/do/1/b"), { k: "key-9f8e7d6c", o: other });
});

/** A workflow that uses secrets in all kinds of places, some of them by chance. */
const MANY: JsonObject = document([
  {
    a: {
      set: { key: "${ $secrets.KEY }", h: "${ $secrets.OTHER | @base64 }" },
      export: { as: '${ {login: $secrets.LOGIN, h: ("x" + .h)} }' },
    },
  },
  {
    f: {
      fork: {
        branches: [
          {
            one: {
              do: [
                { b: send("${ .key }") },
                {
                  c: {
                    set: { c: '${ $secrets.KEY + "c" }' },
                    if: '$secrets.KEY == "key-9f8e7d6c"',
                  },
                },
              ],
            },
          },
          {
            two: {
              for: { in: "[1, 2]" },
              while: "$secrets.OTHER | length > 3",
              do: [{
                d: send('${ {k: ($secrets.KEY + "d"), h: $context.h} }'),
              }],
            },
          },
        ],
      },
    },
  },
  {
    s: {
      switch: [
        { no: { when: "$context.login.password == 1", then: "end" } },
        { yes: { when: "$secrets.KEY != null", then: "g" } },
      ],
    },
  },
  {
    g: {
      call: "agent",
      with: {
        agent: "x",
        message: "${ .[0].c }",
        input: "${ $context }",
      },
    },
  },
  { e: send({ before: "${ . }", login: "${ $context.login.username }" }) },
], { use: USE, output: { as: "${ {context: $context, last: .} }" } });

Deno.test("whenever it dies, a run with secrets gives the same, and each effect the same", () => {
  const calm = runWithSecrets(MANY);
  deepStrictEqual(outputOf(calm), {
    context: { login: "***", h: "***" },
    last: "e",
  });
  const agent = calm.given["/do/3/g"];
  ok(isJsonObject(agent));
  match(JSON.stringify(agent["sealed"]), /key-9f8e7d6cc/);
  let crashes = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const ran = runWithSecrets(MANY, { random: seeded(seed), crash: 0.4 });
    crashes += ran.crashes;
    deepStrictEqual(outputOf(ran), outputOf(calm), `seed ${seed}`);
    deepStrictEqual(
      Object.entries(ran.given).toSorted(([a], [b]) => a < b ? -1 : 1),
      Object.entries(calm.given).toSorted(([a], [b]) => a < b ? -1 : 1),
      `seed ${seed}`,
    );
    deepStrictEqual({ ...ran.opened }, { ...calm.opened });
  }
  ok(crashes > 25);
});

Deno.test("the journal of a run with secrets is read to its end without them", () => {
  const { journal, machine } = runWithSecrets(MANY);
  const again = createWorkflowMachine(planOf(MANY), {
    executionId: "wex-test",
    variables: {},
    sealMark: MARK,
    traced: true,
  });
  for (const event of journal) again.apply(event);
  deepStrictEqual(
    again.tasks().map(({ path, phase }) => [path, phase]),
    machine.tasks().map(({ path, phase }) => [path, phase]),
  );
  const [first] = again.tasks();
  deepStrictEqual(first?.output, { key: "***", h: "***" });
});

Deno.test("a run that has no mark says why it cannot use secrets in its data", async () => {
  const { runDocument } = await import("./documents.ts");
  const ran = runDocument(
    document([{ a: { set: { k: "${ $secrets.KEY }" } } }], {
      use: USE,
    }),
  );
  match(failureOf(ran).detail, /^Cannot use secrets in "set" of task "a": the/);
});
