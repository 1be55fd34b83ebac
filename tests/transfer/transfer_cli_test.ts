import assert from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { createPlace, type Place } from "../cli/program.ts";
import { fillHome } from "./many_resources.ts";

const MANIFEST = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata:
  name: helper
spec:
  instructions: Help whoever asks for help
---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata:
  name: nightly
spec:
  schedule:
    every:
      hours: 1
  do:
    - first:
        set:
          a: 1
`;

/** What is said of an export that is cut off; to skip the check is no way out. */
const CUT_OFF = /cut off(?![^]*--no-verify)/;

/** A place whose home has two resources; other homes are beside it. */
async function filledPlace(): Promise<Place> {
  const place = await createPlace();
  await place.write("manifest.yaml", MANIFEST);
  const { code, stderr } = await place.run(["apply", "-f", "manifest.yaml"]);
  assert.equal(code, 0, stderr);
  return place;
}

/** Runs the program on the home of another name. */
function elsewhere(
  place: Place,
  words: readonly string[],
  options: Parameters<Place["run"]>[1] = {},
): ReturnType<Place["run"]> {
  return place.run([...words, "--home", `${place.folder}/other`], options);
}

Deno.test("export writes one file, import brings it back, and the bytes are the same", async () => {
  await using place = await filledPlace();
  const file = await place.run(["export", "--all", "-o", "all.yaml"]);
  assert.equal(file.code, 0, file.stderr);
  assert.equal(file.stdout, "");
  assert.match(file.stderr, /Exported 2 documents to "all\.yaml"/);
  const text = await Deno.readTextFile(`${place.folder}/all.yaml`);
  assert.equal((await place.run(["export", "--all"])).stdout, text);

  const dry = await elsewhere(place, ["import", "-f", "all.yaml", "--dry-run"]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.equal(
    dry.stdout,
    "agent/helper created (dry run)\nworkflow/nightly created (dry run)\n",
  );
  const none = await elsewhere(place, ["export", "--all"]);
  assert.ok(!none.stdout.includes("helper"));

  const real = await elsewhere(place, ["import", "-f", "-"], { stdin: text });
  assert.equal(real.code, 0, real.stderr);
  assert.equal(
    real.stdout,
    "agent/helper created\nworkflow/nightly created\n",
  );
  assert.equal((await elsewhere(place, ["export", "--all"])).stdout, text);
  // What is no export by itself is one for `apply`.
  const applied = await elsewhere(place, ["apply", "-f", "all.yaml"]);
  assert.equal(
    applied.stdout,
    "agent/helper unchanged\nworkflow/nightly unchanged\n",
  );
});

Deno.test("a folder has a file for each resource, and only what changed is written", async () => {
  await using place = await filledPlace();
  const folder = `${place.folder}/out`;
  assert.equal((await place.run(["export", "--all", "-o", "out/"])).code, 0);
  assert.deepEqual(await namesBelow(folder), [
    ".stigmer-export.json",
    "agents/helper.yaml",
    "workflows/nightly.yaml",
  ]);
  const before = (await Deno.stat(`${folder}/agents/helper.yaml`)).mtime;
  await place.write("out/notes.txt", "mine");
  await place.run(["delete", "workflow", "nightly", "--yes"]);
  await place.run(["env", "create", "prod", "--var", "A=1"]);
  assert.equal((await place.run(["export", "--all", "-o", "out"])).code, 0);
  assert.deepEqual(await namesBelow(folder), [
    ".stigmer-export.json",
    "agents/helper.yaml",
    "environments/prod.yaml",
    "notes.txt",
  ]);
  const after = (await Deno.stat(`${folder}/agents/helper.yaml`)).mtime;
  assert.deepEqual(after, before);

  const imported = await elsewhere(place, ["import", "-f", "out"]);
  assert.equal(
    imported.stdout,
    "environment/prod created\nagent/helper created\n",
  );
  await elsewhere(place, ["export", "--all", "-o", "again/"]);
  for (const name of await namesBelow(`${place.folder}/again`)) {
    assert.equal(
      await Deno.readTextFile(`${place.folder}/again/${name}`),
      await Deno.readTextFile(`${folder}/${name}`),
      name,
    );
  }
});

Deno.test("export writes over nothing that is no export", async () => {
  await using place = await filledPlace();
  await place.write("mine.yaml", "mine: true\n");
  await place.write("mine/file.txt", "mine");
  for (const target of ["mine.yaml", "mine/"]) {
    const { code, stderr } = await place.run(["export", "--all", "-o", target]);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /no export/);
  }
  assert.equal(
    await Deno.readTextFile(`${place.folder}/mine.yaml`),
    "mine: true\n",
  );
  const missing = await place.run(["export", "--all", "-o", "no/such/a.yaml"]);
  assert.equal(missing.code, 3, missing.stderr);
});

Deno.test("what was changed by hand is refused with its line, and taken with --no-verify", async () => {
  await using place = await filledPlace();
  await place.run(["export", "--all", "-o", "all.yaml"]);
  await place.run(["export", "--all", "-o", "out/"]);
  const text = await Deno.readTextFile(`${place.folder}/all.yaml`);
  const changed = text.replace("Help whoever asks", "Help nobody who asks");
  const line =
    changed.split("\n").findIndex((it) => it.startsWith("apiVersion")) + 1;
  await place.write("changed.yaml", changed);
  const refused = await elsewhere(place, ["import", "-f", "changed.yaml"]);
  assert.equal(refused.code, 2);
  assert.ok(
    refused.stderr.startsWith(
      `changed.yaml:${line}:1: error: This document was changed since`,
    ),
    refused.stderr,
  );
  assert.match(refused.stderr, /--no-verify/);
  const taken = await elsewhere(place, [
    "import",
    "-f",
    "changed.yaml",
    "--no-verify",
  ]);
  assert.equal(taken.code, 0, taken.stderr);
  const { stdout } = await elsewhere(place, ["export", "agent"]);
  assert.match(stdout, /Help nobody who asks/);

  const cases: readonly [string, string, RegExp][] = [
    ["cut", text.slice(0, text.lastIndexOf("---")), CUT_OFF],
    ["cut within a document", text.slice(0, text.length / 2), CUT_OFF],
    ["cut within its end", text.slice(0, -20), CUT_OFF],
    [
      "less",
      text.replace(/---\n(?:(?!---)[^])*helper(?:(?!---)[^])*/, ""),
      /missing/,
    ],
    ["bare", MANIFEST, /no export[^]*stigmer apply/],
    ["later", text.replace('"format":1', '"format":2'), /format is 2/],
    ["broken", text.replace("kind: Agent", "kind: [Agent"), /changed since/],
    ["no sum", text.replace(/# sha256: .*\n/, ""), /no checksum/],
  ];
  for (const [name, content, message] of cases) {
    await place.write(`${name}.yaml`, content);
    const { code, stderr } = await elsewhere(place, [
      "import",
      "-f",
      `${name}.yaml`,
    ]);
    assert.equal(code, 2, name);
    assert.match(stderr, message, name);
  }
});

Deno.test("an export that is refused writes nothing", async () => {
  await using place = await filledPlace();
  const words = ["export", "workflow", "nope"];
  const { code, stdout } = await place.run(words);
  assert.equal(code, 3);
  assert.equal(stdout, "");
  const none = await place.run(["export", "environment"]);
  assert.equal(none.code, 0);
  assert.match(none.stdout, /^# stigmer-export: [^]*# stigmer-export-end: /);
});

Deno.test("what is wrong in a changed document is told as apply tells it", async () => {
  await using place = await filledPlace();
  await place.run(["export", "--all", "-o", "all.yaml"]);
  const text = await Deno.readTextFile(`${place.folder}/all.yaml`);
  const lineOf = (content: string, word: string): number =>
    content.split("\n").findIndex((it) => it.includes(word)) + 1;
  const cases = [
    ["instructions:", "instrctions:", 'Did you mean "instructions"'],
    ["kind: Agent", "kind: Agnt", 'Did you mean "Agent"'],
    ["hours: 1", "hours: nine", "hours"],
  ] as const;
  for (const [before, after, message] of cases) {
    const content = text.replace(before, after);
    await place.write("bad.yaml", content);
    const words = ["import", "-f", "bad.yaml", "--no-verify"];
    const { code, stderr } = await elsewhere(place, words);
    assert.equal(code, 2, stderr);
    assert.ok(
      stderr.includes(`bad.yaml:${lineOf(content, after)}:`),
      stderr,
    );
    assert.ok(stderr.includes(message), stderr);
  }
  const instance = `---
apiVersion: agentic.stigmer.ai/v1
kind: AgentInstance
metadata:
  name: bot
spec:
  agent: nobody
`;
  await place.write("refers.yaml", text + instance);
  const refused = await elsewhere(place, [
    "import",
    "-f",
    "refers.yaml",
    "--no-verify",
  ]);
  assert.equal(refused.code, 2, refused.stderr);
  const at = lineOf(text + instance, "agent: nobody");
  assert.ok(
    refused.stderr.includes(
      `refers.yaml:${at}:10: error: There is no agent "nobody"`,
    ),
    refused.stderr,
  );
  const none = await elsewhere(place, ["get", "agent", "-o", "name"]);
  assert.equal(none.stdout, "");
});

Deno.test("a folder that somebody changed is refused, file by file", async () => {
  await using place = await filledPlace();
  await place.run(["export", "--all", "-o", "out/"]);
  const importing = (...more: string[]) =>
    elsewhere(place, ["import", "-f", "out", ...more]);
  const extra = MANIFEST.split("---\n")[0]?.replace("helper", "extra") ?? "";
  await place.write("out/agents/extra.yaml", extra);
  const unlisted = await importing();
  assert.equal(unlisted.code, 2);
  assert.match(unlisted.stderr, /extra\.yaml:1:1: error: This file is not of/);
  await Deno.remove(`${place.folder}/out/workflows/nightly.yaml`);
  const taken = await importing("--no-verify");
  assert.equal(taken.stdout, "agent/helper created\nagent/extra created\n");
  await Deno.remove(`${place.folder}/out/agents/extra.yaml`);
  const missing = await importing();
  assert.equal(missing.code, 2, missing.stderr);
  assert.match(missing.stderr, /nightly\.yaml/);

  const list = `${place.folder}/out/.stigmer-export.json`;
  const text = await Deno.readTextFile(list);
  await place.write("secret.yaml", MANIFEST);
  for (const path of ["../secret.yaml", "/etc/passwd", "agents/../../x.yaml"]) {
    await Deno.writeTextFile(list, text.replace("agents/helper.yaml", path));
    const { code, stderr } = await importing();
    assert.equal(code, 2, stderr);
    assert.match(stderr, /no export/);
  }
});

Deno.test("conflicts end with 5 and the ways out; secrets come with their passphrase", async () => {
  await using place = await filledPlace();
  await place.run(["env", "create", "prod", "--secret", "KEY=-"], {
    stdin: "hunter22",
  });
  const exported = await place.run(
    [
      "export",
      "environment",
      "--secrets",
      "reencrypt",
      "--passphrase-stdin",
      "-o",
      "env.yaml",
    ],
    { stdin: "correct horse\n" },
  );
  assert.equal(exported.code, 0, exported.stderr);
  const text = await Deno.readTextFile(`${place.folder}/env.yaml`);
  assert.ok(!text.includes("hunter22") && !text.includes("correct horse"));
  const words = ["import", "-f", "env.yaml", "--passphrase-stdin"];
  const wrong = await elsewhere(place, words, { stdin: "wrong horse" });
  assert.equal(wrong.code, 2, wrong.stderr);
  const right = await elsewhere(place, words, { stdin: "correct horse" });
  assert.equal(right.code, 0, right.stderr);
  await elsewhere(place, ["env", "set", "prod", "--var", "A=2"]);
  const conflict = await elsewhere(place, words, { stdin: "correct horse" });
  assert.equal(conflict.code, 5, conflict.stderr);
  assert.match(conflict.stdout, /environment\/prod conflict/);
  assert.match(conflict.stderr, /--on-conflict skip[^]*--on-conflict replace/);
  const short = await place.run(
    ["export", "--all", "--secrets", "reencrypt", "--passphrase-stdin"],
    { stdin: "short" },
  );
  assert.equal(short.code, 2);
  const useless = await place.run(["export", "--all", "--passphrase-stdin"], {
    stdin: "correct horse",
  });
  assert.equal(useless.code, 2, useless.stderr);
  const plain = await elsewhere(place, ["import", "-f", "env.yaml"]);
  assert.match(plain.stderr, /--passphrase-stdin/);
});

Deno.test("an import that is killed stores all of it or nothing, and goes on", async () => {
  await using place = await createPlace();
  {
    await using backend = await openBackend({
      home: place.home,
      execute: "none",
    });
    await fillHome(backend.client, { count: 400, seed: 11 });
  }
  await place.run(["export", "--all", "-o", "all.yaml"]);
  const words = ["import", "-f", "all.yaml", "--home", `${place.folder}/other`];
  const seen = new Set<number>();
  for (const delayMs of [200, 500, 900, 1500]) {
    const started = place.start(words);
    const timer = setTimeout(() => started.kill("SIGKILL"), delayMs);
    const { code } = await started.ended;
    clearTimeout(timer);
    const { stdout } = await elsewhere(place, [
      "get",
      "workflow",
      "--all",
      "-o",
      "name",
    ]);
    seen.add(stdout.split("\n").length - 1);
    if (code === 0) break;
  }
  const done = await place.run(words);
  assert.equal(done.code, 0, done.stderr);
  for (const count of seen) assert.ok([0, 58].includes(count), `${count}`);
  await place.run(["export", "--all", "-o", "mine.yaml"]);
  const other = await elsewhere(place, ["export", "--all"]);
  assert.equal(
    other.stdout,
    await Deno.readTextFile(`${place.folder}/mine.yaml`),
  );
});

async function namesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const it of Deno.readDir(folder)) {
    if (!it.isDirectory) {
      found.push(it.name);
      continue;
    }
    const below = await namesBelow(`${folder}/${it.name}`);
    found.push(...below.map((name) => `${it.name}/${name}`));
  }
  return found.sort();
}
