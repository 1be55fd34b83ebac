/**
 * Odd jq over data with secrets: what it gives once they are open must be what
 * it gives on the secrets themselves, errors included.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { compileTemplate } from "../expr/compile.ts";
import { evaluateTemplate } from "../expr/evaluate.ts";
import type { Scope, Template } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import type { Json } from "../model/json.ts";
import type { Secrets } from "../model/secrets.ts";
import { sealTemplate } from "./_sealing.ts";
import { namesIn, newSeals, openReferences, secretsOf } from "./_seals.ts";
import { Fault } from "./_walk.ts";

const MARK = "0123456789abcdef0123456789abcdef";
/** Two are the same, two are objects, and one of those jq writes otherwise. */
const SECRETS: Secrets = {
  K: "zkey-9f8e7d6c",
  M: "aa-top",
  S: "aa-top",
  N: "plain-name",
  L: { user: "ada", port: 8080 },
  O: { user: "bob", x: 1 },
  D: { text: "a\u007fb", small: 1e-7 },
};
const DATA: Json = {
  key: "${ $secrets.K }",
  m: "${ $secrets.M }",
  s: "${ $secrets.S }",
  index: "${ $secrets.N }",
  login: "${ $secrets.L }",
  odd: "${ $secrets.D }",
  small: "${ $secrets.D.small }",
  nothing: "${ $secrets.L.none }",
  glued: "x ${ $secrets.M } y",
  n: 1,
  pair: ["${ $secrets.L }", "${ $secrets.O }"],
  mixed: ["${ $secrets.K }", "b", "${ $secrets.M }"],
  object: { a: "${ $secrets.K }", b: "${ $secrets.M }", c: "aa-top" },
};

function templateOf(value: Json): Template {
  const { template, diagnostics } = compileTemplate(value, { pointer: "" });
  const errors = diagnostics.filter((it) => it.severity === "error");
  deepStrictEqual(errors, [], JSON.stringify(value));
  return template;
}

/** Gives a value, or nothing where that cannot be evaluated. */
function attempt(work: () => Json): Json | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof Fault) return;
    throw error;
  }
}

/** What an expression gives on the secrets themselves. */
function onSecrets(source: string): Json | undefined {
  const variables = { context: { a: SECRETS["K"] ?? null }, secrets: SECRETS };
  const input = evaluateTemplate(templateOf(DATA), { input: null, variables });
  const template = templateOf({ it: `\${ ${source} }` });
  return attempt(() => evaluateTemplate(template, { input, variables }));
}

/** What it gives on references, once these are open. */
function onReferences(source: string): Json | undefined {
  const seals = newSeals(MARK, Object.keys(SECRETS));
  const sealed = (value: Json, scope: Scope): Json =>
    sealTemplate(seals, templateOf(value), { scope, key: `/${source}` });
  const nothing: Scope = { input: null, variables: {} };
  const scope: Scope = {
    input: sealed(DATA, nothing),
    variables: { context: sealed({ a: "${ $secrets.K }" }, nothing) },
  };
  return attempt(() => {
    const value = sealed({ it: `\${ ${source} }` }, scope);
    const references = namesIn(seals, value);
    const names = secretsOf(seals, references);
    const secrets = Object.fromEntries(
      names.map((it) => [it, SECRETS[it] ?? null]),
    );
    return openReferences(seals, value, {
      secrets,
      references: new Set(references),
    });
  });
}

Deno.test("odd jq over references gives what it gives over the secrets", async (t) => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "a pattern may compute its keys, and has alternatives": [
      '(. + {"plain-name": "hit"}) as {(.index): $v} | [$v]',
      '(. + {"plain-name": "hit"}) as {"\\(.index)": $v} | [$v]',
      ". as {login: {user: $u}} ?// $u | [$u]",
      "[.pair[] as {user: $u} ?// $u | $u]",
      "[.pair[] as {$u} ?// $u | $u]",
      ".mixed | . as [$a] ?// $a | [$a]",
      ". as {login: {user: $u}} | [$u]",
      '[1] as [$a] ?// $a | if $a == 1 then [$secrets.K | tonumber] else "no" end',
    ],
    "a variable of its own may have the name of one that has secrets": [
      '{a: "plain"} as $context | [$context.a]',
      '[{a: "plain"} as {a: $context} | {x: $context}]',
      '{a: "plain"} as $context | {k: $secrets.K, x: $context.a}',
      "1 as $__parts | {a: $secrets.K, b: $__parts}",
      "{K: 1} as $secrets | $secrets.K",
    ],
    "a secret that is an object is added and written as one": [
      ".pair | add",
      ".pair | .[0] + .[1]",
      '.pair | map(. + "x")',
      ".pair | map(. + {y: 1})",
      '"\\(.odd) x"',
      '"\\(.small) x"',
      '.mixed | map("x \\(.)")',
      ".mixed | add",
    ],
    "secrets that are the same are one key": [
      ".object | with_entries(.key = .value) | map(1)",
      ".object | with_entries(.key = .value) | keys",
      ".object | with_entries(.key = .value) | to_entries",
      '{a: .glued, b: "x aa-top y"} | with_entries(.key = .value) | map(1)',
      ".object | to_entries | map({(.key): .value}) | add",
      "{(.m): 1, (.s): 2} | length",
    ],
    "what fails, fails, though its value is not used": [
      "{a: ($secrets.K | tonumber)} + {a: 1}",
      "{a: ($secrets.K | tonumber), a: 1}",
      '{a: ($secrets.K | tonumber)} // "d"',
      '[.pair[].user] // "d"',
      '[.mixed[].user] // "d"',
      '[.key.x] // "d"',
    ],
    "what is there is not what is true": [
      '.nothing // "d"',
      "[.nothing, .key] | map(select(.))",
      ".pair | map(if .user then 1 else 2 end)",
      ".pair | map(.user // 1)",
      "[.nothing] | map(not)",
    ],
    "order, places and lengths are those of the secrets": [
      ".mixed | sort",
      ".mixed[.n]",
      ".mixed | map(reverse)",
      "[limit(2; .mixed[])] | map({a: .})",
      "reduce .mixed[] as $x (0; . + ($x | length))",
      "[foreach .mixed[] as $x (0; . + 1; [$x, .])]",
      "def f($x): [$x, (.key | length)]; f(.m)",
      'try error(.key) catch ltrimstr("zkey")',
      'getpath(["login", "user"])',
      '[paths(type == "string")] | length',
      '.mixed | map(select(test("zkey")))',
      '@sh "echo \\(.key)"',
      ".m == .s",
      "{a: [.m]} == {a: [.s]}",
      "label $out | .mixed[] | ., break $out",
      "tojson | length",
    ],
  };
  for (const [name, sources] of Object.entries(cases)) {
    await t.step(name, () => {
      for (const source of sources) {
        deepStrictEqual(onReferences(source), onSecrets(source), source);
      }
    });
  }
});

Deno.test("what only puts secrets into place has its shape at once", () => {
  const sources = [
    "{a: .key, b: .n}",
    "$context + {b: .key}",
    "$context + {b: ($secrets.U + .key)}",
    ".object | with_entries(.value = {v: .value})",
    ".pair | map({it: ., n: 1})",
    ".object | to_entries | map(.value)",
    "[.key] + .mixed",
    ". as {key: $k} | [$k]",
    ".mixed | map(select(.)) | first",
    '{a: $secrets.K} // "d"',
  ];
  const seals = newSeals(MARK, ["K", "L", "O", "M", "U"]);
  const seal = (value: Json, scope: Scope): Json =>
    sealTemplate(seals, templateOf(value), { scope, key: "/" });
  const input = seal({
    key: "${ $secrets.K }",
    n: 1,
    pair: ["${ $secrets.L }", "${ $secrets.O }"],
    mixed: ["${ $secrets.K }", "b"],
    object: { a: "${ $secrets.K }", b: "${ $secrets.M }" },
  }, { input: null, variables: {} });
  const context = seal({ a: "${ $secrets.K }" }, {
    input: null,
    variables: {},
  });
  for (const source of sources) {
    const value = seal(`\${ ${source} }`, { input, variables: { context } });
    const [name = ""] = typeof value === "string" ? namesIn(seals, value) : [];
    ok(!name.startsWith("="), source);
  }
});
