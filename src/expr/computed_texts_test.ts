import { deepStrictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { compileTemplate } from "./compile.ts";
import { computedTexts } from "./computed_texts.ts";
import type { Scope } from "./expression.ts";
import { expressionsOf } from "./template.ts";

const SECRETS: Json = {
  K: "tok-9f8e7d6c",
  P: "pw-5a4b3c2d",
  F: "REVERSE-5A4B3C",
  W: "ASCII_DOWNCASE",
  L: { user: "ada-lovelace" },
};
const SCOPE: Scope = {
  input: {
    host: "db.example.com",
    port: 5432,
    list: ["TOK-9F8E7D6C-ELSE", "north"],
    note: "TOK-9F8E7D6C",
    text: "one\ntwo",
  },
  variables: { secrets: SECRETS, context: { region: "eu-central" } },
  nowMs: 0,
};

function textsOf(source: string): readonly string[] {
  const { template } = compileTemplate(`\${ ${source} }`, {
    pointer: "",
    mode: "strict",
  });
  return expressionsOf(template).flatMap((it) =>
    computedTexts(it, { scope: SCOPE, hot: new Set(), isWhole: false })
  );
}

Deno.test("computedTexts() gives what is computed from secrets, and not what is passed on", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["$secrets.P | ascii_upcase", ["PW-5A4B3C2D"]],
    ["$secrets.K[0:6]", ["tok-9f"]],
    ["$secrets.K[0:5]", []],
    ["$secrets.K | length", []],
    // What is passed on is hidden without it.
    ["$secrets.K", []],
    ["{k: $secrets.K, h: (.host | ascii_upcase)}", []],
    ["$secrets.L", []],
    ["$secrets.L.user | ascii_upcase", ["ADA-LOVELACE"]],
    // A part among others.
    [
      "{h: (.host | ascii_upcase), k: ($secrets.P | ascii_upcase)}",
      ["PW-5A4B3C2D"],
    ],
    ['"Bearer " + ($secrets.P | ascii_upcase)', ["PW-5A4B3C2D"]],
    ['"https://\\(.host)/?k=\\($secrets.P | ascii_upcase)"', ["PW-5A4B3C2D"]],
    ['.host + ":" + $secrets.P', []],
    ['"at \\(.host):\\(.port) with \\($secrets.P)"', []],
    ['$secrets.K[0:3] + $secrets.P + "!"', ["tok" + "pw-5a4b3c2d!"]],
    // What stands in the source, or in the data.
    ['if $secrets.K == "a" then "production" else "development" end', []],
    ['$secrets as $s | {where: .host, key: "constant-text"}', []],
    ['$secrets | {"a-long-key": .K}', []],
    [".list | map(select(. != $secrets.K))", []],
    ['.note, "$secrets.K" | [.] | first', []],
    ["$secrets.K | ascii_upcase | select(. == .)", ["TOK-9F8E7D6C"]],
    ["[.note, ($secrets.K | ascii_upcase)] | last", []],
    [".host as $hostname | $secrets | {$hostname, import: .K}", []],
    ['$secrets | {"a-\\u006cong-key": .K, @text "another-key": 1}', []],
    // What is called stands there, too, and is no text; nor is a comment.
    ["$secrets.F | ascii_downcase", ["reverse-5a4b3c"]],
    ["$secrets.F | ascii_downcase | reverse | reverse", ["reverse-5a4b3c"]],
    ["$secrets.W | ascii_downcase", ["ascii_downcase"]],
    [
      '$secrets.W | ascii_downcase # "ascii_downcase" (?<ascii_downcase>\n',
      ["ascii_downcase"],
    ],
    // What jq itself writes, and the names of groups.
    ["$secrets.P | type", []],
    ['$secrets.P | match("-5.4.3")', ["-5a4b3"]],
    ['$secrets.P | capture("-(?<username>.+)")', ["5a4b3c2d"]],
    // Lines by themselves, as each may be shown without the others.
    [
      '["host=" + .host, "pw=" + ($secrets.P | @base64)] | join("\\n")',
      ["cHctNWE0YjNjMmQ="],
    ],
    // Keys.
    ["{($secrets.P | ascii_upcase): 1}", ["PW-5A4B3C2D"]],
  ];
  for (const [source, texts] of cases) {
    deepStrictEqual(new Set(textsOf(source)), new Set(texts), source);
  }
});

Deno.test("computedTexts() takes no letters for what is known", () => {
  const rot13 = '$secrets.P | explode | map(if . > 96 then {"97":"n","98":"o"' +
    ',"99":"p","100":"q","112":"c","119":"j"}[tostring] else [.] | implode ' +
    'end) | join("")';
  deepStrictEqual(textsOf(rot13), ["cj-5n4o3p2q"]);
});
