import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { vaultOf } from "../../src/backend/vault.ts";
import { DATABASE_NAME } from "../../src/backend/open.ts";
import { systemHost } from "../../src/host/system.ts";
import { dataKeysUnder } from "../../src/store/data_keys.ts";
import { openStore } from "../../src/store/open.ts";
import { sealedOf } from "../../src/store/sealed_values.ts";
import { vaultKeyIn } from "../../src/store/vault_keys.ts";
import type { KeySource } from "../../src/vault/key_source.ts";
import { keySources } from "../../src/vault/key_sources.ts";
import { createPlace, pick, type Place } from "./program.ts";

const OLD = new Uint8Array(32).fill(1).toBase64();
const NEW = new Uint8Array(32).fill(2).toHex();

/** The vault of a place, as another process has it. */
function vaultIn(place: Place, env: Readonly<Record<string, string>> = {}) {
  const system = systemHost();
  const host = { ...system, env: { get: (name: string) => env[name] } };
  const store = openStore(`${place.home}/${DATABASE_NAME}`, { host });
  const sources: readonly KeySource[] = keySources(host, {
    databasePath: store.path,
  }).filter(({ kind }) => kind !== "keychain");
  const vault = vaultOf({ host, store, keySources: sources });
  return { vault, store, [Symbol.dispose]: () => store.close() };
}

/** Makes an environment with a secret; gives its id. */
async function environment(
  place: Place,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const words = ["env", "create", name, "--secret", "TOKEN=-", "-o", "json"];
  const stdin = `token of ${name}`;
  const { stdout, stderr } = await place.run(words, { env, stdin });
  const id = String(pick(JSON.parse(stdout), "metadata.id"));
  ok(id.startsWith("env-"), stderr);
  return id;
}

async function tokenOf(
  place: Place,
  id: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  using it = vaultIn(place, env);
  const rows = sealedOf(it.store.database, id);
  return (await it.vault.openSealed(rows)).get("TOKEN");
}

Deno.test("secrets rotate puts another key in the place of the current one", async () => {
  await using place = await createPlace();
  await place.run(["init"]);
  const ids = [
    await environment(place, "one"),
    await environment(place, "two"),
  ];
  const before = await place.run(["secrets", "status", "-o", "name"]);
  const { code, stdout, stderr } = await place.run(["secrets", "rotate"]);
  strictEqual(code, 0, stderr);
  match(
    stdout,
    /^Rotated the master key from key-\w+ to key-\w+; 2 data keys wrapped anew\n$/,
  );
  ok(stdout.includes(before.stdout.trim()));
  match(stderr, /The old key is kept: older backups/);
  deepStrictEqual(
    [await tokenOf(place, ids[0] ?? ""), await tokenOf(place, ids[1] ?? "")],
    ["token of one", "token of two"],
  );
  const forgotten = await place.json([
    "secrets",
    "rotate",
    "--forget-old",
    "-o",
    "json",
  ]);
  strictEqual(pick(forgotten, "dataKeyCount"), 2);
  const file = await Deno.readTextFile(`${place.home}/master.key`);
  ok(!file.includes(String(pick(forgotten, "oldKeyId"))));
  ok(file.includes(String(pick(forgotten, "newKeyId"))));
  ok(!file.includes(before.stdout.trim()), "nor are older ones kept");
  const { stdout: shown } = await place.run(["secrets", "status"]);
  ok(!shown.includes("Retired keys"), shown);
  strictEqual(await tokenOf(place, ids[0] ?? ""), "token of one");
});

Deno.test("secrets rotate before there is a key says how to make one", async () => {
  await using place = await createPlace();
  const { code, stderr } = await place.run(["secrets", "rotate"]);
  strictEqual(code, 5);
  match(stderr, /Cannot rotate the master key: there is none yet/);
  match(stderr, /stigmer init/);
});

Deno.test("a key that is kept by hand is rotated to the one that is given", async () => {
  await using place = await createPlace();
  const given = { STIGMER_KEY_SOURCE: "env", STIGMER_MASTER_KEY: OLD };
  await place.run(["init"], { env: given });
  const id = await environment(place, "one", given);
  const refused = await place.run(["secrets", "rotate"], { env: given });
  strictEqual(refused.code, 5, refused.stderr);
  match(refused.stderr, /STIGMER_MASTER_KEY_NEXT: it is not set/);
  match(refused.stderr, /openssl rand -base64 32/);
  ok(!refused.stderr.includes(OLD));
  const same = { ...given, STIGMER_MASTER_KEY_NEXT: OLD };
  const again = await place.run(["secrets", "rotate"], { env: same });
  strictEqual(again.code, 5, again.stderr);
  match(again.stderr, /which is in use already/);
  const both = { ...given, STIGMER_MASTER_KEY_NEXT: NEW };
  const done = await place.run(["secrets", "rotate", "--forget-old"], {
    env: both,
  });
  strictEqual(done.code, 0, done.stderr);
  match(
    done.stderr,
    /Now give the new key as STIGMER_MASTER_KEY, in the place/,
  );
  match(done.stderr, /Not removed, since you keep them yourself: key-\w+;/);
  strictEqual(
    await tokenOf(place, id, { STIGMER_MASTER_KEY: NEW }),
    "token of one",
  );
  const lost = await place.run(["secrets", "rekey", "one"], { env: given });
  strictEqual(lost.code, 1);
  match(lost.stderr, /master key "key-\w+" is needed/);
  match(lost.stderr, /\(STIGMER_MASTER_KEY: it holds key-\w+\)/);
});

Deno.test("secrets rekey encrypts environments anew, each by name", async () => {
  await using place = await createPlace();
  await place.run(["init"]);
  const id = await environment(place, "one");
  await place.run(["env", "create", "empty", "--var", "A=b"]);
  const before = sealedBytes(place, id);
  const { code, stdout } = await place.run([
    "secrets",
    "rekey",
    "one",
    "empty",
  ]);
  strictEqual(code, 0);
  strictEqual(
    stdout,
    "one: 1 secret encrypted anew\nempty: 0 secrets encrypted anew\n",
  );
  ok(sealedBytes(place, id) !== before);
  strictEqual(await tokenOf(place, id), "token of one");
  const unknown = await place.run(["secrets", "rekey", "oen"]);
  strictEqual(unknown.code, 3);
  match(unknown.stderr, /Cannot find environment "oen"/);
});

function sealedBytes(place: Place, id: string): string {
  using it = vaultIn(place);
  const [row] = sealedOf(it.store.database, id);
  return row?.sealed.toHex() ?? "";
}

const WAITING = `
document: {dsl: 1.0.3, namespace: tests, name: waiting, version: 0.1.0}
use: {secrets: [TOKEN]}
do:
  - hear: {listen: {to: {one: {with: {type: go}}}}}
  - count:
      run:
        shell:
          command: 'printf "%s" "$T" | wc -c'
          environment: {T: '\${ $secrets.TOKEN }'}
`;

Deno.test(
  "a run that waits goes on with what it was handed, whatever keys are changed meanwhile",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using place = await createPlace();
    await place.write("waiting.yaml", WAITING);
    const id = await environment(place, "one");
    const run = place.start(["run", "waiting.yaml", "--env", "one"]);
    try {
      await run.said("Waiting for event go");
      await changeAll(place);
      strictEqual(sealedKeys(place).length, 2, "the run has the old data key");
      const published = await place.run(["event", "publish", "--type", "go"]);
      strictEqual(published.code, 0, published.stderr);
    } catch (error) {
      run.kill("SIGKILL");
      await run.ended;
      throw error;
    }
    const { code, stdout, stderr } = await run.ended;
    strictEqual(code, 0, stderr);
    strictEqual(stdout.trim(), `${"token of one".length}`);
    strictEqual(sealedKeys(place).length, 1, "which went with it");
    strictEqual(await tokenOf(place, id), "token, another one");
  },
);

/** Another value, another data key and another master key. */
async function changeAll(place: Place): Promise<void> {
  const set = ["env", "set", "one", "--secret", "TOKEN=-"];
  const lines: readonly (readonly string[])[] = [
    set,
    ["secrets", "rekey", "one"],
    ["secrets", "rotate", "--forget-old"],
  ];
  for (const words of lines) {
    const options = words === set ? { stdin: "token, another one" } : {};
    const { code, stderr } = await place.run(words, options);
    strictEqual(code, 0, stderr);
  }
}

/** The data keys of all owners. */
function sealedKeys(place: Place): readonly string[] {
  using it = vaultIn(place);
  const { database } = it.store;
  const current = vaultKeyIn(database, "current")?.id ?? "";
  return dataKeysUnder(database, current).map(({ id }) => id);
}

const BOUND = `
apiVersion: agentic.stigmer.ai/v1
kind: WorkflowInstance
metadata: {name: bound}
spec:
  workflow: waiting
  environments: [one]
`;

Deno.test(
  "a key that is lost for good is left behind as the hint says, with a run under way",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await using place = await createPlace();
    await place.run(["init"]);
    await place.write("waiting.yaml", WAITING);
    const id = await environment(place, "one");
    // What refers to the environment may not be in the way.
    await place.write("bound.yaml", BOUND);
    for (const file of ["waiting.yaml", "bound.yaml"]) {
      strictEqual((await place.run(["apply", "-f", file])).code, 0, file);
    }
    const words = ["run", "waiting.yaml", "--env", "one"];
    const { stdout } = await place.run([...words, "--detach", "-o", "name"]);
    const run = stdout.trim();
    ok(run.startsWith("wex-"), run);
    await Deno.remove(`${place.home}/master.key`);
    const lost = await place.run(["secrets", "rotate"]);
    strictEqual(lost.code, 1);
    match(lost.stderr, /master key "key-\w+" is needed, which was kept in/);
    match(lost.stderr, /take the secrets out .*`stigmer env unset`, cancel/);
    for (
      const step of [
        ["env", "unset", "one", "TOKEN"],
        ["execution", "cancel", run],
        ["secrets", "rotate"],
        ["env", "set", "one", "--secret", "TOKEN=-"],
      ]
    ) {
      const stdin = "token of one";
      const { code, stderr } = await place.run(step, { stdin });
      strictEqual(code, 0, `${step.join(" ")}: ${stderr}`);
      // It is not kept, so that nothing may say so.
      if (step[1] === "rotate") ok(!/kept/.test(stderr), stderr);
    }
    strictEqual(await tokenOf(place, id), "token of one");
  },
);

Deno.test("an environment that is refused makes no key", async () => {
  await using place = await createPlace();
  await place.run(["env", "create", "one", "--var", "A=b"]);
  const words = ["env", "create", "one", "--secret", "TOKEN=-"];
  const { code, stderr } = await place.run(words, { stdin: "a token" });
  strictEqual(code, 5, stderr);
  const { stdout } = await place.run(["secrets", "status"]);
  match(stdout, /none yet/);
  const made = await place.run(["env", "create", "two", ...words.slice(3)], {
    stdin: "a token",
  });
  match(made.stderr, /Made master key key-.*\n +Why there: /);
});
