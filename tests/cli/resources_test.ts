import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick } from "./program.ts";

const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: Rezensent für 日本 }
spec:
  instructions: Review whatever you are given.
`;
const NAMED = AGENT.replace("{ name: Rezensent für 日本 }", "{ name: critic }");

Deno.test("init prepares a private home, and once more changes nothing", async () => {
  await using place = await createPlace();
  const first = await place.run(["init"]);
  deepStrictEqual([first.code, first.stdout], [
    0,
    `Prepared "${place.home}"\n`,
  ]);
  if (Deno.build.os !== "windows") {
    strictEqual(((await Deno.stat(place.home)).mode ?? 0) & 0o777, 0o700);
  }
  const again = await place.run(["init", "-q"]);
  deepStrictEqual([again.code, again.stdout, again.stderr], [0, "", ""]);
  const info = await place.json(["init", "-o", "json"]);
  strictEqual(pick(info, "type"), "local");
});

Deno.test("apply says what became of each, and unchanged the second time", async () => {
  await using place = await createPlace();
  await place.write("manifests/agent.yaml", AGENT);
  await place.write("manifests/notes.yaml", "just: data\n");
  await place.write(
    "manifests/env.json",
    JSON.stringify({
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Environment",
      metadata: { name: "staging" },
      spec: { variables: { REGION: "eu" } },
    }),
  );
  const dry = await place.run(["apply", "-f", "manifests", "--dry-run"]);
  strictEqual(
    dry.stdout,
    "agent/rezensent-fur created (dry run)\n" +
      "environment/staging created (dry run)\n",
    dry.stderr,
  );
  match(dry.stderr, /Skipped "manifests\/notes.yaml": it is no manifest/);
  const first = await place.run(["apply", "-f", "manifests"]);
  strictEqual(
    first.stdout,
    "agent/rezensent-fur created\nenvironment/staging created\n",
  );
  const again = await place.run(["apply", "-f", "-"], { stdin: AGENT });
  deepStrictEqual([again.code, again.stdout], [
    0,
    "agent/rezensent-fur unchanged\n",
  ]);
  const named = await place.run(["apply", "-f", "manifests", "-o", "name"]);
  strictEqual(named.stdout, "rezensent-fur\nstaging\n");
});

Deno.test("a broken manifest shows every place, writes nothing, exit 2", async () => {
  await using place = await createPlace();
  await place.write("good.yaml", NAMED);
  await place.write(
    "bad.yaml",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\nmetadata: { name: bad }\n" +
      "spec:\n  instructons: Review whatever you are given.\n",
  );
  for (const words of [["apply"], ["validate"], ["diff"]]) {
    const ran = await place.run([
      ...words,
      "-f",
      "good.yaml",
      "-f",
      "bad.yaml",
    ]);
    strictEqual(ran.code, 2, words[0]);
    match(ran.stderr, /^bad\.yaml:5:3: error: /m);
    match(ran.stderr, /Did you mean "instructions"\?/);
  }
  deepStrictEqual(await place.json(["agent", "list", "-o", "json"]), {
    items: [],
    nextPageToken: "",
  });
});

Deno.test("validate needs no home, and lists problems for programs", async () => {
  await using place = await createPlace();
  await place.write("good.yaml", NAMED);
  const good = await place.run(["validate", "good.yaml"]);
  deepStrictEqual([good.code, good.stdout], [
    0,
    'good.yaml:1: Agent "critic" is valid\n',
  ]);
  await place.write("bad.yaml", "kind: Agnet\n");
  const { stdout, code } = await place.run([
    "validate",
    "bad.yaml",
    "-o",
    "json",
  ]);
  const json = JSON.parse(stdout);
  deepStrictEqual([code, json.valid, json.diagnostics[0].file], [
    2,
    false,
    "bad.yaml",
  ]);
  const none = await place.run(["validate", "none.yaml"]);
  strictEqual(none.code, 3);
  ok(!await Deno.stat(place.home).then(() => true, () => false));
});

Deno.test("diff ends with 1 when something differs", async () => {
  await using place = await createPlace();
  await place.write("agent.yaml", NAMED);
  strictEqual((await place.run(["diff", "-f", "agent.yaml"])).code, 1);
  await place.run(["apply", "-f", "agent.yaml"]);
  const same = await place.run(["diff", "-f", "agent.yaml"]);
  deepStrictEqual([same.code, same.stdout], [0, ""]);
  await place.write("agent.yaml", NAMED.replace("Review", "Praise"));
  const differs = await place.run(["diff", "-f", "agent.yaml"]);
  strictEqual(differs.code, 1);
  match(differs.stdout, /^-.*Review/m);
  match(differs.stdout, /^\+.*Praise/m);
});

Deno.test("agents are created, changed, shown in every form and deleted", async () => {
  await using place = await createPlace();
  const instructions = "Review whatever you are given.";
  const created = await place.run([
    "agent",
    "create",
    "critic",
    "--instructions",
    instructions,
    "-l",
    "team=a",
  ]);
  deepStrictEqual([created.code, created.stdout], [
    0,
    "agent/critic created\n",
  ]);
  const twice = await place.run([
    "agent",
    "create",
    "critic",
    "--instructions",
    instructions,
  ]);
  strictEqual(twice.code, 5, twice.stderr);
  const updated = await place.run([
    "agent",
    "update",
    "critic",
    "--description",
    "Knows better",
    "-m",
    "say so",
  ]);
  deepStrictEqual([updated.code, updated.stdout], [
    0,
    "agent/critic updated\n",
  ]);

  const agent = await place.json(["agent", "get", "critic", "-o", "json"]);
  strictEqual(pick(agent, "spec.description"), "Knows better");
  strictEqual(pick(agent, "metadata.version.number"), 2);
  const old = await place.json([
    "agent",
    "get",
    "critic",
    "--version",
    "1",
    "-o",
    "json",
  ]);
  strictEqual(pick(old, "spec.description"), undefined);
  const versions = await place.json([
    "agent",
    "versions",
    "critic",
    "-o",
    "json",
  ]);
  strictEqual(pick(versions, "items.1.version.number"), 1);

  const forms: readonly (readonly [string, RegExp])[] = [
    ["table", /^SLUG +NAME[^]*^critic +critic/m],
    ["wide", /DESCRIPTION[^]*Knows better[^]*team=a/],
    ["yaml", /^kind: Agent$/m],
    ["jsonl", /^\{.*"slug":"critic".*\}$/m],
    ["name", /^critic$/m],
  ];
  for (const [form, expected] of forms) {
    match((await place.run(["agents", "ls", "-o", form])).stdout, expected);
  }
  const applied = await place.run(["apply", "-f", "-"], {
    stdin: (await place.run(["get", "agents", "-o", "yaml"])).stdout,
  });
  strictEqual(applied.stdout, "agent/critic unchanged\n", applied.stderr);

  const asked = await place.run(["delete", "agent", "critic"]);
  deepStrictEqual([asked.code, asked.stdout], [2, ""]);
  match(asked.stderr, /Give --yes/);
  const deleted = await place.run(["delete", "agent", "critic", "--yes"]);
  deepStrictEqual([deleted.code, deleted.stdout], [
    0,
    "agent/critic deleted\n",
  ]);
  strictEqual((await place.run(["agent", "get", "critic"])).code, 3);
});

Deno.test("environments are set and unset variable by variable", async () => {
  await using place = await createPlace();
  await place.run([
    "env",
    "create",
    "staging",
    "--var",
    "A=1",
    "--var",
    "B=ü=2",
  ]);
  await place.run(["env", "set", "staging", "REGION=", "A=3"]);
  await place.run(["env", "unset", "staging", "B"]);
  const env = await place.json(["env", "get", "staging", "-o", "json"]);
  deepStrictEqual(pick(env, "spec.variables"), { A: "3", REGION: "" });
  const none = await place.run(["env", "unset", "staging", "REGIN"]);
  strictEqual(none.code, 3);
  match(none.stderr, /Did you mean "REGION"\?/);
  strictEqual((await place.run(["env", "set", "staging", "A"])).code, 2);
});

Deno.test("lists come in pages, or whole", async () => {
  await using place = await createPlace();
  for (const name of ["a", "b", "c"]) await place.run(["env", "create", name]);
  const first = await place.json(["env", "list", "--limit", "2", "-o", "json"]);
  strictEqual(pick(first, "items.1.metadata.slug"), "b");
  const token = `${pick(first, "nextPageToken")}`;
  ok(token !== "");
  const rest = await place.run([
    "env",
    "list",
    "--page-token",
    token,
    "-o",
    "name",
  ]);
  deepStrictEqual([rest.stdout, rest.stderr], ["a\n", ""]);
  const all = await place.run(["env", "list", "--all", "-o", "name"]);
  strictEqual(all.stdout, "c\nb\na\n");
  strictEqual((await place.run(["env", "list", "--limit", "0"])).code, 2);
});

Deno.test("delete -f deletes what files describe, referrers first", async () => {
  await using place = await createPlace();
  await place.write("all.yaml", `${NAMED}---\n${AGENT}`);
  await place.run(["apply", "-f", "all.yaml"]);
  const deleted = await place.run(["delete", "-f", "all.yaml", "-y"]);
  strictEqual(
    deleted.stdout,
    "agent/critic deleted\nagent/rezensent-fur deleted\n",
    deleted.stderr,
  );
});

Deno.test("two programs at once on a new home both succeed", async () => {
  await using place = await createPlace();
  const names = ["a", "b", "c", "d"];
  const ran = await Promise.all(
    names.map((name) => place.run(["env", "create", name])),
  );
  deepStrictEqual(ran.map((it) => it.code), [0, 0, 0, 0], ran[0]?.stderr);
  const { stdout } = await place.run(["env", "list", "-o", "name"]);
  deepStrictEqual(stdout.trim().split("\n").sort(), names);
});

Deno.test("diff -o json prints JSON and nothing else", async () => {
  await using place = await createPlace();
  await place.write("a.yaml", AGENT);
  await place.run(["apply", "-f", "a.yaml"]);
  await place.write("b.yaml", `${AGENT}---\n${NAMED}`);
  const diff = await place.run(["diff", "-f", "b.yaml", "-o", "json"]);
  deepStrictEqual([diff.code, diff.stderr], [1, ""]);
  const json = JSON.parse(diff.stdout);
  strictEqual(pick(json, "items.0.outcome"), "UNCHANGED");
  deepStrictEqual(
    [pick(json, "items.1.kind"), pick(json, "items.1.outcome")],
    ["Agent", "CREATED"],
  );
  match(`${pick(json, "items.1.diff")}`, /^\+/m);
});

Deno.test("what is nearly a manifest is refused and not passed over", async () => {
  await using place = await createPlace();
  await place.write("m/agent.yaml", AGENT);
  await place.write("m/data.yaml", "find: me\nmind: the gap\n");
  await place.write(
    "m/slip.yaml",
    "apiVerison: agentic.stigmer.ai/v1\nknd: Agent\nmetadata: {name: a}\n",
  );
  const slip = await place.run(["apply", "-f", "m"]);
  strictEqual(slip.code, 2);
  match(slip.stderr, /slip\.yaml:\d+:1: error: [^]*Did you mean "\w+"/);
  match(slip.stderr, /Skipped ".*data\.yaml"/);
  await place.write("m/slip.yaml", "documnt: {}\ndo: []\n");
  const bare = await place.run(["apply", "-f", "m"]);
  strictEqual(bare.code, 2);
  match(bare.stderr, /slip\.yaml:/);
});

Deno.test("a file without its option, and a file without anything, are told", async () => {
  await using place = await createPlace();
  await place.write("a.yaml", AGENT);
  const bare = await place.run(["apply", "a.yaml"]);
  strictEqual(bare.code, 2);
  match(bare.stderr, /Name files with -f: -f a\.yaml/);
  await place.write("empty.yaml", "# nothing\n");
  for (const words of [["validate"], ["apply"]]) {
    const empty = await place.run([...words, "-f", "empty.yaml"]);
    strictEqual(empty.code, 2, words[0]);
    match(empty.stderr, /the files hold no resources/);
  }
});

Deno.test("a version is shown as the resource itself is", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "staging", "--var", "A=1"]);
  await place.run(["env", "set", "staging", "A=2"]);
  const now = await place.run(["env", "get", "staging"]);
  const then = await place.run(["env", "get", "staging", "--version", "1"]);
  match(then.stdout, /^Variables: +A=1$/m);
  const labels = (text: string): readonly string[] =>
    [...text.matchAll(/^[A-Z]\w+:/gm)].map(([it]) => it);
  deepStrictEqual(labels(then.stdout), labels(now.stdout));
  const versions = await place.run(["env", "versions", "staging"]);
  match(versions.stdout, /^ +2 [^]*^ +1 /m);
});

Deno.test("an update that changes nothing says so", async () => {
  await using place = await createPlace();
  const words = ["agent", "update", "critic", "--description", "Strict"];
  await place.write("critic.yaml", NAMED);
  await place.run(["apply", "-f", "critic.yaml"]);
  strictEqual((await place.run(words)).stdout, "agent/critic updated\n");
  strictEqual((await place.run(words)).stdout, "agent/critic unchanged\n");
  await place.run(["env", "create", "e", "--var", "A=1"]);
  const set = await place.run(["env", "set", "e", "A=1"]);
  strictEqual(set.stdout, "environment/e unchanged\n");
});

Deno.test("variables that are set at the same time all stay", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "e"]);
  const keys = ["A", "B", "C", "D", "E"];
  const ran = await Promise.all(
    keys.map((key) => place.run(["env", "set", "e", `${key}=1`])),
  );
  deepStrictEqual(ran.map((it) => it.code), [0, 0, 0, 0, 0], ran[0]?.stderr);
  const env = await place.json(["env", "get", "e", "-o", "json"]);
  deepStrictEqual(Object.keys(pick(env, "spec.variables") ?? {}).sort(), keys);
});

Deno.test("a manifest that was got before a change is in conflict, exit 5", async () => {
  await using place = await createPlace();
  await place.write("critic.yaml", NAMED);
  await place.run(["apply", "-f", "critic.yaml"]);
  const got = await place.run(["get", "agent", "critic", "-o", "yaml"]);
  await place.write("mine.yaml", got.stdout.replace("whatever", "all that"));
  const [first, again] = [
    await place.run(["apply", "-f", "mine.yaml"]),
    await place.run(["apply", "-f", "mine.yaml"]),
  ];
  strictEqual(first.stdout, "agent/critic updated\n", first.stderr);
  strictEqual(again.stdout, "agent/critic unchanged\n", again.stderr);
  await place.write("theirs.yaml", got.stdout.replace("whatever", "nothing"));
  const late = await place.run(["apply", "-f", "theirs.yaml"]);
  strictEqual(late.code, 5, late.stderr);
  match(late.stderr, /changed meanwhile/);
});

Deno.test("get, delete and export take a kind and a name in one word", async () => {
  await using place = await createPlace();
  await place.write("agent.yaml", NAMED);
  await place.write(
    "env.yaml",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Environment\n" +
      "metadata: { name: staging }\nspec: { variables: { REGION: eu } }\n",
  );
  await place.run(["apply", "-f", "agent.yaml", "-f", "env.yaml"]);
  const got = await place.run(["get", "agent/critic", "-o", "name"]);
  deepStrictEqual([got.code, got.stdout], [0, "critic\n"], got.stderr);
  const exported = await place.run(["export", "agents/critic"]);
  match(exported.stdout, /^kind: Agent$/m, exported.stderr);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["get", "agent/critic", "x"], 2, /Cannot get both "agent\/critic" and/],
    [["get", "agnt/critic"], 2, /Unknown kind "agnt"\nHint: Did you mean "ag/],
    [["delete", "agent/critic", "staging"], 2, /"staging": it names no kind/],
    [["delete", "agent/critic", "nvironment/x"], 2, /Unknown kind "nvironment/],
    [["delete", "agent/critic", "env/gone", "--yes"], 3, /environment "gone"/],
    [
      ["export", "agent/critic", "env/staging"],
      2,
      /Cannot export "agent\/…" a/,
    ],
    [["export", "agnt/critic"], 2, /Unknown kind "agnt"/],
  ];
  for (const [words, code, says] of cases) {
    const ran = await place.run(words);
    deepStrictEqual(ran.code, code, words.join(" "));
    match(ran.stderr, says);
  }
  const deleted = await place.run(
    ["delete", "agent/critic", "env/staging", "--yes"],
  );
  strictEqual(
    deleted.stdout,
    "agent/critic deleted\nenvironment/staging deleted\n",
    deleted.stderr,
  );
});
