import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";
import { PROGRAM_ARGS } from "../stigmer_program.ts";

/** Runs doctor, and gives its exit code and the problems it found. */
async function problems(
  place: Place,
  home: string,
): Promise<readonly [number, readonly Record<string, string>[]]> {
  const { code, stdout, stderr } = await place.run(["doctor", "-o", "json"], {
    env: { STIGMER_HOME: home, OLLAMA_HOST: "http://127.0.0.1:9" },
  });
  strictEqual(stderr, "");
  const { checks } = JSON.parse(stdout);
  return [
    code,
    checks.filter((it: { state: string }) => it.state === "problem"),
  ];
}

Deno.test("doctor reports what is broken, each with its way out", async () => {
  await using place = await createPlace();
  await place.write("file", "");
  await place.write("broken/config.yaml", "output: [json\n");
  await place.write("wrong/config.yaml", "output: jsno\n");
  await Deno.mkdir(`${place.folder}/folder/config.yaml`, { recursive: true });
  await place.write("foreign/stigmer.db", "no database at all, but text");
  for (const it of ["broken", "wrong", "folder", "foreign"]) {
    if (Deno.build.os !== "windows") {
      await Deno.chmod(`${place.folder}/${it}`, 0o700);
    }
  }
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["file", "home", /is no folder/],
    ["file/below", "home", /cannot be made: ".*file" is no folder/],
    ["broken", "settings", /Cannot read the configuration/],
    ["wrong", "settings", /cannot be "jsno"/],
    ["foreign", "database", /stigmer\.db/],
  ];
  for (const [home, name, detail] of cases) {
    const [code, found] = await problems(place, `${place.folder}/${home}`);
    strictEqual(code, 1, home);
    const [problem] = found;
    deepStrictEqual([found.length, problem?.name], [1, name], home);
    match(problem?.detail ?? "", detail);
    ok((problem?.fix ?? "") !== "", JSON.stringify(problem));
    if (name === "home") ok(!/init/.test(problem?.fix ?? ""), home);
  }
});

Deno.test({
  name: "doctor never asks for a folder in a place that takes none",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using place = await createPlace();
    const [code, found] = await problems(place, "/proc/x");
    // Not even looking is given to a program that may not do everything.
    deepStrictEqual([code, found.length], [1, 2]);
    for (const { detail, fix } of found) {
      match(detail ?? "", /"\/proc\/x.*is a place of the system/);
      ok(!/init|--allow/.test(fix ?? ""), fix);
    }
  },
});

Deno.test("doctor says that a sound home is sound, database and all", async () => {
  await using place = await createPlace();
  await place.run(["init"]);
  const json = await place.json(["doctor", "-o", "json"]);
  strictEqual(pick(json, "healthy"), true);
  match(JSON.stringify(json), /"integrity","state":"ok"/);
});

Deno.test("doctor says which programs are missing that tasks need", async () => {
  await using place = await createPlace();
  const bare = await place.run(["doctor"], { env: { PATH: "" } });
  match(
    bare.stdout,
    /note +containers: neither docker nor podman is on PATH\n +Install one of them to use "run: container"/,
  );
  match(bare.stdout, /note +python: neither python3 nor python is on PATH/);
  await place.write("bin/podman", "#!/bin/sh\n");
  await place.write("bin/python3", "#!/bin/sh\n");
  const bin = `${place.folder}/bin`;
  for (const it of ["podman", "python3"]) {
    await Deno.chmod(`${bin}/${it}`, 0o755);
  }
  const found = await place.run(["doctor"], { env: { PATH: bin } });
  match(found.stdout, /ok +containers: run by .+\/bin\/podman\n/);
  match(found.stdout, /ok +python: run by .+\/bin\/python3\n/);
});

Deno.test("what needs no home works without one", async () => {
  await using place = await createPlace();
  await place.write(
    "a.yaml",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Environment\nmetadata: {name: a}\n",
  );
  const run = async (words: readonly string[]): Promise<readonly unknown[]> => {
    const { PATH = "", DENO_DIR = "" } = Deno.env.toObject();
    const home = Deno.env.get("HOME") ?? "";
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...PROGRAM_ARGS, ...words],
      cwd: place.folder,
      clearEnv: true,
      env: { PATH, DENO_DIR: DENO_DIR || `${home}/.cache/deno` },
    }).output();
    return [code, new TextDecoder().decode(stderr)];
  };
  const lines = [
    ["validate", "a.yaml"],
    ["validate", "a.yaml", "-o", "json"],
    ["version", "-o", "json"],
    ["completions", "bash"],
    ["agent", "list", "--help"],
  ];
  for (const words of lines) {
    deepStrictEqual(await run(words), [0, ""], words.join(" "));
  }
  const [code, said] = await run(["agent", "list"]);
  strictEqual(code, 2);
  match(`${said}`, /Give one with --home, or set STIGMER_HOME/);
  strictEqual((await run(["doctor"]))[0], 1);
});
