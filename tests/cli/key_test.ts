import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";

const KEY = crypto.getRandomValues(new Uint8Array(32));
const OTHER = crypto.getRandomValues(new Uint8Array(32));
const UNIX = Deno.build.os !== "windows";

/** The status as JSON, whatever it says. */
async function status(
  place: Place,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [number, Record<string, unknown>, string]> {
  const words = ["secrets", "status", "-o", "json"];
  const { code, stdout, stderr } = await place.run(words, { env });
  return [code, JSON.parse(stdout), stderr];
}

Deno.test("init makes a key file, says why there, and makes no second one", async () => {
  await using place = await createPlace();
  const { code, stdout, stderr } = await place.run(["init"]);
  deepStrictEqual([code, stdout], [0, `Prepared "${place.home}"\n`]);
  match(stderr, /Made master key key-[0-9a-f]{20}, .*master\.key"/);
  match(stderr, /Why there: it was asked for/);
  match(stderr, /Keep a copy of that file/);
  const path = `${place.home}/master.key`;
  const before = await Deno.readTextFile(path);
  if (UNIX) strictEqual((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  const again = await place.run(["init"]);
  strictEqual(again.code, 0);
  match(again.stderr, /Found master key key-/);
  strictEqual(await Deno.readTextFile(path), before);
});

Deno.test("init names each place that it passed over, and why", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using place = await createPlace();
  const env = {
    STIGMER_KEY_SOURCE: "",
    DBUS_SESSION_BUS_ADDRESS: "",
    XDG_RUNTIME_DIR: "",
  };
  const { stderr } = await place.run(["init"], { env });
  match(
    stderr,
    /not so the keychain \(.+\), STIGMER_MASTER_KEY \(it is not se/,
  );
});

Deno.test("init takes the key that a variable or its file gives, and keeps no copy", async () => {
  for (const source of ["env", "env-file"]) {
    await using place = await createPlace();
    await place.write("k", KEY.toBase64());
    if (UNIX) await Deno.chmod(`${place.folder}/k`, 0o600);
    const env = source === "env"
      ? { STIGMER_MASTER_KEY: KEY.toHex() }
      : { STIGMER_MASTER_KEY_FILE: `${place.folder}/k` };
    const words = ["init", "--key-source", source, "-o", "json"];
    const { code, stdout } = await place.run(words, { env });
    strictEqual(code, 0);
    const made = JSON.parse(stdout);
    strictEqual(pick(made, "vault.source"), source);
    for await (const { name } of Deno.readDir(place.home)) {
      ok(name !== "master.key", name);
      const bytes = await Deno.readFile(`${place.home}/${name}`)
        .catch(() => new Uint8Array());
      strictEqual(indexOf(bytes, KEY), -1, name);
      const text = new TextDecoder("latin1").decode(bytes);
      strictEqual(text.includes(KEY.toHex()), false, name);
      strictEqual(text.includes(KEY.toBase64()), false, name);
    }
    const [fine, found, quiet] = await status(place, env);
    deepStrictEqual([fine, found.usable, quiet], [0, true, ""]);
    const wrong = { STIGMER_MASTER_KEY: OTHER.toHex() };
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [{}, "is not set"],
      [wrong, "holds key-"],
    ];
    for (const [given, says] of cases) {
      const [code, gone] = await status(place, given);
      deepStrictEqual([code, gone.usable, gone.keyId], [1, false, found.keyId]);
      match(String(gone.problem), /STIGMER_MASTER_KEY(_FILE)?: it /);
      if (source === "env" || given === wrong) {
        match(
          String(gone.problem),
          new RegExp(`STIGMER_MASTER_KEY: it ${says}`),
        );
      }
    }
  }
});

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const start = wanted[0] ?? 0;
  for (
    let at = bytes.indexOf(start);
    at >= 0;
    at = bytes.indexOf(start, at + 1)
  ) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

Deno.test("a key that is given and not used is warned of", async () => {
  await using place = await createPlace();
  const env = { STIGMER_MASTER_KEY: KEY.toHex() };
  const words =
    /Warning: STIGMER_MASTER_KEY is set and not used: the key is in/;
  match((await place.run(["init"], { env })).stderr, words);
  const [code, , stderr] = await status(place, env);
  strictEqual(code, 0);
  match(stderr, words);
  ok(!stderr.includes(KEY.toHex()));
  match(
    (await place.run(["doctor"], { env })).stdout,
    /note +secrets: STIGMER/,
  );
});

Deno.test("a key that would not be used is warned of, with the way to use it", async () => {
  await using place = await createPlace();
  const [code, , stderr] = await status(place, {
    STIGMER_MASTER_KEY: KEY.toHex(),
  });
  strictEqual(code, 0);
  match(stderr, /the key would be in key-file: .* init --key-source env\n$/);
  const [failed, found, quiet] = await status(place, {
    STIGMER_MASTER_KEY: "rubbish",
    STIGMER_KEY_SOURCE: "env",
  });
  deepStrictEqual([failed, quiet, found.source], [1, "", ""]);
  match(String(found.problem), /STIGMER_MASTER_KEY: what it gives is no key/);
});

Deno.test("a key that is no key is refused by its name, never by its text", async () => {
  await using place = await createPlace();
  const { code, stderr } = await place.run(["init"], {
    env: { STIGMER_MASTER_KEY: "hunter2hunter2", STIGMER_KEY_SOURCE: "env" },
  });
  strictEqual(code, 5);
  match(stderr, /STIGMER_MASTER_KEY: what it gives is no key/);
  match(stderr, /openssl rand -base64 32/);
  ok(!stderr.includes("hunter2"));
});

Deno.test("a source that there is not is refused", async () => {
  await using place = await createPlace();
  const words = ["init", "--key-source", "drawer"];
  const { code, stderr } = await place.run(words);
  strictEqual(code, 2);
  match(stderr, /keychain.*env.*env-file.*key-file/);
  const env = { STIGMER_KEY_SOURCE: "drawer" };
  const named = await place.run(["init"], { env });
  strictEqual(named.code, 2);
  match(named.stderr, /"drawer"/);
});

Deno.test("init with another source says how to move the key", async () => {
  await using place = await createPlace();
  await place.run(["init"]);
  const words = ["init", "--key-source", "env"];
  const env = { STIGMER_MASTER_KEY: KEY.toHex() };
  const { code, stderr } = await place.run(words, { env });
  strictEqual(code, 0);
  match(stderr, /stigmer secrets rotate --source env/);
});

Deno.test("a key file that is gone or open is a problem, and none is made over it", async () => {
  await using place = await createPlace();
  await place.run(["init"]);
  const path = `${place.home}/master.key`;
  if (UNIX) {
    await Deno.chmod(path, 0o644);
    const [code, found] = await status(place);
    strictEqual(code, 1);
    match(String(found.problem), /can be read by others, .* chmod 600/);
    const doctor = await place.run(["doctor"]);
    ok(!/back where it was/.test(doctor.stdout), doctor.stdout);
    await Deno.chmod(path, 0o600);
  }
  await Deno.rename(path, `${place.folder}/kept`);
  const gone = await place.run(["init"]);
  strictEqual(gone.code, 1);
  match(gone.stderr, /Master key "key-.*" is needed, .* not to be had/);
  match(
    gone.stderr,
    /Hint: Put that key back .*\nHint: If it is lost for good/,
  );
  ok(!gone.stderr.includes("Next:"), gone.stderr);
  const doctor = await place.run(["doctor"]);
  strictEqual(doctor.code, 1);
  match(doctor.stdout, /problem +secrets: Master key "key-/);
  await Deno.rename(`${place.folder}/kept`, path);
  strictEqual((await status(place))[0], 0);
});

Deno.test("two commands that make the first key at once have the same one", async () => {
  await using place = await createPlace();
  const words = ["init", "-o", "json"];
  const all = await Promise.all([1, 2, 3, 4].map(() => place.run(words)));
  const ids = all.map(({ code, stdout, stderr }) => {
    strictEqual(code, 0, stderr);
    return pick(JSON.parse(stdout), "vault.keyId");
  });
  strictEqual(new Set(ids).size, 1);
  const lines = (await Deno.readTextFile(`${place.home}/master.key`))
    .split("\n").filter((it) => it.startsWith("key-"));
  deepStrictEqual(lines.map((it) => it.split(" ")[0]), [ids[0]]);
});

Deno.test("the status of a new folder makes no key", async () => {
  await using place = await createPlace();
  const { code, stdout } = await place.run(["secrets", "status"]);
  strictEqual(code, 0);
  match(stdout, /Key: +none yet/);
  match(stdout, /Would be in: +key-file: ".*master\.key"/);
  for await (const { name } of Deno.readDir(place.home)) {
    ok(name !== "master.key");
  }
});

Deno.test(
  "a given key is taken, not made; its file is named by its whole path, and said to be open",
  {
    ignore: !UNIX,
  },
  async () => {
    await using place = await createPlace();
    await place.write("k", KEY.toBase64());
    await Deno.chmod(`${place.folder}/k`, 0o644);
    const env = {
      STIGMER_MASTER_KEY_FILE: "k",
      STIGMER_KEY_SOURCE: "env-file",
    };
    await place.run(["secrets", "status"], { env });
    const { stdout, stderr } = await place.run(["init"], { env });
    match(stdout, /^Prepared /);
    match(stderr, /Took your master key key-\w+, .*env-file: "\/.*\/k"/);
    match(stderr, /Give "\/.*\/k" to every command and worker/);
    match(
      stderr,
      /Warning: The key in "\/.*\/k" can be read by others.*chmod 600/,
    );
    await Deno.chmod(`${place.folder}/k`, 0o600);
    const [code, found, quiet] = await status(place, env);
    deepStrictEqual([code, quiet], [0, ""]);
    ok(/^\/.*\/k$/.test(String(found.location)), "a path without quotes");
  },
);
