import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import { seeded } from "../../tests/engine/simulation.ts";
import { compileTemplate } from "../expr/compile.ts";
import { evaluateTemplate } from "../expr/evaluate.ts";
import type { Scope, Template } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { hideReferences, sealedReference } from "../model/sealed.ts";
import type { Secrets } from "../model/secrets.ts";
import { computedValue } from "./_computed.ts";
import { SEALED_VALUES_MAX, sealTemplate } from "./_sealing.ts";
import {
  namesIn,
  newSeals,
  openReferences,
  sealedFor,
  secretsOf,
} from "./_seals.ts";
import { Fault, type Seals } from "./_walk.ts";

const MARK = "0123456789abcdef0123456789abcdef";
const SECRETS: Secrets = {
  K: "key-9f8e7d6c",
  M: "zz-top",
  N: "plain-name",
  L: { user: "ada-lovelace", port: 8080 },
};
const EXPRESSIONS = 400;

function templateOf(
  value: Json,
  mode: "strict" | "loose" = "strict",
): Template {
  const { template, diagnostics } = compileTemplate(value, {
    pointer: "",
    mode,
  });
  const errors = diagnostics.filter((it) => it.severity === "error");
  deepStrictEqual(errors, [], JSON.stringify(value));
  return template;
}

function sealsOf(): Seals {
  return newSeals(MARK, Object.keys(SECRETS));
}

function seal(seals: Seals, value: Json, input: Json, key = "/a set"): Json {
  const scope: Scope = { input, variables: { context: { n: 1 } }, nowMs: 0 };
  return sealTemplate(seals, templateOf(value), { scope, key });
}

/** What a value is once all that it needs is open, and nothing else. */
function opened(seals: Seals, value: Json): Json {
  const references = namesIn(seals, value);
  const secrets = Object.fromEntries(
    secretsOf(seals, references).map((it) => [it, SECRETS[it] ?? null]),
  );
  return openReferences(seals, value, {
    secrets,
    references: new Set(references),
  });
}

/** An expression by chance, which may use secrets and data that has some. */
function expressionBy(random: () => number, depth: number): string {
  const pick = (items: readonly string[]): string =>
    items[Math.floor(random() * items.length)] ?? "null";
  const inner = (): string => expressionBy(random, depth - 1);
  if (depth === 0 || random() < 0.15) {
    return pick([
      ".key",
      ".n",
      ".login.user",
      ".derived",
      ".list",
      ".list[0].id",
      ".list[1].key",
      ".none",
      ".login",
      ".nothing",
      ".names",
      ".list[0]",
      '.names["plain-name"]',
      ".names[.index]",
      ".key[0:3]",
      ".names[]",
      "$context.n",
      "$secrets.K",
      "$secrets.M",
      "$secrets.L.user",
      "$secrets.L.port",
      '"x"',
      "2",
      "null",
      "[]",
    ]);
  }
  const condition = pick([
    ".n == 1",
    "$secrets.K == .key",
    ".key == $secrets.M",
    '.key | startswith("key")',
    ".list | length > 1",
    "$secrets.L.port > 80",
    ".nothing",
    ".login.user",
    'any(.list[]; .key == "zz-top")',
    ".list[1].key < .key",
  ]);
  switch (Math.floor(random() * 18)) {
    case 0:
      return `{p: (${inner()}), q: (${inner()})}`;
    case 1:
      return `[${inner()}, ${inner()}]`;
    case 2:
      return `(${inner()} + ${inner()})`;
    case 3:
      return `(${inner()} // ${inner()})`;
    case 4:
      return `(if ${condition} then ${inner()} else ${inner()} end)`;
    case 5:
      return `(${inner()} | ${
        pick([
          "tostring",
          "length",
          "@base64",
          "@json",
          "ascii_downcase",
          "ascii_upcase",
          "type",
          "keys",
          "to_entries",
          "sort",
          "add",
          "not",
          "first",
          "[.[]]",
          "[..]",
          "[.[]?]",
          "tojson",
          'join("-")',
          'map(. == "zz-top")',
          "map(select(. != null))",
          "with_entries(.value = 1)",
          'with_entries(.key = "k")',
          "reverse",
          'has("user")',
          "flatten",
        ])
      })`;
    case 6:
      return `"t \\(${inner()}) u"`;
    case 7:
      return `(.list | map({id, v: (${inner()})}))`;
    case 8:
      return `(${inner()} | {w: .})`;
    case 9:
      return `(${inner()} as $v | {v: $v, e: (${inner()})})`;
    case 10:
      return `({} | .x = ${inner()})`;
    case 11:
      return `({x: 1} + {y: (${inner()})})`;
    case 12:
      return `(.n as $m | [$m, ${inner()}])`;
    case 14:
      return `{(${inner()} | tostring): ${expressionBy(random, 0)}}`;
    case 15:
      return `(. as {key: $k} | [$k, ${inner()}])`;
    case 16:
      return `(.list | map(select(${condition}) | .key))`;
    case 13:
      return `([${inner()}] | map([.]))`;
    default:
      return `(${inner()} | [., .])`;
  }
}

/** Gives a value, or what is thrown where an expression fails. */
function attempt(work: () => Json): { readonly value: Json } | undefined {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof Fault) {
      return undefined;
    }
    throw error;
  }
}

Deno.test("whatever is made of secrets, once it is open it is what it would have been", () => {
  const random = seeded(20261122);
  const data: Json = {
    key: "${ $secrets.K }",
    n: 1,
    login: "${ $secrets.L }",
    derived: '${ "d:" + $secrets.M }',
    nothing: "${ $secrets.L.none }",
    index: "${ $secrets.N }",
    names: { a: "${ $secrets.M }", "plain-name": "found" },
    list: [{ id: 1, key: "${ $secrets.K }" }, {
      id: 2,
      key: "${ $secrets.M }",
    }],
  };
  const variables = { context: { n: 1 } };
  const real: Scope = {
    input: evaluateTemplate(templateOf(data), {
      input: null,
      variables: { secrets: { ...SECRETS } },
    }),
    variables: { ...variables, secrets: { ...SECRETS } },
  };
  let kept = 0;
  let compared = 0;
  for (let i = 0; i < EXPRESSIONS; i++) {
    const source = expressionBy(random, 1 + Math.floor(random() * 3));
    const template = templateOf({ it: `\${ ${source} }` });
    const wanted = attempt(() => evaluateTemplate(template, real));
    const seals = sealsOf();
    const input = seal(seals, data, null, "/data");
    const sealed = attempt(() =>
      sealTemplate(seals, template, {
        scope: { input, variables },
        key: "/a set",
      })
    );
    const shown = JSON.stringify(hideReferences(sealed?.value ?? null, MARK));
    for (const plain of ["9f8e7d6c", "zz-top", "lovelace"]) {
      ok(!JSON.stringify(sealed ?? null).includes(plain), source);
    }
    if (shown !== '{"it":"***"}') kept++;
    const given = sealed && attempt(() => opened(seals, sealed.value));
    if (wanted === undefined) {
      strictEqual(given, undefined, `${source} gave ${JSON.stringify(given)}`);
      continue;
    }
    compared++;
    deepStrictEqual(given, wanted, source);
  }
  ok(compared > EXPRESSIONS / 3, `${compared} compared`);
  ok(kept > EXPRESSIONS / 4, `${kept} with a shape`);
});

Deno.test("a reference names its place in the run, and each is another", () => {
  const seals = sealsOf();
  const value = { a: "${ $secrets.K | length }", b: "${ $secrets.K + .n }" };
  deepStrictEqual(seal(seals, value, { n: "x" }), {
    a: sealedReference(MARK, "=/a set 0"),
    b: sealedReference(MARK, "=/a set 1"),
  });
  deepStrictEqual(
    seal(seals, "${ $secrets.M | length }", null, "/b set"),
    sealedReference(MARK, "=/b set 0"),
  );
  deepStrictEqual(secretsOf(seals, ["=/a set 0", "=/b set 0", "K"]), [
    "K",
    "M",
  ]);
});

Deno.test("what a value was computed from is as it was then", () => {
  const seals = sealsOf();
  let name = "before";
  const variables = {
    get task() {
      return { name };
    },
  };
  const template = templateOf("${ $task.name + $secrets.K }");
  const scope: Scope = { input: null, variables };
  const made = sealTemplate(seals, template, { scope, key: "/a" });
  name = "after";
  strictEqual(opened(seals, made), "beforekey-9f8e7d6c");
});

Deno.test("loose text that fails with its secrets is text", () => {
  const seals = sealsOf();
  const input = seal(seals, {
    n: 1,
    key: "${ $secrets.K }",
    login: "${ $secrets.L }",
  }, null);
  const scope: Scope = { input, variables: {} };
  const cases: readonly (readonly [string, Json])[] = [
    ["$secrets.K | tonumber", "$secrets.K | tonumber"],
    ["$secrets.K | length", 12],
    [".n + 1", 2],
    ["what is this", "what is this"],
    [".key", "key-9f8e7d6c"],
    [".key | tonumber", ".key | tonumber"],
    [".key.x", ".key.x"],
    [".login.port", 8080],
    ["{k: .key} | .k", "key-9f8e7d6c"],
  ];
  for (const [text, wanted] of cases) {
    const made = sealTemplate(seals, templateOf(text, "loose"), {
      scope,
      key: "/a",
    });
    deepStrictEqual(opened(seals, made), wanted);
  }
});

Deno.test("a child is handed what the references in its input stand for", () => {
  const seals = sealsOf();
  const input = seal(seals, {
    key: "${ $secrets.K }",
    port: "${ $secrets.L.port }",
    n: 1,
  }, null);
  const { sealed } = sealedFor({ seals }, [input, "no reference"]);
  deepStrictEqual(
    [...sealed ?? []].map(([name, it]) => [name, it.names, it.value(SECRETS)]),
    [["K", ["K"], "key-9f8e7d6c"], ["=/a set 0", ["L"], 8080]],
  );
  deepStrictEqual(sealedFor({ seals }, ["nothing"]), {});
  deepStrictEqual(sealedFor({}, [input]), {});
});

Deno.test("what is not read stays a reference", () => {
  const seals = sealsOf();
  const value = seal(
    seals,
    { a: "${ $secrets.K }", b: "${ $secrets.M }" },
    null,
  );
  ok(isJsonObject(value));
  deepStrictEqual(
    openReferences(seals, value, {
      secrets: { K: "k" },
      references: new Set(["K"]),
    }),
    { a: "k", b: sealedReference(MARK, "M") },
  );
});

Deno.test("the error of a value that cannot be computed shows no part of a secret", () => {
  const seals = sealsOf();
  const made = seal(seals, "${ $secrets.K - 1 }", null);
  throws(() => opened(seals, made), (error) => {
    ok(error instanceof Fault);
    match(
      error.failure.detail,
      /^Cannot evaluate "\$secrets.K - 1": string \(…\)/,
    );
    ok(!error.failure.detail.includes("key-"), error.failure.detail);
    return true;
  });
});

Deno.test("the error says where in an expression over a secret it is, and no value", () => {
  const seals = sealsOf();
  const made = seal(seals, "${ 1 |\n  ($secrets.K | tonumber) }", null);
  throws(() => opened(seals, made), (error) => {
    ok(error instanceof Fault);
    match(
      error.failure.detail,
      /^Cannot evaluate .* at line \d+, column \d+: /s,
    );
    match(error.failure.detail, /string \(…\) cannot be parsed as a number$/);
    ok(!error.failure.detail.includes("key-"), error.failure.detail);
    return true;
  });
});

/** Makes the data of rounds, each of which computes with that of the last. */
function rounds(seals: Seals, count: number, data: Json): Json {
  let input = seal(seals, { a: "${ $secrets.M }", b: "" }, null);
  for (let i = 0; i < count; i++) input = seal(seals, data, input, `/${i} set`);
  return input;
}

Deno.test("what a loop computes from secrets is opened however long it is", () => {
  const seals = sealsOf();
  const data = { a: '${ .a + "-" | .[-4:] }', b: "" };
  const value = opened(seals, rounds(seals, 700, data));
  deepStrictEqual(value, { a: "----", b: "" });
});

Deno.test("a value that several read is computed once for one opening", () => {
  const seals = sealsOf();
  const data = { a: "${ .a + .b | .[:6] }", b: "${ .b + .a | .[:6] }" };
  const value = opened(seals, rounds(seals, 40, data));
  deepStrictEqual(value, { a: "zz-top", b: "zz-top" });
});

Deno.test("a run computes no more values from secrets than it may", () => {
  const seals = sealsOf();
  const none = {
    names: [],
    reads: new Set<string>(),
    compute: () => null,
    textsIn: () => [],
  };
  const value = computedValue(seals, none);
  for (let i = 0; i < SEALED_VALUES_MAX; i++) seals.values.set(`${i}`, value);
  throws(
    () => seal(seals, "${ $secrets.K | length }", null),
    /Cannot compute more than 100000 values from secrets/,
  );
});
