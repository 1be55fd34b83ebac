import assert from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";
import { hasTerminal, onTerminal } from "./terminal.ts";

const SECRET = "Tr0ub4dor&3";

async function revealed(place: Place, name: string): Promise<unknown> {
  const words = ["env", "get", name, "--yes", "-o", "json"];
  const names = pick(
    await place.json(["env", "get", name, "-o", "json"]),
    "spec.secrets",
  );
  const reveal = Object.keys(names ?? {}).flatMap((it) => ["--reveal", it]);
  return pick(await place.json([...words, ...reveal]), "spec.secrets");
}

Deno.test("env create takes secrets from standard input, files and .env files", async () => {
  await using place = await createPlace();
  await place.write("key.pem", "-----BEGIN-----\nabc\n-----END-----\n");
  await place.write(
    ".env",
    "# mine\nexport REGION=eu\nDB_PASSWORD='p w#1'\nAPI_KEY=k3y-k3y # live\nMY_TOKEN=tok-tok\n",
  );
  const created = await place.run([
    ..."env create prod --secret TOKEN=- --secret-file PEM=key.pem".split(" "),
    ..."--from-env-file .env --secrets-by *_PASSWORD --secrets-by API_*"
      .split(" "),
    ..."--secret-ref CI=env:CI_TOKEN --secret-ref F=file:./key.pem".split(" "),
    ..."--var REGION=us".split(" "),
  ], { stdin: `${SECRET}\n` });
  assert.equal(created.code, 0, created.stderr);
  assert.equal(created.stdout, "environment/prod created\n");
  assert.match(created.stderr, /"MY_TOKEN" will be kept in plain text/);
  const spec = pick(
    await place.json(["env", "get", "prod", "-o", "json"]),
    "spec",
  );
  assert.deepEqual(spec, {
    variables: { REGION: "us", MY_TOKEN: "tok-tok" },
    secrets: { TOKEN: "***", PEM: "***", DB_PASSWORD: "***", API_KEY: "***" },
    secretRefs: {
      CI: { env: "CI_TOKEN" },
      F: { file: `${await Deno.realPath(place.folder)}/key.pem` },
    },
  });
  assert.deepEqual(await revealed(place, "prod"), {
    TOKEN: SECRET,
    PEM: "-----BEGIN-----\nabc\n-----END-----",
    DB_PASSWORD: "p w#1",
    API_KEY: "k3y-k3y",
  });
});

Deno.test("nothing that shows an environment shows its secrets", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "prod", "--secret", "TOKEN=-"], {
    stdin: SECRET,
  });
  await place.run(["env", "set", "prod", "REGION=eu"]);
  for (
    const line of [
      "env get prod",
      "env get prod -o yaml",
      "env get prod --version 1 -o json",
      "env get prod --sealed",
      "env list -o wide",
      "env list -o json",
      "env versions prod -o json",
      "get env prod -o yaml",
      "env set prod A=1 -o json",
      "env rename prod live -o yaml",
      "env delete live --yes -o json",
    ]
  ) {
    const { code, stdout, stderr } = await place.run(line.split(" "));
    assert.equal(code, 0, `${line}: ${stderr}`);
    assert.ok(!(stdout + stderr).includes(SECRET), line);
  }
});

Deno.test("env get reveals into a pipe only with --yes, and each is noted", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "prod", "--secret", "TOKEN=-"], {
    stdin: SECRET,
  });
  const refused = await place.run(["env", "get", "prod", "--reveal", "TOKEN"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /no terminal[^]*--yes/);
  const shown = await place.run(
    ["env", "get", "prod", "--reveal", "TOKEN", "--yes"],
  );
  assert.match(shown.stdout, /TOKEN=Tr0ub4dor&3/);
  const missing = await place.run(
    ["env", "get", "prod", "--reveal", "TOKN", "-y"],
  );
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /Did you mean "TOKEN"\?/);
  const both = await place.run(
    ["env", "get", "prod", "--reveal", "TOKEN", "--version", "1", "-y"],
  );
  assert.equal(both.code, 2);
});

Deno.test("a variable becomes a secret and back, and never by mistake", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "prod", "--var", "TOKEN=plain-1"]);
  const sealed = await place.run(
    ["env", "set", "prod", "--secret", "TOKEN=-"],
    {
      stdin: SECRET,
    },
  );
  assert.match(sealed.stderr, /"TOKEN" was a variable: .* earlier versions/);
  const spec = pick(
    await place.json(["env", "get", "prod", "-o", "json"]),
    "spec",
  );
  assert.deepEqual(spec, { secrets: { TOKEN: "***" } });
  const slip = await place.run(["env", "set", "prod", "TOKEN=new-value"]);
  assert.equal(slip.code, 2);
  assert.match(
    slip.stderr,
    /it is a secret\nHint: .*--secret TOKEN, or .*--var/,
  );
  assert.deepEqual(await revealed(place, "prod"), { TOKEN: SECRET });
  const opened = await place.run(["env", "set", "prod", "--var", "TOKEN=open"]);
  assert.equal(opened.stdout, "environment/prod updated\n");
  const after = pick(
    await place.json(["env", "get", "prod", "-o", "json"]),
    "spec",
  );
  assert.deepEqual(after, { variables: { TOKEN: "open" } });
  const twice = await place.run(
    ["env", "set", "prod", "--var", "A=1", "--secret", "A=1234"],
  );
  assert.match(twice.stderr, /"A" is given twice/);
});

Deno.test("the same secret again changes nothing, a short one takes a flag", async () => {
  await using place = await createPlace();
  const set = (secret: string, ...words: string[]) =>
    place.run(["env", "set", "prod", "--secret", "A=-", ...words], {
      stdin: secret,
    });
  await place.run(["env", "create", "prod"]);
  assert.equal((await set(SECRET)).stdout, "environment/prod updated\n");
  assert.equal((await set(SECRET)).stdout, "environment/prod unchanged\n");
  const short = await set("abc");
  assert.equal(short.code, 2);
  assert.match(short.stderr, /--secret: Secret "A" has under 4 characters/);
  assert.ok(!short.stderr.includes("abc"));
  assert.equal((await set("abc", "--allow-short")).code, 0);
  const unset = await place.run(["env", "unset", "prod", "A"]);
  assert.equal(unset.code, 0);
  assert.deepEqual(await revealed(place, "prod"), undefined);
  const nothing = await place.run(["env", "set", "prod"]);
  assert.equal(nothing.code, 2);
});

Deno.test("two env set at once lose nothing", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "prod"]);
  const names = Array.from({ length: 6 }, (_, i) => `S${i}`);
  const ran = await Promise.all(
    names.map((name) =>
      place.run(["env", "set", "prod", "--secret", `${name}=-`], {
        stdin: `value of ${name}`,
      })
    ),
  );
  const failures = ran.filter((it) => it.code !== 0);
  assert.deepEqual(failures.map((it) => it.stderr), []);
  const expected = Object.fromEntries(
    names.map((it) => [it, `value of ${it}`]),
  );
  assert.deepEqual(await revealed(place, "prod"), expected);
});

const PLAIN = `apiVersion: agentic.stigmer.ai/v1
kind: Environment
metadata: { name: prod }
spec:
  variables: { REGION: eu }
  secrets:
    TOKEN: ${SECRET}
`;

Deno.test("apply refuses a plain secret unless it is allowed, and never shows it", async () => {
  await using place = await createPlace();
  await place.write("env.yaml", PLAIN);
  for (const verb of ["apply", "validate", "diff", "run"]) {
    const file = verb === "run" ? ["env.yaml"] : ["-f", "env.yaml"];
    const ran = await place.run([verb, ...file]);
    assert.equal(ran.code, 2, verb);
    assert.match(
      ran.stderr,
      /env\.yaml:7:12: error: Secret "TOKEN" stands here/,
    );
    assert.ok(!(ran.stdout + ran.stderr).includes(SECRET), verb);
  }
  const allow = ["-f", "env.yaml", "--allow-plain"];
  assert.equal((await place.run(["validate", ...allow])).code, 0);
  const dry = await place.run(["apply", ...allow, "--dry-run", "-o", "json"]);
  assert.ok(dry.stdout.includes('"TOKEN": "***"'), dry.stderr);
  assert.ok(!dry.stdout.includes(SECRET));
  const news = await place.run(["diff", ...allow]);
  assert.equal(news.code, 1);
  assert.match(news.stdout, /\+ {4}TOKEN: "\*\*\*"/);
  const applied = await place.run(["apply", ...allow]);
  assert.equal(applied.stdout, "environment/prod created\n", applied.stderr);
  assert.equal((await place.run(["diff", ...allow])).code, 0);
  await place.write("env.yaml", PLAIN.replace(SECRET, "another-one"));
  const differs = await place.run(["diff", ...allow]);
  assert.deepEqual([differs.code, differs.stdout], [
    1,
    'environment/prod\nValues of secrets differ, which are not shown: "TOKEN"\n',
  ]);
  const more = `${PLAIN.replace(SECRET, "another-one")}    MORE: more-more\n`;
  await place.write("env.yaml", more);
  const both = await place.run(["diff", ...allow]);
  assert.match(both.stdout, /\+ {4}MORE: "\*\*\*"/);
  assert.match(both.stdout, /\nValues of secrets differ, .*: "TOKEN"\n$/);
});

Deno.test("what is printed can be applied again, sealed or with ***", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "prod", "--secret", "TOKEN=-"], {
    stdin: SECRET,
  });
  for (const words of [["-o", "yaml"], ["--sealed", "-o", "yaml"]]) {
    const { stdout } = await place.run(["env", "get", "prod", ...words]);
    const again = await place.run(["apply", "-f", "-"], { stdin: stdout });
    assert.equal(again.stdout, "environment/prod unchanged\n", again.stderr);
  }
  const { stdout } = await place.run(["env", "get", "prod", "--sealed"]);
  await place.run(["env", "delete", "prod", "--yes"]);
  const back = await place.run(["apply", "-f", "-"], { stdin: stdout });
  assert.equal(back.stdout, "environment/prod created\n", back.stderr);
  assert.deepEqual(await revealed(place, "prod"), { TOKEN: SECRET });
});

Deno.test("a sealed export brings the values back after any change", async () => {
  await using place = await createPlace();
  await place.run(
    ["env", "create", "prod", "--label", "team=a", "--secret", "TOKEN=-"],
    { stdin: SECRET },
  );
  const plain = await place.run(["env", "get", "prod", "-o", "yaml"]);
  const sealed = await place.run(["env", "get", "prod", "--sealed"]);
  assert.doesNotMatch(sealed.stdout, /\b(id|version|status|audit):/);
  await place.run(["env", "set", "prod", "A=1", "--secret", "TOKEN=-"], {
    stdin: "another-one",
  });
  const differs = await place.run(["diff", "-f", "-"], {
    stdin: sealed.stdout,
  });
  assert.equal(differs.code, 1, differs.stderr);
  assert.match(differs.stdout, /- {4}A: "?1"?\n[^]*: "TOKEN"\n$/);
  const stale = await place.run(["diff", "-f", "-"], { stdin: plain.stdout });
  assert.equal(stale.code, 1, stale.stderr);
  assert.match(stale.stderr, /^Warning: environment\/prod has changed since/);
  const back = await place.run(["apply", "-f", "-"], { stdin: sealed.stdout });
  assert.equal(back.stdout, "environment/prod updated\n", back.stderr);
  assert.deepEqual(await revealed(place, "prod"), { TOKEN: SECRET });
  const audit = async (purpose: string): Promise<unknown> =>
    pick(
      await place.json(
        ["secrets", "audit", "--purpose", purpose, "-o", "json"],
      ),
      "items",
    );
  const exported = await audit("export");
  assert.ok(Array.isArray(exported) && exported.length === 1);
  assert.deepEqual(
    [exported[0].name, exported[0].origin, exported[0].purpose],
    ["TOKEN", "prod", "export"],
  );
  assert.deepEqual(await audit("mask"), []);
});

Deno.test({
  name: "a secret that is typed on a terminal is not shown",
  ignore: !hasTerminal,
  async fn() {
    await using place = await createPlace();
    const words = "env create prod --secret A --secret B".split(" ");
    const program = onTerminal(place, words);
    await program.said('Secret "A" (not shown): ');
    await program.type(`wrong\x15${SECRET}x\x7f\r`);
    await program.said('Secret "B" (not shown): ');
    await program.type("\x1b[200~line 1\rline 2\r\x1b[201~\r");
    const heard = await program.ended;
    assert.match(heard, /environment\/prod .*created/);
    assert.match(heard, /code 0/);
    assert.match(heard, /[\s;]echo[\s;]/);
    assert.match(heard, /[\s;]icanon[\s;]/);
    assert.ok(!/Tr0ub|wrong|line 1/.test(heard), heard);
    assert.deepEqual(await revealed(place, "prod"), {
      A: SECRET,
      B: "line 1\nline 2",
    });
  },
});

Deno.test({
  name: "=- on a terminal asks without showing, or is refused",
  ignore: !hasTerminal,
  async fn() {
    await using place = await createPlace();
    const program = onTerminal(place, [
      "env",
      "create",
      "prod",
      "--secret A=-",
    ]);
    await program.said('Secret "A" (not shown): ');
    await program.type(`${SECRET}\r`);
    const heard = await program.ended;
    assert.match(heard, /code 0/);
    assert.ok(!heard.includes("Tr0ub"), heard);
    assert.deepEqual(await revealed(place, "prod"), { A: SECRET });
    const words = ["env", "set", "prod", "--secret A=-", "--no-input"];
    const refused = await onTerminal(place, words).ended;
    assert.match(refused, /it is a terminal, which would show it/);
    assert.match(refused, /code 2/);
  },
});

Deno.test({
  name: "Ctrl-C at the question for a secret leaves nothing, and the echo on",
  ignore: !hasTerminal,
  async fn() {
    await using place = await createPlace();
    const words = "env create prod --secret A --secret B".split(" ");
    const program = onTerminal(place, words);
    await program.said('Secret "A" (not shown): ');
    await program.type(`${SECRET}\r`);
    await program.said('Secret "B" (not shown): ');
    await program.type("half\x03");
    const heard = await program.ended;
    assert.match(heard, /code 130/);
    assert.match(heard, /[\s;]echo[\s;]/);
    assert.match(heard, /[\s;]icanon[\s;]/);
    assert.ok(!/Tr0ub|half/.test(heard), heard);
    assert.equal((await place.run(["env", "get", "prod"])).code, 3);
  },
});

const FLOW = `
document:
  dsl: 1.0.3
  namespace: tests
  name: flow
  version: 1.0.0
use: { secrets: [TOKEN] }
do:
  - call:
      set: { is: '\${ $secrets.TOKEN | length > 0 }' }
`;

Deno.test({
  name: "what would be refused is refused before a person types a secret",
  ignore: !hasTerminal,
  async fn() {
    await using place = await createPlace();
    await place.write("flow.yaml", FLOW);
    await place.run(["env", "create", "prod", "--var", "A=1"]);
    const cases: readonly (readonly [string, RegExp])[] = [
      ["env set nosuch --secret TOKEN", /Cannot find environment "nosuch"/],
      ["env create prod --secret TOKEN", /Cannot create environment "prod"/],
      ["env set prod B=1 --secret B", /"B" is given twice/],
      ["run flow.yaml --secret TOKE", /uses secret "TOKE"[^]*"TOKEN"\?/],
      ["run nosuch.yaml --secret TOKEN", /no such file/],
    ];
    for (const [line, expected] of cases) {
      const heard = await onTerminal(place, line.split(" ")).ended;
      assert.match(heard, expected, line);
      assert.doesNotMatch(heard, /not shown/, line);
      assert.doesNotMatch(heard, /code (0|130)/, line);
    }
    const run = onTerminal(place, ["run", "flow.yaml", "--secret TOKEN"]);
    await run.said('Secret "TOKEN" (not shown): ');
    await run.type(`${SECRET}\r`);
    assert.match(await run.ended, /code 0/);
  },
});

Deno.test("of several that shall be deleted all are looked up first", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "one", "--var", "A=1"]);
  await place.run(["env", "create", "two", "--var", "A=1"]);
  const slip = await place.run(["env", "delete", "one", "nope", "-y"]);
  assert.equal(slip.code, 3, slip.stderr);
  assert.match(slip.stderr, /Cannot find environment "nope"/);
  const both = await place.run(["env", "delete", "one", "two", "one", "-y"]);
  assert.equal(
    both.stdout,
    "environment/one deleted\nenvironment/two deleted\n",
    both.stderr,
  );
});

Deno.test("what is no UTF-8 and what names no variable is no secret", async () => {
  await using place = await createPlace();
  const bytes = new Uint8Array([65, 61, 0xff, 0xfe, 122, 122, 122, 122, 10]);
  await Deno.writeFile(`${place.folder}/bin.env`, bytes);
  const words = ["env", "create", "prod", "--from-env-file", "bin.env"];
  const binary = await place.run([...words, "--secrets-by", "*"]);
  assert.equal(binary.code, 2);
  assert.match(binary.stderr, /Cannot read "bin.env": it is no UTF-8 text/);
  const spaced = await place.run(
    ["env", "create", "prod", "--secret-ref", "A=env:A B"],
  );
  assert.equal(spaced.code, 2);
  assert.match(spaced.stderr, /--secret-ref: .*"A" refers to no variable/);
});

Deno.test("what is wrong in a file is told with its option; lines stay one entry", async () => {
  await using place = await createPlace();
  await place.write("empty", "");
  for (const verb of ["create", "set"]) {
    const words = ["env", verb, "prod", "--secret-file", "E=empty"];
    const ran = await place.run(words);
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, /: --secret-file: Secret "E" is empty/);
    await place.run(["env", "create", "prod", "--var", "M=line 1\nline 2"]);
  }
  const shown = await place.run(["env", "get", "prod"]);
  assert.match(shown.stdout, /M="line 1\\nline 2"/);
});

Deno.test("a chat refuses what nothing in it uses before the first message", async () => {
  await using place = await createPlace();
  const made = await place.run(
    ["agent", "create", "asker", "--instructions", "Answer what is asked."],
  );
  assert.equal(made.code, 0, made.stderr);
  await place.write("tok.txt", SECRET);
  const chat = await place.run(
    ["agent", "chat", "asker", "--secret-file", "NOPE=tok.txt"],
    { stdin: "" },
  );
  assert.equal(chat.code, 2, chat.stderr);
  assert.match(chat.stderr, /nothing in it uses secret "NOPE"/);
});
