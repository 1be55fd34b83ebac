import assert from "node:assert/strict";
import { isJsonArray } from "../../src/model/json.ts";
import { createPlace, pick, type Place } from "./program.ts";

const TOKEN = "t0ken-9f8e7d6c5b";

const SHOW = `document: { dsl: 1.0.3, namespace: t, name: show, version: 1.0.0 }
use: { secrets: [TOKEN] }
do:
  - show:
      run:
        shell:
          command: 'test -n "$T" && test -e flag && echo "it is $T"'
          environment: { T: "\${ $secrets.TOKEN }" }
`;

async function furnished(place: Place): Promise<void> {
  await place.write("show.yaml", SHOW);
  await place.write("token", `${TOKEN}\n`);
}

Deno.test("a run is given secrets by stdin and by file; the audit and the retry know them by name", async () => {
  await using place = await createPlace();
  await furnished(place);
  const run = ["run", "show.yaml", "--secret", "TOKEN=-"];
  const failed = await place.run(run, { stdin: `${TOKEN}\n` });
  assert.equal(failed.code, 1, failed.stderr);
  await place.write("flag", "");
  const file = ["run", "show.yaml", "--secret-file", "TOKEN=token"];
  const made = await place.run(file);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(made.stdout, "it is ***\n");
  const listed = await place.json(["execution", "list", "-o", "json"]);
  const id = `${pick(listed, "items.1.metadata.id")}`;
  const bare = await place.run(["execution", "retry", id]);
  assert.equal(bare.code, 5, bare.stderr);
  assert.match(bare.stderr, /was given secret "TOKEN" for that run alone/);
  assert.match(bare.stderr, /execution retry wex-\w+ --secret TOKEN/);
  const slip = await place.run(
    ["execution", "retry", id, "--secret-file", "TOKN=token"],
  );
  assert.match(slip.stderr, /Did you mean "TOKEN" with "TOKN"\?/);
  const again = await place.run(
    ["execution", "retry", id, "--secret-file", "TOKEN=token"],
  );
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout, "it is ***\n");
  const audit = await place.json(
    ["secrets", "audit", "--execution", id, "-o", "json"],
  );
  const items = pick(audit, "items") ?? null;
  assert.ok(isJsonArray(items) && items.length === 2);
  assert.equal(pick(audit, "items.0.path"), "/do/0/show");
  assert.equal(pick(audit, "items.0.origin"), "run");
  const table = await place.run(["secrets", "audit", "--secret", "TOKEN"]);
  assert.match(table.stdout, /^SECRET\s+FROM\s+FOR\s+EXECUTION\s+TASK\s+AGE\n/);
  for (const { stdout, stderr } of [failed, made, bare, again, table]) {
    assert.ok(!`${stdout}${stderr}`.includes(TOKEN));
  }
});

Deno.test("a secret that nothing gives is shown where the file uses it", async () => {
  await using place = await createPlace();
  await furnished(place);
  const { code, stderr } = await place.run(["run", "show.yaml"]);
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /show\.yaml:8:\d+: error: Secret "TOKEN" is used and nothing gives it/,
  );
  assert.match(stderr, /hint: Give it with --secret TOKEN/);
  const near = await place.run(
    ["run", "show.yaml", "--secret-file", "TOKN=token"],
  );
  assert.equal(near.code, 2, near.stderr);
  assert.match(near.stderr, /nothing in it uses secret "TOKN"/);
  assert.match(near.stderr, /Did you mean "TOKEN"\?/);
});

Deno.test("a variable that gives a secret is refused where it could not be hidden, or is not there", async () => {
  await using place = await createPlace();
  await furnished(place);
  await place.write("flag", "");
  const env = { STIGMER_SECRET_TOKEN: "zq7" };
  const short = await place.run(["run", "show.yaml"], { env });
  assert.equal(short.code, 4, short.stderr);
  assert.match(short.stderr, /STIGMER_SECRET_TOKEN .* under 4 characters/);
  assert.equal(short.stdout, "");
  const allowed = await place.run(
    ["run", "show.yaml", "--allow-short"],
    { env },
  );
  assert.equal(allowed.code, 0, allowed.stderr);
  const left = await place.run(
    ["run", "show.yaml", "--detach"],
    { env: { STIGMER_SECRET_TOKEN: TOKEN } },
  );
  assert.equal(left.code, 2, left.stderr);
  assert.match(left.stderr, /which the worker does not have/);
});

Deno.test("standard input holds a secret or the input, not both", async () => {
  await using place = await createPlace();
  await furnished(place);
  const { code, stderr } = await place.run(
    ["run", "show.yaml", "--secret", "TOKEN=-", "--input-file", "-"],
    { stdin: TOKEN },
  );
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /Cannot read a secret from standard input, which holds the input/,
  );
  await place.write("flag", "");
  const value = `${TOKEN}=-`;
  const made = await place.run(
    ["run", "show.yaml", "--secret", `TOKEN=${value}`, "--input-file", "-"],
    { stdin: "{}" },
  );
  assert.equal(made.code, 0, made.stderr);
});

Deno.test("a retry that seals the first secret says where its key was made", async () => {
  await using place = await createPlace();
  await furnished(place);
  await place.write("flag", "");
  const left = await place.run(["run", "show.yaml", "--detach"]);
  assert.equal(left.code, 0, left.stderr);
  const id = left.stdout.trim();
  const worked = await place.run(["worker", "--until-idle"]);
  assert.equal(worked.code, 0, worked.stderr);
  const retry = ["execution", "retry", id, "--secret-file", "TOKEN=token"];
  const made = await place.run(retry);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(made.stdout, "it is ***\n");
  assert.match(made.stderr, /master\.key/);
  const again = await place.run(retry);
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch(again.stderr, /master\.key/);
});
