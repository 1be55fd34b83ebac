import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FFI } from "../drivers.ts";
import { offeredWith } from "./offered.ts";
import { createPlace } from "./program.ts";

const PROGRAM = fileURLToPath(new URL("../../src/mod.ts", import.meta.url));

Deno.test("config sets, shows and removes keys, and keeps comments", async () => {
  await using place = await createPlace();
  const path = `${place.home}/config.yaml`;
  await place.write("home/config.yaml", "# mine\nmodel: a/b # why\n");
  strictEqual((await place.run(["config", "path"])).stdout, `${path}\n`);
  await place.run(["config", "set", "output", "json"]);
  await place.run(["config", "set", "backend.local.db_path", "./x/my.db"]);
  strictEqual(
    await Deno.readTextFile(path),
    "# mine\nmodel: a/b # why\noutput: json\n" +
      "backend:\n  local:\n    db_path: ./x/my.db\n",
  );
  const output = JSON.parse(
    (await place.run(["config", "get", "output"])).stdout,
  );
  deepStrictEqual(output, { key: "output", value: "json", origin: "config" });
  const flag = await place.run(["config", "get", "output", "-o", "table"]);
  strictEqual(flag.stdout, "table\n");
  await place.run(["config", "set", "output", ""]);
  const unset = await place.run(["config", "get", "output"]);
  deepStrictEqual([unset.code, unset.stdout], [0, "table\n"]);
  deepStrictEqual(
    JSON.parse(
      (await place.run(["config", "get", "color", "-o", "json"])).stdout,
    ),
    { key: "color", value: "auto", origin: "default" },
  );
  strictEqual((await place.run(["config", "set", "output", "x"])).code, 2);
});

Deno.test("the database may be elsewhere", async () => {
  await using place = await createPlace();
  const path = `${place.folder}/x/my.db`;
  await Deno.mkdir(`${place.folder}/x`);
  await place.run(["config", "set", "backend.local.db_path", path]);
  await place.run(["env", "create", "a"]);
  strictEqual((await Deno.stat(path)).isFile, true);
});

Deno.test("the local backend may use SQLite of the system", {
  ignore: "missing" in FFI,
}, async () => {
  if ("missing" in FFI) return;
  await using place = await createPlace();
  const none = `${place.folder}/none.so`;
  const env = { STIGMER_SQLITE_DRIVER: "", STIGMER_SQLITE_LIBRARY: "" };
  const library = `${FFI.library},${none}`;
  const run = (...words: readonly string[]) =>
    place.run(words, { env, library });
  await run("config", "set", "backend.local.driver", "ffi");
  await run("config", "set", "backend.local.library", FFI.library ?? "");
  strictEqual((await run("env", "create", "a")).code, 0);
  const healthy = await run("doctor");
  const found = healthy.stdout.split("\n").find((it) => it.includes("opens"));
  ok(found?.includes(`from "${FFI.library}" (driver ffi)`), healthy.stdout);
  // The same file, by the other driver.
  await run("config", "set", "backend.local.driver", "node");
  match((await run("env", "list")).stdout, /^a\b/m);
  match((await run("doctor")).stdout, /opens, SQLite .* \(driver node\)/);
  await run("config", "set", "backend.local.driver", "ffi");
  await run("config", "set", "backend.local.library", none);
  const missing = await run("env", "list");
  strictEqual(missing.code, 2);
  ok(missing.stderr.includes(`Cannot load SQLite from "${none}": `));
  match(missing.stderr, /Hint: Name another one with backend\.local\.library/);
  match((await run("doctor")).stdout, /problem +database: Cannot load SQLite/);
});

Deno.test("SQLite of the system needs leave for that library alone", {
  ignore: "missing" in FFI,
}, async () => {
  if ("missing" in FFI) return;
  const { library = "" } = FFI;
  await using place = await createPlace();
  const list = async (...flags: readonly string[]) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        "--allow-env",
        ...flags,
        PROGRAM,
        "env",
        "list",
      ],
      env: {
        STIGMER_HOME: place.home,
        STIGMER_SQLITE_DRIVER: "ffi",
        STIGMER_SQLITE_LIBRARY: library,
      },
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  };
  const allowed = await list(`--allow-ffi=${library}`);
  strictEqual(allowed.code, 0, allowed.stderr);
  for (const flags of [[], ["--deny-ffi"], ["--allow-ffi=/elsewhere.so"]]) {
    const refused = await list(...flags);
    strictEqual(refused.code, 4);
    ok(refused.stderr.includes(`Run Deno with --allow-ffi="${library}"`));
  }
});

Deno.test("a configuration that breaks its rule is named, exit 2", async () => {
  await using place = await createPlace();
  await place.write("c.yaml", "output: jsn\n");
  const ran = await place.run(["agent", "list", "--config", "c.yaml"]);
  strictEqual(ran.code, 2);
  match(ran.stderr, /Key "output" in ".*c\.yaml" cannot be "jsn"/);
  const none = await place.run(["agent", "list", "--config", "none.yaml"]);
  strictEqual(none.code, 3);
});

Deno.test("doctor says what is wrong and how to fix it", async () => {
  await using place = await createPlace();
  const env = { PATH: "/nonexistent", OLLAMA_HOST: "127.0.0.1:9" };
  const fresh = await place.run(["doctor"], { env });
  strictEqual(fresh.code, 0, fresh.stderr);
  match(fresh.stdout, /note +home: .* is not there yet\n +Prepare it with/);
  match(fresh.stdout, /note +ollama: does not answer at http:\/\/127.0.0.1:9/);
  await place.run(["init"]);
  if (Deno.build.os !== "windows") {
    await Deno.chmod(place.home, 0o755);
    const open = await place.run(["doctor", "-o", "json"], { env });
    strictEqual(open.code, 1);
    const json = JSON.parse(open.stdout);
    strictEqual(json.healthy, false);
    match(json.checks[1].fix, /chmod 700/);
    await Deno.chmod(place.home, 0o700);
  }
  await Deno.writeTextFile(`${place.home}/stigmer.db`, "this is no database");
  const broken = await place.run(["doctor"], { env });
  strictEqual(broken.code, 1);
  match(broken.stdout, /problem +database: /);
});

Deno.test("colour goes where it is wanted", async () => {
  await using place = await createPlace();
  const cases: readonly (readonly [
    readonly string[],
    Record<string, string>,
    boolean,
  ])[] = [
    [[], {}, false],
    [["--color", "always"], {}, true],
    [[], { CLICOLOR_FORCE: "1" }, true],
    [[], { CLICOLOR_FORCE: "1", NO_COLOR: "1" }, false],
  ];
  for (const [words, env, colored] of cases) {
    const { stderr } = await place.run(["nope", ...words], { env });
    strictEqual(stderr.includes("\x1b["), colored, JSON.stringify(env));
  }
});

Deno.test("completions come as scripts, and know names and files", async () => {
  await using place = await createPlace();
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { code, stdout } = await place.run(["completions", shell]);
    strictEqual(code, 0, shell);
    match(stdout, /stigmer[^\n]* complete /, shell);
    const said = await place.run(["completions", shell, "-o", "script"]);
    deepStrictEqual([said.code, said.stdout], [0, stdout]);
  }
  const complete = async (...words: string[]): Promise<string> =>
    (await place.run(["complete", "--", ...words])).stdout;
  match(await complete("ag"), /^agent\tDefine agents[^]*:4\n$/);
  match(await complete("agent", "cr"), /^create\tCreate an agent\n:4\n$/);
  match(await complete("agent", "list", "--li"), /^--limit\t/);
  match(
    await complete("agent", "list", "-o", "js"),
    /^json\t\njsonl\t\njsonpath=\t\n:4\n$/,
  );
  strictEqual(await complete("apply", "-f", ""), ":0\n");
  strictEqual(await complete("env", "get", ""), ":4\n");
  await place.run(["env", "create", "staging"]);
  strictEqual(
    await offeredWith("staging", { place, words: ["env", "get", ""] }),
    "staging\tenvironment\n:4\n",
  );
});
