import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { denoDirectory } from "../deno_dir.ts";
import { PROGRAM_ARGS } from "../stigmer_program.ts";
import { createPlace, type Place, type Ran } from "./program.ts";
import { runDeno } from "./run_deno.ts";

const IS_WINDOWS = Deno.build.os === "windows";
/** The variable that names the folder of the user. */
const USER = IS_WINDOWS ? "USERPROFILE" : "HOME";
/** Without these no program runs on Windows. */
const SYSTEM_NAMES = ["PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"] as const;
const WORKFLOW =
  `document: { dsl: 1.0.3, namespace: test, name: echo, version: 1.0.0 }
do: [{ a: { run: { shell: { command: "echo hi" } } } }]
`;

/** Runs the program with these variables and no others. */
function runBare(
  place: Place,
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const system = SYSTEM_NAMES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return runDeno([...PROGRAM_ARGS, ...line.split(" ")], {
    cwd: place.folder,
    clearEnv: true,
    env: {
      ...Object.fromEntries(system),
      DENO_DIR: denoDirectory(),
      STIGMER_KEY_SOURCE: "key-file",
      ...env,
    },
  });
}

/** Whether a folder that is closed to writing is closed to this process. */
async function isBound(): Promise<boolean> {
  if (IS_WINDOWS) return false;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.chmod(folder, 0o500);
    await Deno.writeTextFile(`${folder}/a`, "");
    return false;
  } catch {
    return true;
  } finally {
    await Deno.chmod(folder, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks that a home is refused with the ways out, and that nothing is made. */
async function checkRefused(
  place: Place,
  env: Readonly<Record<string, string>>,
  expected: { readonly code: number; readonly said: RegExp },
): Promise<void> {
  for (const line of ["agent list", "init", "run echo.yaml"]) {
    const { code, stdout, stderr } = await runBare(place, line, env);
    deepStrictEqual([code, stdout], [expected.code, ""], `${line}: ${stderr}`);
    match(stderr, expected.said, line);
    match(stderr, /\nHint: .*--home/, line);
    ok(!/\n +at /.test(stderr), stderr);
  }
  // Doctor is who is asked then.
  const doctor = await runBare(place, "doctor", env);
  strictEqual(doctor.code, 1, doctor.stderr);
  match(doctor.stdout, /--home/);
}

async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("echo.yaml", WORKFLOW);
  return place;
}

Deno.test("without a user's folder a home must be named, and any that is does", async () => {
  await using place = await furnished();
  const said = new RegExp(
    `^Error: Cannot find a home folder: neither STIGMER_HOME nor ${USER} is set\n`,
  );
  await checkRefused(place, {}, { code: 2, said });
  // Another system's variable names nothing here.
  const other = IS_WINDOWS ? "HOME" : "USERPROFILE";
  await checkRefused(place, { [other]: place.folder }, { code: 2, said });
  strictEqual((await runBare(place, "agent list", { [USER]: "" })).code, 2);
  const ways: readonly (readonly [string, Readonly<Record<string, string>>])[] =
    [
      [" --home by-flag", {}],
      ["", { STIGMER_HOME: `${place.folder}/by variable ü` }],
    ];
  for (const [flag, env] of ways) {
    for (
      const line of [
        "init",
        "apply -f echo.yaml",
        "run echo.yaml -q",
        "workflow list",
        "config set output table",
        "export --all -o out.yaml",
        "secrets status",
        "gc",
        "doctor",
      ]
    ) {
      const { code, stderr } = await runBare(place, `${line}${flag}`, env);
      strictEqual(code, 0, `${line}${flag}: ${stderr}`);
    }
  }
  for (const home of ["by-flag", "by variable ü"]) {
    ok((await Deno.stat(`${place.folder}/${home}/stigmer.db`)).isFile);
  }
});

Deno.test("what needs no home asks for none", async () => {
  await using place = await furnished();
  const lines = [
    "version",
    "--help",
    "validate echo.yaml",
    "workflow graph echo.yaml",
    "schema workflow",
    "explain workflow",
    "completions bash",
    "doctor --permissions",
  ];
  for (const line of lines) {
    const { code, stderr } = await runBare(place, line);
    deepStrictEqual([code, stderr], [0, ""], line);
  }
});

Deno.test("a user's folder that is relative is refused, and nothing is made there", async () => {
  await using place = await furnished();
  await checkRefused(place, { [USER]: "some/where" }, {
    code: 2,
    said: new RegExp(`${USER} is "some/where", which is no absolute path\n`),
  });
  deepStrictEqual(
    [...Deno.readDirSync(place.folder)].map(({ name }) => name),
    ["echo.yaml"],
  );
});

Deno.test("a user's folder that is not there is not made", async () => {
  await using place = await furnished();
  const missing = `${place.folder}/nobody`;
  const env = { [USER]: missing };
  for (const line of ["agent list", "init", "run echo.yaml"]) {
    const { code, stderr } = await runBare(place, line, env);
    strictEqual(code, 5, `${line}: ${stderr}`);
    match(stderr, /^Error: Cannot make a home folder: ".*nobody", which /);
    match(stderr, /\nHint: Give one with --home, or set STIGMER_HOME\n/);
  }
  ok(
    ![...Deno.readDirSync(place.folder)].some(({ name }) => name === "nobody"),
  );
  await Deno.mkdir(missing);
  strictEqual((await runBare(place, "init", env)).code, 0);
  ok((await Deno.stat(`${missing}/.stigmer/stigmer.db`)).isFile);
});

Deno.test("a user's folder that cannot be written is told, with the ways out", async () => {
  if (!await isBound()) {
    console.warn("Skipped: this user may write into every folder");
    return;
  }
  await using place = await furnished();
  const closed = `${place.folder}/closed`;
  await Deno.mkdir(closed, { mode: 0o500 });
  await checkRefused(place, { [USER]: closed }, {
    code: 4,
    said:
      /^Error: Cannot .*closed\/\.stigmer\/stigmer\.db": access is denied\n/,
  });
});

Deno.test("an empty --home is refused: it would be the folder in force", async () => {
  await using place = await createPlace();
  const { code, stderr } = await place.run(["init", "--home", ""]);
  strictEqual(code, 2);
  match(stderr, /^Error: Option "--home" cannot be empty\nHint: Name a folder/);
  deepStrictEqual([...Deno.readDirSync(place.folder)], []);
});
