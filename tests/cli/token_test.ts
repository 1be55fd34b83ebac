import { match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick } from "./program.ts";

Deno.test("a token is made, listed and revoked on the database of this machine", async () => {
  await using place = await createPlace();
  const made = await place.run([
    "token",
    "create",
    "ci",
    "--role",
    "editor",
    "--expires",
    "10d",
  ]);
  strictEqual(made.code, 0, made.stderr);
  match(made.stdout, /^stg_[0-9A-Za-z]{49}\n$/);
  match(made.stderr, /token "ci" with the role editor, good for 10d/);
  const token = made.stdout.trim();
  const quiet = await place.run([
    "token",
    "create",
    "q",
    "--role",
    "viewer",
    "-q",
  ]);
  match(quiet.stdout, /^stg_[0-9A-Za-z]{49}\n$/);
  strictEqual(quiet.stderr, "");
  const json = await place.json([
    "token",
    "create",
    "j",
    "--role",
    "admin",
    "-o",
    "json",
  ]);
  match(`${pick(json, "text")}`, /^stg_/);
  strictEqual(pick(json, "token.createdBy"), "local-user");
  const list = await place.run(["token", "list"]);
  ok(!list.stdout.includes(token));
  ok(list.stdout.includes(token.slice(0, 8)));
  match(list.stdout, /^ci +editor +stg_\S+ +(?:9|10)d/m);
  const revoked = await place.run(["token", "revoke", "ci", "q", "--yes"]);
  strictEqual(revoked.stdout, "token/ci revoked\ntoken/q revoked\n");
  const names = await place.run(["token", "list", "-o", "name"]);
  strictEqual(names.stdout, "j\n");
  const ended = await place.run(["token", "list", "--ended", "-o", "wide"]);
  match(ended.stdout, /^ci .* revoked .* local-user +tok-/m);
  const audit = await place.run(["token", "audit", "--identity", "local-user"]);
  strictEqual(audit.stdout.match(/^token\.(create|revoke) /gm)?.length, 5);
});

const MISTAKES: readonly {
  readonly words: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}[] = [
  { words: ["create", "a"], code: 2, says: /Missing option "--role"/ },
  {
    words: ["create", "a", "--role", "root"],
    code: 2,
    says: /choose one of admin, editor, runner, viewer/,
  },
  {
    words: ["create", "A b", "--role", "viewer"],
    code: 2,
    says: /Name it "a-b"/,
  },
  {
    words: ["create", "a", "--role", "viewer", "--expires", "soon"],
    code: 2,
    says: /"--expires" cannot be "soon"/,
  },
  {
    words: ["create", "a", "--role", "viewer", "--expires", "5s"],
    code: 2,
    says: /1 minute to 10 years/,
  },
  {
    words: ["create", "a", "--role", "viewer", "--expires", "4000d"],
    code: 2,
    says: /"--expires" cannot be "4000d"/,
  },
  {
    words: ["create", "a", "--role", "viewer", "-o", "name"],
    code: 2,
    says: /shown only now/,
  },
  { words: ["revoke", "nobody", "-y"], code: 3, says: /"nobody"/ },
  { words: ["audit", "--action", "x"], code: 2, says: /choose one of refuse/ },
  { words: ["audit", "--since", "x"], code: 2, says: /"--since"/ },
];

Deno.test("mistakes about tokens are told with the way out, and make none", async () => {
  await using place = await createPlace();
  for (const { words, code, says } of MISTAKES) {
    const ran = await place.run(["token", ...words]);
    strictEqual(ran.code, code, `${words.join(" ")}: ${ran.stderr}`);
    match(ran.stderr, says);
    strictEqual(ran.stdout, "");
  }
  const list = await place.run(["token", "list", "--ended"]);
  match(list.stderr, /None found/);
});

Deno.test("a revocation is asked for, and a token in an error is hidden", async () => {
  await using place = await createPlace();
  const made = await place.run(["token", "create", "a", "--role", "viewer"]);
  const token = made.stdout.trim();
  const asked = await place.run(["token", "revoke", "a"]);
  strictEqual(asked.code, 2);
  match(asked.stderr, /Cannot ask whether to revoke token "a"/);
  for (
    const words of [
      ["token", "revoke", token, "-y"],
      ["token", "create", token, "--role", "viewer"],
      ["agent", "get", token],
      ["nonsense", token],
      ["agent", "list", `--${token}`],
      ["config", "set", token, "x"],
    ]
  ) {
    const { code, stdout, stderr } = await place.run(words);
    ok(code !== 0);
    ok(!`${stdout}${stderr}`.includes(token), words.join(" "));
  }
});
