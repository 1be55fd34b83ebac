import { match, ok, strictEqual } from "node:assert/strict";
import { createPlace } from "./program.ts";

const HEAD =
  "document: { dsl: 1.0.0, namespace: test, name: words, version: 1.0.0 }\n";
const FAILS = `${HEAD}use: { secrets: [KEY] }
do:
  - take:
      set: { word: "\${ .word }", key: "\${ $secrets.KEY }" }
  - count:
      set:
        number: |
          \${ .word
            | ascii_upcase
            | tonumber }
`;
const FAILS_ON_SECRET = `${HEAD}use: { secrets: [KEY] }
do:
  - a:
      run:
        shell:
          command: echo a
          environment: { N: "\${ $secrets.KEY | tonumber | tostring }" }
`;
const SECRET = "tok-9f8e7d6c5b";

Deno.test("a failed expression says where it failed, wherever the failure is shown", async () => {
  await using place = await createPlace();
  await place.write("words.yaml", FAILS);
  const ran = await place.run([
    ...["run", "words.yaml", "--input", "word=abc"],
    ...["--secret", `KEY=${SECRET}`],
  ]);
  strictEqual(ran.code, 1, ran.stderr);
  const words =
    /tonumber" at line 3, column 5: string \("ABC"\) cannot be parsed/;
  match(ran.stderr, words);
  const id = /wex-[0-9a-z]{26}/.exec(ran.stderr)?.[0] ?? "";
  const got = await place.run(["execution", "get", id, "-o", "json"]);
  match(
    JSON.stringify(JSON.parse(got.stdout)),
    new RegExp(
      words.source.replaceAll('"', String.raw`\\+"`),
    ),
  );
  const logs = await place.run(["execution", "logs", id]);
  match(logs.stdout + logs.stderr, /at line 3, column 5: /);
});

Deno.test("a failed expression over a secret shows its place, and none of the secret", async () => {
  await using place = await createPlace();
  await place.write("words.yaml", FAILS_ON_SECRET);
  const ran = await place.run([
    ...["run", "words.yaml", "--secret", `KEY=${SECRET}`],
  ]);
  strictEqual(ran.code, 1, ran.stderr);
  match(ran.stderr, /tostring" at line 1, column 16: string \(…\) cannot be/);
  const id = /wex-[0-9a-z]{26}/.exec(ran.stderr)?.[0] ?? "";
  const shown = await Promise.all([
    place.run(["execution", "get", id, "-o", "yaml"]),
    place.run(["execution", "logs", id]),
    place.run(["execution", "trace", id]),
  ]);
  for (const { stdout, stderr } of [ran, ...shown]) {
    ok(!`${stdout}${stderr}`.includes(SECRET.slice(0, 6)), stdout + stderr);
  }
});

Deno.test("validate shows what is wrong and odd inside an expression", async () => {
  await using place = await createPlace();
  await place.write(
    "odd.yaml",
    `${HEAD}do:\n  - a:\n      set:\n        x: >-\n          \${ .a\n` +
      "            | frist(.b) }\n        y: ${ 1 // 2 }\n",
  );
  const ran = await place.run(["validate", "odd.yaml"]);
  strictEqual(ran.code, 2, ran.stderr);
  const told = ran.stdout + ran.stderr;
  match(told, /odd\.yaml:7:15: error: Unknown function "frist"/);
  match(told, /\n {6}\| {13}\^{5}\n|\| +\^{5}\n/);
  match(told, /hint: Did you mean "first"\?/);
  match(told, /odd\.yaml:8:20: warning: This is never reached/);
});
