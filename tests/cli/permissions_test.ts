import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sqlitePlaces } from "../../src/host/sqlite_places.ts";
import { systemHost } from "../../src/host/system.ts";
import { createPlace, type Place, type Ran } from "./program.ts";
import { runDeno } from "./run_deno.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = `${ROOT}src/mod.ts`;

/** Runs a program of Deno with some flags alone. */
function runWith(
  flags: readonly string[],
  words: readonly string[],
  place: Place,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return runDeno(["run", "--no-prompt", "--quiet", ...flags, ...words], {
    cwd: place.folder,
    env: {
      NO_COLOR: "1",
      STIGMER_HOME: place.home,
      STIGMER_KEY_SOURCE: "key-file",
      ...env,
    },
  });
}

Deno.test("doctor --permissions shows what a process may do that may do little", async () => {
  await using place = await createPlace();
  // The temporary folder itself may be a link.
  const folder = await Deno.realPath(place.folder);
  const ran = await runWith(
    [
      `--allow-read=${ROOT},${folder}`,
      `--allow-write=${folder}/home`,
      "--allow-net=127.0.0.1,example.com",
      "--allow-env",
      "--allow-run=git",
      "--allow-sys=hostname",
      "--deny-ffi",
    ],
    [PROGRAM, "doctor", "--permissions"],
    place,
    {
      STIGMER_HOME: `${folder}/home`,
    },
  );
  deepStrictEqual([ran.code, ran.stderr], [0, ""]);
  strictEqual(
    ran.stdout.slice(0, ran.stdout.indexOf("\n\n")),
    `PERMISSION  HELD
read        ${folder}/home, ${folder}
write       ${folder}/home
net         127.0.0.1, 127.0.0.1:11434
env         everything
run         git
sys         hostname
ffi         nothing that Stigmer uses
import      nothing that Stigmer uses`,
  );
});

Deno.test("doctor --permissions shows the library that may be called", async () => {
  await using place = await createPlace();
  const [library = ""] = sqlitePlaces(systemHost());
  const own = `${place.folder}/libsqlite3.so`;
  for (
    const [path, env] of [
      [library, {}],
      [library, { STIGMER_SQLITE_DRIVER: "ffi" }],
      [own, { STIGMER_SQLITE_DRIVER: "ffi", STIGMER_SQLITE_LIBRARY: own }],
    ] as const
  ) {
    const flags = ["--allow-read", "--allow-env", `--allow-ffi=${path}`];
    const words = [PROGRAM, "doctor", "--permissions"];
    const { stdout, stderr } = await runWith(flags, words, place, env);
    strictEqual(/^ffi +(.*)$/m.exec(stdout)?.[1], path, stderr);
  }
});

Deno.test("doctor --permissions shows what the executable may do", async () => {
  await using place = await createPlace();
  const json = await place.json(["doctor", "--permissions", "-o", "json"]);
  const { permissions } = json as {
    permissions: { name: string; held: string; scopes: string[] }[];
  };
  deepStrictEqual(
    permissions.map(({ name, held, scopes }) =>
      [name, held, ...scopes].join(" ")
    ),
    [
      "read all",
      "write all",
      "net all",
      "env all",
      "run all",
      "sys some hostname statfs uid",
      "ffi none",
      "import none",
    ],
  );
});

Deno.test("what a process may not do is told by the act and the flag for it, exit 4", async () => {
  await using place = await createPlace();
  await place.write("agent.yaml", AGENT);
  await place.write("tool.yaml", TOOLS);
  strictEqual((await place.run(["apply", "-f", "tool.yaml"])).code, 0);
  const store = ["--allow-read", "--allow-env", "--allow-write"];
  const cases:
    readonly (readonly [readonly string[], string, RegExp, string])[] = [
      [[], "version", /^Error: Cannot read the program: /, "--allow-read"],
      [
        ["--allow-read"],
        "agent list",
        /^Error: Cannot read the variable "STIGMER_HOME": /,
        "--allow-env",
      ],
      [
        ["--allow-read", "--allow-env"],
        "init",
        /^Error: Cannot use database ".*stigmer\.db": /,
        "--allow-write",
      ],
      [
        [`--allow-read=${ROOT}`, "--allow-env", "--allow-write"],
        "validate agent.yaml",
        /^Error: Cannot read ".*agent\.yaml": /,
        "--allow-read",
      ],
      [
        store,
        "agent list --endpoint http://127.0.0.1:7999",
        /^Error: Cannot connect to "127\.0\.0\.1:7999": /,
        "--allow-net",
      ],
      [
        [...store, "--allow-net"],
        "mcp tools tools",
        /^Error: Cannot .*tool\.sh/,
        "--allow-run",
      ],
      [
        store,
        "server --insecure --listen 127.0.0.1:0",
        /^Error: Cannot listen on "127\.0\.0\.1:0": /,
        "--allow-net",
      ],
    ];
  await place.write("tool.sh", "#!/bin/sh\n");
  await Deno.chmod(`${place.folder}/tool.sh`, 0o755);
  for (const [flags, line, said, flag] of cases) {
    const ran = await runWith(flags, [PROGRAM, ...line.split(" ")], place);
    strictEqual(ran.code, 4, `${line}: ${ran.stderr}`);
    match(ran.stderr, said, line);
    match(ran.stderr, new RegExp(`\\nHint: .*${flag}\\b`), line);
    ok(!/NotCapable|\n +at /.test(ran.stderr), ran.stderr);
  }
});

Deno.test("doctor --permissions needs no more than to read the program", async () => {
  await using place = await createPlace();
  const line = ["doctor", "--permissions"];
  const ran = await runWith([`--allow-read`], [PROGRAM, ...line], place);
  strictEqual(ran.code, 0, ran.stderr);
  match(ran.stdout, /^env +nothing that Stigmer uses$/m);
  const doctor = await runWith(["--allow-read"], [PROGRAM, "doctor"], place);
  strictEqual(doctor.code, 1, doctor.stderr);
  match(doctor.stdout, /^problem +settings: Cannot read the environment: /m);
  match(doctor.stdout, /^ +Start it with --allow-env$/m);
});

Deno.test("doctor says what it may not do, and not that nothing is there", async () => {
  await using place = await createPlace();
  const flags = ["--allow-read", "--allow-env", "--allow-write", "--allow-sys"];
  const { stdout } = await runWith(flags, [PROGRAM, "doctor"], place);
  match(
    stdout,
    /ollama: this program may not call http:\/\/127\.0\.0\.1:11434$/m,
  );
  match(stdout, /tool servers: this program may not start /);
});

Deno.test("a task that may not says so in our words, with the flag", async () => {
  await using place = await createPlace();
  const flags = ["--allow-read", "--allow-env", "--allow-write", "--allow-sys"];
  const cases = [
    [
      "run: { shell: { command: echo hi } }",
      /Cannot run command "echo hi": this program may not start "\/bin\/sh", for which it takes --allow-run$/m,
    ],
    [
      "{ call: http, with: { method: get, endpoint: 'http://127.0.0.1:7999/' } }",
      /failed: this program may not connect to "127\.0\.0\.1:7999", for which it takes --allow-net$/m,
    ],
  ] as const;
  for (const [task, says] of cases) {
    await place.write("one.yaml", taskOf(task));
    const words = [PROGRAM, "run", "one.yaml"];
    const { code, stderr } = await runWith(flags, words, place);
    strictEqual(code, 1, stderr);
    match(stderr, says);
    ok(!/run again with/.test(stderr), stderr);
  }
});

/** A workflow of one task. */
function taskOf(task: string): string {
  return `document: { dsl: 1.0.3, namespace: a, name: one, version: 0.1.0 }
do: [{ it: ${task.startsWith("{") ? task : `{ ${task} }`} }]
`;
}

const AGENT = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: parrot }
spec: { instructions: Say what you hear., model: "script:script.yaml" }
`;
const TOOLS = `apiVersion: agentic.stigmer.ai/v1
kind: McpServer
metadata: { name: tools }
spec: { stdio: { command: ./tool.sh } }
`;
